"""What parents tell class teachers by telephone: keeping it, hearing it, and for how long it is there."""
