"""The API of the school's other systems: JSON over tokens, described by the OpenAPI document it serves."""

from admin_web.api.views import api

__all__ = ["api"]
