"""Invitations say until when they hold; those already written held for half an hour."""

import json

from peewee import *


def up(migrator, db):
    class Message(Model):
        id = BigAutoField()
        template = CharField()
        variables = TextField()

        class Meta:
            database = db
            table_name = "message"

    for row in list(Message.select().where(Message.template == "undangan_petugas")):
        given = {"batas": "30 menit sejak pesan ini ditulis"} | json.loads(row.variables)
        text = json.dumps(given, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        Message.update(variables=text).where(Message.id == row.id).execute()


def down(migrator, db):
    """A variable that no words name does no harm."""
