"""Rows into something a person takes away: workbooks, documents, figures."""
