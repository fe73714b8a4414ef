"""Calls to parents: prepare, listen, confirm, watch, steer, report."""
