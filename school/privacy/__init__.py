"""How long data is kept, what expires, and how a person is erased."""
