"""From rows of the outbox to gateways, and back from their reports to the rows."""
