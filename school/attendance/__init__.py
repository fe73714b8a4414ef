"""What families do about absences: notices that excuse, the warning before child benefit is lost, the day at school."""
