"""Campaigns: calls to the families of a class, a level or the whole school, and what the families answer."""
