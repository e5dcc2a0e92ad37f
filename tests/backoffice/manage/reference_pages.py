"""Addresses and steps of the tests of reference data."""

HERE = "/backoffice"


MERGE = "/backoffice/akun-ganda/gabung?simpan={}&tutup={}"
