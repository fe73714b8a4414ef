"""Which telephones to call now, for campaigns and the outbox alike, and what became of each attempt."""
