"""`make bench-web`: the pages with the data of a platform and with that of one school."""
