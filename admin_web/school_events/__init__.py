"""Meetings and school events: announcing, correcting and cancelling them."""
