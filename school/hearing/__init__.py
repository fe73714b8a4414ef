"""What parents may hear by telephone: access, records as typed rows, and the log of calls."""
