"""The text port: recall by fuzzy terms and by trigrams."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from vitascope.engines.rows.sqlite import SqliteRows
from vitascope.engines.text import Text, TextDocument, fold
from vitascope.engines.text.sqlite import MIGRATIONS, SqliteText

ALL = frozenset({"nosferatu", "haxan", "general", "doa"})


@pytest.fixture
async def text(data: Path) -> AsyncIterator[Text]:
    rows = await SqliteRows.open("text", folder=data, migrations=[MIGRATIONS])
    text = SqliteText(rows)
    await text.put(
        [
            TextDocument(id="nosferatu", short=("Nosferatu", "F. W. Murnau"), long="a vampire"),
            TextDocument(id="haxan", short=("Häxan", "Benjamin Christensen"), long="witches"),
            TextDocument(id="general", short=("The General", "Buster Keaton"), long="a train"),
            TextDocument(id="doa", short=("D.O.A.",), long="poison"),
        ]
    )
    yield text
    await rows.close()


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("nosferatu", "nosferatu"),
        ("nosfertau", "nosferatu"),  # a swap
        ("nosfe", "nosferatu"),  # a beginning
        ("NOSFERRATU", "nosferatu"),
        ("nos feratu", "nosferatu"),  # only trigrams see through a broken word
        ("haxan", "haxan"),
        ("hæxan", "haxan"),
        ("buster keatn", "general"),
        ("doa", "doa"),
        ("poison", "doa"),
    ],
)
async def test_what_was_meant_is_among_the_candidates(text: Text, query: str, meant: str) -> None:
    assert meant in await text.candidates(query, within=ALL)


async def test_candidates_are_only_of_those_allowed(text: Text) -> None:
    allowed = ALL - {"nosferatu"}
    assert set(await text.candidates("nosferatu", within=allowed)) <= allowed
    assert await text.candidates("nosferatu", within=frozenset()) == []


@pytest.mark.parametrize("query", ["", "  ", "?!", '"', "a OR b NOT (", "short:x*", "'; DROP"])
async def test_no_query_is_an_order_to_the_engine(text: Text, query: str) -> None:
    await text.candidates(query, within=ALL)


async def test_a_document_put_again_is_replaced_and_a_removed_one_is_gone(text: Text) -> None:
    await text.put([TextDocument(id="doa", short=("Dead on Arrival",), long="")])
    assert await text.candidates("poison", within=ALL) == []
    assert await text.candidates("arival", within=ALL) == ["doa"]
    await text.remove(["doa", "doa", "never-there"])
    assert await text.candidates("arrival", within=ALL) == []


async def test_what_is_known_is_told(text: Text) -> None:
    assert await text.known(["doa", "never-there", "haxan"]) == {"doa", "haxan"}
    assert await text.known([]) == frozenset()


async def test_there_are_never_more_than_asked_for(text: Text) -> None:
    await text.put([TextDocument(id=f"n{n}", short=(f"Nosferatu {n}",), long="") for n in range(9)])
    allowed = frozenset(f"n{n}" for n in range(9))
    assert len(await text.candidates("nosferatu", within=allowed, limit=4)) == 4


def test_folding_knows_one_form_for_all_spellings() -> None:
    assert fold("D.O.A.") == "doa"
    assert fold("L'Aurore — Œuvre n°1") == "laurore oeuvre n 1"
    assert fold("Steamboat Bill, Jr.") == "steamboat bill jr"
    assert fold("STRASSE Straße") == "strasse strasse"
