"""A form's field on a page: label, hint, input and errors, tied together for screen readers."""

from collections.abc import Callable
from typing import Any

from markupsafe import Markup
from wtforms.validators import ValidationError

from admin_web.translations import told
from errors import InputError


class Ruled:
    """A field's validator that is a rule of the school: the page shows the rule's own sentence, as all doors do."""

    def __init__(self, rule: Callable[[str], object], *, required: bool = False, maxlength: int | None = None) -> None:
        """`required` and `maxlength` are for the browser, which then says so before the form is sent."""
        self._rule = rule
        self.field_flags = {name: value for name, value in (("required", required), ("maxlength", maxlength)) if value}

    def __call__(self, _form: Any, one: Any) -> None:
        """Raises ValidationError with the rule's sentence."""
        try:
            self._rule(one.data or "")
        except InputError as error:
            raise ValidationError(told(error)) from None


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
