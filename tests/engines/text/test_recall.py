"""What is asked of an index costs no more in a large one, and what changed alone is read again."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text as sql

from vitascope.engines.rows import Connection
from vitascope.engines.rows.sqlite import SqliteRows
from vitascope.engines.text import TextDocument, sqlite
from vitascope.engines.text.recall import ENTRIES, GRAM_ENTRIES, recall
from vitascope.engines.text.sqlite import MIGRATIONS, SqliteText
from vitascope.engines.text.vocabulary import Vocabulary
from vitascope.kernel.country import Country, Window
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.scope import Rights, Scope

SCOPE = Scope(country=Country("FR"), maturity=Maturity.EIGHTEEN, kids=False, at_ms=0)
RIGHTS = Rights(windows=(Window(),), maturity=Maturity.ALL)


def vocabulary(**counts: int) -> Vocabulary:
    known = Vocabulary()
    known.take(1, [("short", word, count) for word, count in counts.items()])
    return known


def test_words_too_common_to_be_read_are_asked_for_together() -> None:
    known = vocabulary(the=9000, man=5000, castle=20)
    asked = recall(["the", "man"], known)
    assert asked.short == ()
    assert asked.together == ("the", "man")
    assert recall(["the", "castle"], known).short == ("castle",)
    assert recall(["castle"], known).together == ()


def test_the_word_itself_comes_before_what_it_may_misspell() -> None:
    known = vocabulary(keaton=1000, keatons=1000, kenton=400)
    assert recall(["keaton"], known).short == ("keaton", "kenton")


@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=4), st.integers(1, 4000), max_size=40),
    st.lists(st.text("abc", min_size=1, max_size=4), min_size=1, max_size=5),
)
def test_no_question_reads_more_than_its_share(counts: dict[str, int], words: list[str]) -> None:
    known = Vocabulary()
    known.take(1, [(kind, w, n) for kind in ("short", "long", "gram") for w, n in counts.items()])
    asked = recall(words, known)
    read = sum(counts[word] for word in (*asked.short, *asked.long))
    assert read <= ENTRIES
    assert sum(counts[gram] for gram in asked.grams) <= GRAM_ENTRIES


@pytest.fixture
async def read(data: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The terms that were read from the database since, by number of the query."""
    taken: list[list[str]] = []

    class Watched(Vocabulary):
        def take(self, change: int, counted: Any) -> None:
            rows = list(counted)
            taken.append(sorted(term for kind, term, _ in rows if kind == "short"))
            super().take(change, rows)

    monkeypatch.setattr(sqlite, "Vocabulary", Watched)
    return taken


async def test_after_a_write_only_its_terms_are_read(data: Path, read: list[list[str]]) -> None:
    rows = await SqliteRows.open("text", folder=data, migrations=[MIGRATIONS])
    text = SqliteText(rows)

    async def put(*named: tuple[str, str]) -> None:
        await text.put([TextDocument(id=i, short=(n,), long="", rights=RIGHTS) for i, n in named])

    await put(("a", "Metropolis"), ("b", "Nosferatu"))
    for _ in range(3):
        await text.candidates("metropolis", scope=SCOPE)
    assert read == [["metropolis", "nosferatu"]]
    await put(("c", "Sunrise"))
    await text.candidates("metropolis", scope=SCOPE)
    assert read[1:] == [["sunrise"]]
    await put(("c", "Sunset"))
    await text.remove(["b"])
    assert await text.candidates("nosferatu", scope=SCOPE) == []
    assert read[2:] == [["nosferatu", "sunrise", "sunset"]]
    await rows.close()


words = st.sampled_from(["alpha", "beta", "gamma", "delta"])
steps = st.lists(
    st.tuples(st.sampled_from("xyz"), st.none() | st.lists(words, max_size=3)), max_size=12
)


@pytest.mark.long
@given(steps)
async def test_counts_are_those_of_the_documents_that_are_there(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, list[str] | None]]
) -> None:
    rows = await SqliteRows.open(
        "text", folder=tmp_path_factory.mktemp("text"), migrations=[MIGRATIONS]
    )
    text, there = SqliteText(rows), dict[str, list[str]]()
    for name, said in steps:
        if said is None:
            await text.remove([name])
            there.pop(name, None)
        else:
            await text.put([TextDocument(id=name, short=tuple(said), long="", rights=RIGHTS)])
            there[name] = said
    counted = Counter(word for said in there.values() for word in set(said))

    def work(connection: Connection) -> dict[str, int]:
        query = sql("SELECT term, documents FROM terms WHERE kind = 'short' AND documents <> 0")
        return {row.term: row.documents for row in connection.execute(query)}

    assert await rows.read(work) == dict(counted)
    for word in ("alpha", "beta", "gamma", "delta"):
        assert set(await text.candidates(word, scope=SCOPE)) >= {
            n for n in there if word in there[n]
        }
    await rows.close()
