"""The demonstration school: loading it, keeping it up to date, and describing who is there."""

from demonstration.loading import load, load_into_empty
from demonstration.report import describe, log_ins, who_to_try

__all__ = ["describe", "load", "load_into_empty", "log_ins", "who_to_try"]
