"""Weekly summaries and reminders, composed by the clock."""
