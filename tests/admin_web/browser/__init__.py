"""People at the pages, in Debian's Chromium, against the application as it runs."""
