"""Dates of a form, as every page reads them."""

from datetime import date

from flask import request

from errors import InputError


def date_field(name: str) -> date | None:
    """A date of the form; None: it was left empty. Raises InputError."""
    text = request.form.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError("“{text}” is not a date: write it like 23.11.2012.", text=text[:40]) from None


def needed_date(name: str) -> date:
    """A date of the form. Raises InputError when it was left empty."""
    found = date_field(name)
    if found is None:
        raise InputError("A date is missing: fill it in.")
    return found
