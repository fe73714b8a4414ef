"""School years, terms and vacations: where a date falls."""
