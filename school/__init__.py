"""What happens at a school: the rules every door shares."""
