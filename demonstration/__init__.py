"""The demonstration school in a database: loading it, keeping it fresh, and telling who is there."""

from demonstration.loading import load, load_into_empty
from demonstration.report import describe, log_ins, who_to_try

__all__ = ["describe", "load", "load_into_empty", "log_ins", "who_to_try"]
