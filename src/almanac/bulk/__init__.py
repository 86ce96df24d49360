"""Snapshots and deltas of the whole corpus as files, and the copies that partners keep of it."""
