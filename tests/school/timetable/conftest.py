"""Two small schools for the tests of this room."""

from tests.school.students.small_schools import elsewhere, here, session

__all__ = ["elsewhere", "here", "session"]
