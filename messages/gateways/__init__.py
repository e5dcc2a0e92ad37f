"""Everything outside the process; speaks plain values, never models."""
