"""Bulgarian text to clips on disk: catalogue, grammar, voices and rendering. Knows no school and no database."""
