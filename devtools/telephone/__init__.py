"""A telephone made with baresip, so that it is not our own code: it calls, presses keys and listens."""
