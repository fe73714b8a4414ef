"""The audit trail: what was changed, by whom and when."""

from school.audit.trail import row, write, write_many

__all__ = ["row", "write", "write_many"]
