"""The API of the school's other systems."""
