"""Tables, sessions, migrations and demonstration data."""
