"""A person's voice: what they read, how a long recording is taken apart, and how a take is made ready."""
