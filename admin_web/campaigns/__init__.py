"""Pages of campaigns: prepare, listen, confirm, watch, pause or stop, and read the report."""
