"""Voice: the FastAGI server, the dialogues that callers walk through, and the dialer for outbound calls."""
