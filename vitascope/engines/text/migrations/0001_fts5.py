"""The words, the trigrams, and a count by which processes see that the vocabulary changed."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute(
        "CREATE VIRTUAL TABLE words USING fts5("
        " id UNINDEXED, short, long, tokenize = 'unicode61', prefix = '2 3')"
    )
    op.execute("CREATE VIRTUAL TABLE grams USING fts5(id UNINDEXED, short, tokenize = 'trigram')")
    op.execute("CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, 'row')")
    op.execute("CREATE TABLE text_change (id INTEGER PRIMARY KEY, last INTEGER NOT NULL)")
    op.execute("INSERT INTO text_change VALUES (1, 0)")
