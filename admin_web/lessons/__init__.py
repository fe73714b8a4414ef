"""The teacher's pages: today's lessons, and one sheet for each lesson."""
