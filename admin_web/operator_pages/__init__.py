"""The platform operator's pages: schools, requests to join, queues, links, errors; and figures for monitoring."""
