"""Pages on which a school's leaders set it up: years, classes, subjects, staff, lists and settings."""

from admin_web.setup_pages import (
    classes,
    identity,
    import_check,
    import_columns,
    import_grades,
    importing,
    leaving,
    overview,
    second_factor,
    staff,
    students,
    subjects,
    teaching,
    telling,
    transfers,
    year,
)
from admin_web.setup_pages.blueprint import setup_pages

__all__ = [
    "classes",
    "identity",
    "import_check",
    "import_columns",
    "import_grades",
    "importing",
    "leaving",
    "overview",
    "second_factor",
    "setup_pages",
    "staff",
    "students",
    "subjects",
    "teaching",
    "telling",
    "transfers",
    "year",
]
