"""E-mail: the sender process and its templates."""
