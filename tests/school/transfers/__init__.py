"""Students who go to another school of the platform."""
