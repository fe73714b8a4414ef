"""Which telephones are to be rung now, for campaigns and the outbox alike, and what became of each attempt."""
