"""Friday's summaries and reminders of meetings, written by scheduled jobs."""
