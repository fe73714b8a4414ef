"""A mail server for trying out: it keeps every letter in <home>/mail and sends none on."""
