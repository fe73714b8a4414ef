"""A person's voice for the telephone: what is recorded, by whom, and which of it callers hear."""
