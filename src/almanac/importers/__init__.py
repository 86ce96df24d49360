"""Importers: a publisher's file in, a batch and a report of everything that was not plain out.

`sheets` opens workbooks, `profiles` recognises a header, `cells` reads cells, `table` puts these together for any
publisher, `identity` says which company a row is about. A publisher's own module holds its profiles and its rules.
"""
