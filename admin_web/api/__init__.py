"""The API for the school's other systems: JSON, authorised by tokens, described by the OpenAPI document it serves."""

from admin_web.api.views import api

__all__ = ["api"]
