"""The commands of `eschool` that belong to no process, one file for each group."""
