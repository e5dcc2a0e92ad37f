"""Pages of the staff, on Flask-Admin."""
