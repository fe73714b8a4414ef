"""Signing in and out, passwords, sessions, the second factor."""
