"""When parents may be called, and what follows when a call has ended."""
