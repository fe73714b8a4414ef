"""When parents may be rung, and what follows when a call ended."""
