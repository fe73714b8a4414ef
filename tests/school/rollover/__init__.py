"""Going over to the next school year."""
