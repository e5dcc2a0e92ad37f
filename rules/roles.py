"""The one post that code knows by name: all others, and what they may, are in `office.toml`."""

PELANGGAN = "pelanggan"
