"""Bulgarian grammar as pure functions from values to text: numerals, counted nouns, dates, times and grades."""
