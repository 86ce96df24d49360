-- What a session that reads a whole list needs: room to sort, no compiling, and time to pack between two queries.
select set_config('work_mem', '256MB', false), set_config('jit', 'off', false),
       set_config('idle_in_transaction_session_timeout', '15min', false)
