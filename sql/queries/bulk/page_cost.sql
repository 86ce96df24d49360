-- Tells the planner, until the transaction ends, what a page out of order costs: 4 to read tables through, 1 to fetch by key.
-- params: cost
select set_config('random_page_cost', $1::text, true)
