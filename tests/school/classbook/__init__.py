"""A teacher's day: lessons, sheets, saving."""
