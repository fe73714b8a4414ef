"""What subscribers read, and how every text of ours is said in the language of its reader (`translation`)."""
