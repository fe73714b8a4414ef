"""Free text as a person would read it aloud: numerals, dates, hours, money, abbreviations, foreign words.

Pure functions from text to text. A text of plain Bulgarian words stays as it is, byte for byte.
"""

from prompts.reading.whole import read

__all__ = ["read"]
