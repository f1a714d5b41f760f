"""Documents with their rights, found by number; a count for every term, so that a process reads
only the terms that changed. What was indexed before is indexed again from the catalogue, which is
where the rights are."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for table in ("vocabulary", "words", "grams"):
        op.execute(f"DROP TABLE {table}")
    op.execute(
        "CREATE TABLE documents (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
        " short TEXT NOT NULL, long TEXT NOT NULL)"
    )
    op.execute(
        "CREATE TABLE rights (key INTEGER NOT NULL, country TEXT NOT NULL,"
        " from_ms INTEGER NOT NULL, until_ms INTEGER, maturity INTEGER NOT NULL)"
    )
    op.execute("CREATE INDEX rights_by_key ON rights (key, country, from_ms, until_ms, maturity)")
    op.execute(
        "CREATE TABLE phrases (phrase TEXT NOT NULL, key INTEGER NOT NULL,"
        " PRIMARY KEY (phrase, key)) WITHOUT ROWID"
    )
    op.execute(
        "CREATE VIRTUAL TABLE words USING fts5(short, long, content = 'documents',"
        " content_rowid = 'key', tokenize = 'unicode61')"
    )
    op.execute(
        "CREATE VIRTUAL TABLE grams USING fts5(short, content = 'documents',"
        " content_rowid = 'key', tokenize = 'trigram')"
    )
    op.execute(
        "CREATE TABLE terms (kind TEXT NOT NULL, term TEXT NOT NULL, documents INTEGER NOT NULL,"
        " change INTEGER NOT NULL, PRIMARY KEY (kind, term)) WITHOUT ROWID"
    )
    op.execute("CREATE INDEX terms_by_change ON terms (change)")
