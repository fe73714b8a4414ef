"""The teacher's pages: today's lessons, and one screen per lesson."""
