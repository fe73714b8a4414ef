"""The timetable: its versions, the lessons of a date, groups, bells, conflicts and substitutions."""
