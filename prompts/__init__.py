"""Bulgarian text to clips on disk: phrases, grammar, voices and rendering. It knows no school and no database."""
