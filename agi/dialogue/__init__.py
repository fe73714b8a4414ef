"""What a caller walks through, as pure state machines: no Asterisk, no database, no clock of their own."""
