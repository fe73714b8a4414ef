"""The demonstration school and the benches' schools as rows for the database."""
