"""Asterisk's configuration as templates, and how Asterisk is obtained, run and checked."""
