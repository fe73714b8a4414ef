"""The pages of a class teacher: the class, each student, and who follows."""

from admin_web.own_class import absences, followers
from admin_web.own_class.views import own_class_pages

__all__ = ["absences", "followers", "own_class_pages"]
