"""The web application of teachers, principals, administrators and parents."""
