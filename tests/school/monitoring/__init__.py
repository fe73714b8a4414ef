"""Tests of what people see of the platform itself."""
