"""Who follows whom: subscribing, stopping, choosing what to be told, and requests that a class teacher decides."""
