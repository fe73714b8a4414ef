"""How long data are kept, what expires, and how a person is erased."""
