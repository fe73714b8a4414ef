"""Two small schools for the tests of this room, and a speech engine that may fail."""

from tests.prompts.conftest import google
from tests.school.students.small_schools import elsewhere, here, session

__all__ = ["elsewhere", "google", "here", "session"]
