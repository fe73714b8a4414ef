"""Real telephones call the whole product: Asterisk, the voice server, the database, the clips."""
