"""A small SMSC for trying the product without an operator, and the telephones behind it."""
