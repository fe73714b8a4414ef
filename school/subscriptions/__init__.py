"""Who follows whom: subscribing and stopping by text, requests that a class teacher decides."""
