"""What happens at a school: the rules that all entrances share, one package for each topic."""
