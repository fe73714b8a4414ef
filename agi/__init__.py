"""Voice: the FastAGI server, the dialogues a caller walks through, the dialer of outbound calls."""
