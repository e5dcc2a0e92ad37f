"""The ways out and in: one file a gateway, which speaks plain values and knows no table."""
