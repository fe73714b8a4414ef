"""One entry of the class book: its history, correcting and deleting it."""
