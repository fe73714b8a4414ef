"""SMS: links to operators, the gateway process, and what parents text to the short code."""
