"""What a partner runs to keep a copy of any Almanac: packages over HTTP, a copy in a file, and the proof that it is right.

Knows nothing of the server's code: what it needs of tables and order stands in the manifests.
"""
