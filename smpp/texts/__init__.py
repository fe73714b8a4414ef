"""What parents write to the short code, and what they are answered."""
