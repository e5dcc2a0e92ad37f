"""What falls on which day: on a page, and for the calendars of those who work here."""
