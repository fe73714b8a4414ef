"""A small SMSC for trying out without an operator, and the telephones behind it."""
