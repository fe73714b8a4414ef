"""The web: what people see and may do there."""
