"""What subscribers read, in Bulgarian and in English: the only place with such sentences."""
