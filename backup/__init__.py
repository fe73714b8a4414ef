"""Backups: the database and what cannot be made anew in the home, in one encrypted file; and restoring them."""
