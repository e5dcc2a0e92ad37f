"""Finding rows by what people type: one index of requests, one of people, the same words."""
