"""The class book: the only way to record, correct, delete and excuse what teachers write about students."""
