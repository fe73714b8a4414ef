"""The state of every process, what scheduled jobs did, and figures for monitoring. No child's data."""
