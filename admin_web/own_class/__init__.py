"""The pages of a class teacher: the class, each student, and who follows."""

from admin_web.own_class import absences, followers, messages
from admin_web.own_class.views import own_class_pages

__all__ = ["absences", "followers", "messages", "own_class_pages"]
