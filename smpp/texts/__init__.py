"""What parents text to the short code, and how it is answered."""
