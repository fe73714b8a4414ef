"""The class book: what teachers record about students, corrected, deleted, excused, and told to parents, in one way."""
