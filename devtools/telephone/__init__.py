"""A telephone that is not this project's code (baresip), driven by ours: it calls, presses keys and listens."""
