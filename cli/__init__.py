"""The command line of a school, one file a group of commands."""
