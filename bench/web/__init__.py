"""`make bench-web`: the pages over a platform's data and over one school's."""
