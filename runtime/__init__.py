"""What every process needs and what knows no school: signals, periodic work, batches, local time, the Procfile."""
