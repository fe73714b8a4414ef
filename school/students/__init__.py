"""Students, their ID-codes, labels, guardians and national identity numbers."""
