"""Makes the files of exports: the rows of a list in the words of `web`, written by what writes `bulk`."""
