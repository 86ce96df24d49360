-- Holds back every other publish until it is let go: for who decides on what is published.
select pg_advisory_lock(7018351)
