"""The store: the only place that knows PostgreSQL and Redis."""
