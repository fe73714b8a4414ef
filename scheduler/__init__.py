"""Scheduled jobs: when each one runs, and which of several hosts runs it."""
