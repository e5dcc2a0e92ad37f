"""Each heading that a list of the backoffice is sorted by finds its first page by an index."""

INDEXES = (
    ("user", ("institution_name", "id")),
    ("incoming_letter", ("received_at", "id")),
    ("incoming_letter", ("number", "id")),
    ("incoming_letter", ("dated_on", "id")),
    ("incoming_message", ("received_at", "id")),
)


def up(migrator, db):
    migrator.migrate(*(migrator.add_index(table, columns, False) for table, columns in INDEXES))


def down(migrator, db):
    for table, columns in INDEXES:
        found = next(one for one in db.get_indexes(table) if tuple(one.columns) == columns)
        migrator.migrate(migrator.drop_index(table, found.name))
