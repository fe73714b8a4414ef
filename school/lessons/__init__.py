"""A teacher's day: which lessons there are, what stands in one lesson's sheet, and saving it at once."""

from school.lessons.saving import Entry, EntryError, HandedIn, SavedBeforeError, SavedLesson, save_lesson
from school.lessons.sheet import GradeOnSheet, Sheet, SheetRow, read_sheet
from school.lessons.timetable import Lesson, TaughtClass, lessons_on, taught_classes

__all__ = [
    "Entry",
    "EntryError",
    "GradeOnSheet",
    "HandedIn",
    "Lesson",
    "SavedBeforeError",
    "SavedLesson",
    "Sheet",
    "SheetRow",
    "TaughtClass",
    "lessons_on",
    "read_sheet",
    "save_lesson",
    "taught_classes",
]
