"""E-mail: composing letters, the sender process, and a mail server for trying it."""
