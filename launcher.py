"""Starts and watches all processes together."""
