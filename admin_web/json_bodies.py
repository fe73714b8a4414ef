"""JSON that programs and scripts of pages send: what nobody could read is their mistake, not ours."""

from typing import Any

from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import BadRequest


class Provider(DefaultJSONProvider):
    """Flask's own, but that a body nested deeper than Python can read is answered with 400."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The value. Raises ValueError for what is no JSON, BadRequest for what is too deep."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise BadRequest("The JSON is nested too deeply.") from None
