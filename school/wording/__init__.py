"""The wording of messages and letters, and the translation of every text of ours (`translation`)."""
