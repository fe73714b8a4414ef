"""Who works at a school, and what each of them may record or manage."""
