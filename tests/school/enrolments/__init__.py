"""Which class a student is in on each day."""
