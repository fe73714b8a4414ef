"""Who may go on following a student: whom the school knows, ending a subscription, and telling people of it."""
