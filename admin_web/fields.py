"""A form's field on a page: label, hint, input and errors, tied together for screen readers."""

from typing import Any

from markupsafe import Markup


def field(one: Any, hint: str = "", **attributes: Any) -> Markup:
    """A WTForms field as HTML; `attributes` go to its input."""
    described = []
    if hint:
        described.append(f"{one.id}-hint")
    if one.errors:
        described.append(f"{one.id}-error")
        attributes["aria-invalid"] = "true"
    if described:
        attributes["aria-describedby"] = " ".join(described)
    parts = [one.label()]
    if hint:
        parts.append(Markup('<span class="hint" id="{}-hint">{}</span>').format(one.id, hint))
    parts.append(one(**attributes))
    if one.errors:
        said = " ".join(map(str, one.errors))
        parts.append(Markup('<span class="wrong" id="{}-error">{}</span>').format(one.id, said))
    return Markup('<div class="field">{}</div>').format(Markup("\n").join(parts))
