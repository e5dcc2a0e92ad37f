"""Attempts are counted without an index of their end: each visitor paid for one sweep a night."""


def up(migrator, db):
    for index in db.get_indexes("rate_bucket"):
        if index.columns == ["expires_at"]:
            migrator.migrate(migrator.drop_index("rate_bucket", index.name))


def down(migrator, db):
    migrator.migrate(migrator.add_index("rate_bucket", ("expires_at",), False))
