"""Where messages leave the process and come in; speaks plain values, never models."""
