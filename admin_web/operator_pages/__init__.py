"""The pages of the platform's operator."""

from admin_web.operator_pages import second_factor, views
from admin_web.operator_pages.views import operator_pages

__all__ = ["operator_pages", "second_factor", "views"]
