"""The demonstration school, and the schools of benches, as rows for the database."""
