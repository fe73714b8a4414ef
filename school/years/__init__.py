"""School years, terms and vacations, and where a date falls."""
