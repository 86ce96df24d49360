-- What a session that reads everything needs: room to sort, no compiling, time to pack what is copied out.
-- Plans are for what is asked and follow an index: one process at a time does not sort what others wait for.
select set_config('work_mem', '256MB', false), set_config('jit', 'off', false),
       set_config('statement_timeout', '0', false), set_config('idle_in_transaction_session_timeout', '15min', false),
       set_config('plan_cache_mode', 'force_custom_plan', false),
       set_config('random_page_cost', '1.1', false), set_config('max_parallel_workers_per_gather', '0', false)
