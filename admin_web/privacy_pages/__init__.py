"""The rights of the people in it: a copy of what is stored of them, and erasing them. Leaders only."""
