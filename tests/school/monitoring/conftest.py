"""A platform with two schools for the tests of this room, and a session that is rolled back."""

from tests.school.students.small_schools import elsewhere, here, session

__all__ = ["elsewhere", "here", "session"]
