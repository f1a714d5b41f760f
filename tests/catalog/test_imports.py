"""Many titles at once: all lines or none, whose they are, and what is said of a wrong one."""

import json
from typing import Any

import pytest
from httpx import AsyncClient

from tests.catalog.setup import GROWN, PARTNER, MemoryOutbox, WholeCatalog, film
from vitascope.catalog import NotYours, TitleChanged, TitleState
from vitascope.catalog.genres import known_genre
from vitascope.catalog.imports import LONGEST_LINE
from vitascope.kernel.events import Event
from vitascope.kernel.ids import AccountId, TitleId
from vitascope.kernel.maturity import Maturity

PATH = "/api/studio/titles/import"
RAYA = {
    "id": "w1", "kind": "film", "name": "Raya", "year": 2021, "synopsis": "A dragon.",
    "genres": ["action", "animated", "Science Fiction"],
    "credits": [{"name": "Sandra Oh", "role": "cast"}], "countries": ["US"], "maturity": 7,
    "announced": True,
}  # fmt: skip
POISON = {"id": "w2", "name": "Poison"}


def lines(*given: Any) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in given)


async def send(client: AsyncClient, content: bytes, who: str = "partner", **asked: Any) -> Any:
    answer = await client.post(PATH, content=content, params=asked, headers={"x-who": who})
    return answer.json()


def heard_of(catalog: WholeCatalog) -> list[Event]:
    outbox = catalog._outbox
    assert isinstance(outbox, MemoryOutbox)
    return outbox.heard


async def test_lines_become_titles_of_the_partner(
    client: AsyncClient, catalog: WholeCatalog
) -> None:
    assert await send(client, lines(RAYA, POISON)) == {"added": 2, "changed": 0, "unchanged": 0}
    raya, poison = await catalog.titles([TitleId("w1"), TitleId("w2")])
    assert (raya.wordings[0].name, raya.year, raya.maturity) == ("Raya", 2021, Maturity.SEVEN)
    assert raya.genres == ("action", "animation", "science-fiction")
    assert raya.credits[0].name == "Sandra Oh"
    assert (raya.state, poison.state) == (TitleState.ANNOUNCED, TitleState.DRAFT)
    assert raya.partner_id == poison.partner_id == PARTNER
    assert [card.id for card in await catalog.cards([raya.id, poison.id], GROWN)] == ["w1"]
    assert heard_of(catalog) == [TitleChanged(title_id=raya.id), TitleChanged(title_id=poison.id)]


async def test_a_line_given_again_changes_what_it_gives(
    client: AsyncClient, catalog: WholeCatalog
) -> None:
    await send(client, lines(RAYA, POISON))
    assert await send(client, lines(RAYA, POISON)) == {"added": 0, "changed": 0, "unchanged": 2}
    again = {"id": "w1", "name": "Raya and the Last Dragon"}
    assert await send(client, lines(again, POISON)) == {"added": 0, "changed": 1, "unchanged": 1}
    (raya,) = await catalog.titles([TitleId("w1")])
    assert (raya.wordings[0].name, raya.year) == ("Raya and the Last Dragon", 2021)
    assert len(heard_of(catalog)) == 3


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (b"{", "truncated"),
        (b"\xff{}", "malformed"),
        (b'["w3", "Echo"]', "Expected `object`, got `array`"),
        (lines({"id": "w3"}), "missing required field `name`"),
        (lines({"name": "Echo"}), "missing required field `id`"),
        (lines({**POISON, "id": "w3", "year": "1990"}), "`year` must be int | null, not str"),
        (lines({**POISON, "id": "w3", "year": 17}), "17 is not the year of a film"),
        (lines({**POISON, "id": "w3", "kind": "song"}), "Invalid enum value 'song' in `kind`"),
        (lines({**POISON, "id": "w3", "genres": ["polka"]}), "no genre called polka"),
        (lines({**POISON, "id": "w3", "sinopsis": ""}), "unknown field `sinopsis`"),
        (lines({**POISON, "id": "w3", "countries": ["France"]}), "`countries` are codes of two"),
        (lines({**POISON, "id": "w3", "maturity": 8}), "Invalid enum value 8 in `maturity`"),
        (lines({**POISON, "id": "../w3"}), "`id` has 1 to 64 letters"),
        (lines({**POISON, "id": "w3", "name": " "}), "Give the title a name"),
        (lines(RAYA), "the id w1 is that of line 11 already"),
        (b'{"id": "w3", "name": "' + b"a" * LONGEST_LINE + b'"}', "longer than 256 KiB"),
    ],
)
async def test_a_wrong_line_is_named_and_nothing_is_saved(
    client: AsyncClient, catalog: WholeCatalog, wrong: bytes, said: str
) -> None:
    content = lines(RAYA, POISON) + b"\n" + wrong
    for dry_run in (True, False):
        problem = await send(client, content, first_line=11, dry_run=dry_run)
        assert problem["code"] == "bad-line", problem
        assert problem["detail"].startswith("Line 14: ")
        assert said in problem["detail"]
    assert await catalog.all_titles() == []
    assert heard_of(catalog) == []


async def test_a_dry_run_saves_nothing(client: AsyncClient, catalog: WholeCatalog) -> None:
    await send(client, lines(RAYA), dry_run=True)
    assert await catalog.all_titles() == []


async def test_another_partner_s_title_is_not_changed(
    client: AsyncClient, catalog: WholeCatalog
) -> None:
    await send(client, lines(RAYA))
    stolen = lines(POISON, {"id": "w1", "name": "Mine now"})
    problem = await send(client, stolen, who="rival")
    assert problem["detail"].startswith("Line 2: the id w1 is taken; choose another")
    (raya,) = await catalog.all_titles()
    assert (raya.wordings[0].name, raya.partner_id) == ("Raya", PARTNER)
    await send(client, lines({"id": "w1", "name": "Mended"}), who="operator")
    (raya,) = await catalog.all_titles()
    assert (raya.wordings[0].name, raya.partner_id) == ("Mended", PARTNER)


async def test_the_store_itself_refuses_another_partner_s_title(catalog: WholeCatalog) -> None:
    """As when two partners send the same new id at the same moment."""
    await catalog.save_all([film("Echo")])
    with pytest.raises(NotYours):
        await catalog.save_all([film("Raya"), film("Echo", partner_id=AccountId("acc_rival"))])
    assert [title.id for title in await catalog.all_titles()] == ["ttl_echo"]


async def test_viewers_import_nothing(client: AsyncClient, catalog: WholeCatalog) -> None:
    assert (await send(client, lines(RAYA), who="viewer"))["code"] == "role-needed"
    assert await catalog.all_titles() == []


async def test_a_request_holds_so_many_lines(client: AsyncClient) -> None:
    many = lines(*({"id": f"w{n}", "name": "Echo"} for n in range(1001)))
    assert "at most 1000 lines" in (await send(client, many))["detail"]


async def test_a_request_holds_so_many_bytes(client: AsyncClient) -> None:
    large = b"\n" * ((8 << 20) + 1)
    answer = await client.post(PATH, content=large, headers={"x-who": "partner"})
    assert answer.status_code == 413


def test_genres_are_known_by_other_names() -> None:
    assert [known_genre(word) for word in ("Noir", "Martial  Arts", "sci-fi", "drama")] == [
        "film-noir", "martial-arts", "science-fiction", "drama",
    ]  # fmt: skip
