"""A mail server for trying the product: it keeps every letter in <home>/mail and forwards none."""
