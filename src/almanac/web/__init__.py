"""HTTP: one table of operations makes the routes and the contract."""
