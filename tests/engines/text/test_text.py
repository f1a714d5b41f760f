"""The text port: recall by beginnings, words, runs of letters, and what a document's rights say."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vitascope.engines.rows.sqlite import SqliteRows
from vitascope.engines.text import Text, TextDocument, fold
from vitascope.engines.text.sqlite import MIGRATIONS, SqliteText
from vitascope.kernel.country import EVERYWHERE, Country, Window
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.scope import Rights, Scope

FRANCE, JAPAN = Country("FR"), Country("JP")
FOR_ALL = Rights(windows=(Window(),), maturity=Maturity.ALL)
SCOPE = Scope(country=FRANCE, maturity=Maturity.EIGHTEEN, kids=False, at_ms=1000)


def document(name: str, *short: str, long: str = "", rights: Rights = FOR_ALL) -> TextDocument:
    return TextDocument(id=name, short=short, long=long, rights=rights)


@pytest.fixture
async def text(data: Path) -> AsyncIterator[Text]:
    rows = await SqliteRows.open("text", folder=data, migrations=[MIGRATIONS])
    text = SqliteText(rows)
    await text.put(
        [
            document("nosferatu", "Nosferatu", "F. W. Murnau", long="a vampire"),
            document("haxan", "Häxan", "Benjamin Christensen", long="witches"),
            document("general", "The General", "Buster Keaton", long="a train"),
            document("doa", "D.O.A.", long="poison"),
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
        ("nos feratu", "nosferatu"),  # a broken word
        ("nosfrat", "nosferatu"),  # a slip in a word that is not typed to its end
        ("thegen", "general"),  # words run together
        ("murn", "nosferatu"),  # the beginning of a later word
        ("haxan", "haxan"),
        ("hæxan", "haxan"),
        ("buster keatn", "general"),
        ("doa", "doa"),
        ("poison", "doa"),
    ],
)
async def test_what_was_meant_is_among_the_candidates(text: Text, query: str, meant: str) -> None:
    assert meant in await text.candidates(query, scope=SCOPE)


async def test_candidates_are_only_of_those_in_scope(text: Text) -> None:
    grown_up = Rights(windows=(Window(),), maturity=Maturity.EIGHTEEN)
    await text.put([document("nosferatu", "Nosferatu", rights=grown_up)])
    for maturity in (Maturity.EIGHTEEN, Maturity.SEVEN):
        scope = Scope(country=FRANCE, maturity=maturity, kids=False, at_ms=1000)
        for query in ("nosferatu", "nosfertau", "nosf", "feratu"):
            found = await text.candidates(query, scope=scope)
            assert ("nosferatu" in found) is (maturity is Maturity.EIGHTEEN)


_countries = st.sampled_from([EVERYWHERE, FRANCE, JAPAN])
_moments = st.integers(0, 5)
_windows = st.builds(Window, country=_countries, from_ms=_moments, until_ms=st.none() | _moments)
_rights = st.builds(
    Rights,
    windows=st.lists(_windows, max_size=3).map(tuple),
    maturity=st.sampled_from(list(Maturity)),
    shown=st.booleans(),
)
_scopes = st.builds(
    Scope,
    country=st.sampled_from([FRANCE, JAPAN]),
    maturity=st.sampled_from(list(Maturity)),
    kids=st.booleans(),
    at_ms=_moments,
)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rights=_rights, scope=_scopes, query=st.sampled_from(["echo", "ecko", "cho", "sound echo"]))
async def test_the_engine_and_the_scope_agree(
    text: Text, rights: Rights, scope: Scope, query: str
) -> None:
    """What an engine does with its own attributes is what `Scope.holds` says."""
    await text.put([document("echo", "Echo", long="a sound", rights=rights)])
    found = "echo" in await text.candidates(query, scope=scope)
    assert found is scope.holds(rights)


@pytest.mark.parametrize("query", ["", "  ", "?!", '"', "a OR b NOT (", "short:x*", "'; DROP"])
async def test_no_query_is_an_order_to_the_engine(text: Text, query: str) -> None:
    await text.candidates(query, scope=SCOPE)


async def test_a_document_put_again_is_replaced_and_a_removed_one_is_gone(text: Text) -> None:
    await text.put([document("doa", "Dead on Arrival")])
    for old in ("poison", "doa", "d.o.a"):
        assert await text.candidates(old, scope=SCOPE) == []
    assert await text.candidates("arival", scope=SCOPE) == ["doa"]
    await text.remove(["doa", "doa", "never-there"])
    assert await text.candidates("arrival", scope=SCOPE) == []
    assert await text.known(["doa"]) == frozenset()


async def test_of_one_document_given_twice_the_last_counts(text: Text) -> None:
    await text.put([document("twice", "Alpha"), document("twice", "Omega")])
    assert await text.candidates("omega", scope=SCOPE) == ["twice"]
    assert await text.candidates("alpha", scope=SCOPE) == []


async def test_what_is_known_is_told(text: Text) -> None:
    assert await text.known(["doa", "never-there", "haxan"]) == {"doa", "haxan"}
    assert await text.known([]) == frozenset()


async def test_there_are_never_more_than_asked_for(text: Text) -> None:
    await text.put([document(f"n{n}", f"Nosferatu {n}") for n in range(9)])
    assert len(await text.candidates("nosferatu", scope=SCOPE, limit=4)) == 4


async def test_another_process_finds_at_once_what_this_one_put(text: Text, data: Path) -> None:
    rows = await SqliteRows.open("text", folder=data, migrations=[MIGRATIONS])
    other = SqliteText(rows)
    assert await other.candidates("metropilis", scope=SCOPE) == []  # has read the terms there were
    await text.put([document("metropolis", "Metropolis")])
    assert await other.candidates("metropilis", scope=SCOPE) == ["metropolis"]
    await text.remove(["metropolis"])
    assert await other.candidates("metropilis", scope=SCOPE) == []
    await rows.close()


def test_folding_knows_one_form_for_all_spellings() -> None:
    assert fold("D.O.A.") == "doa"
    assert fold("L'Aurore — Œuvre n°1") == "laurore oeuvre n 1"
    assert fold("Steamboat Bill, Jr.") == "steamboat bill jr"
    assert fold("STRASSE Straße") == "strasse strasse"
