"""The treasurer's book of bills, and what came in by service and month."""
