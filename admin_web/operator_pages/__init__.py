"""The platform operator's pages: schools, requests to join, queues, processes, errors and scheduled jobs."""
