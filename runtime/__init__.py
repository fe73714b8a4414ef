"""What every process shares: signals, periodic work, local time."""
