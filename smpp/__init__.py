"""SMS: links to operators, the gateway process, text commands to the short code."""
