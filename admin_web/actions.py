"""Carrying out what a form asks for, and showing the person how it went."""

from collections.abc import Callable

from flask import flash
from sqlalchemy.orm import Session

from admin_web.database import writing
from admin_web.translations import told
from errors import ForbiddenError, InputError, MissingError


def done(act: Callable[[Session], object], words: str | Callable[[], str]) -> bool:
    """Do something in a transaction of its own; then the page says `words`, or why it could not be done.

    `words` that depend on what became of it are asked for once it is done.
    """
    try:
        with writing() as session:
            act(session)
    except (ForbiddenError, MissingError):
        raise  # a page of its own: there is nothing here to be put right
    except InputError as error:
        flash(told(error), "error")
        return False
    flash(words if isinstance(words, str) else words(), "done")
    return True
