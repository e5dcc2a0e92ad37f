"""Tables, constraints, indexes and scopes."""
