"""Going over to the next school year: decisions class by class, a list held against them, a preview, and one click."""

from admin_web.rollover_pages import afterwards, listed, views
from admin_web.rollover_pages.blueprint import rollover_pages

__all__ = ["afterwards", "listed", "rollover_pages", "views"]
