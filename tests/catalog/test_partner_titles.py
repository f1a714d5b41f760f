"""Titles as their partners look through them: a page at a time, by name or state."""

from collections.abc import Sequence
from typing import Any

import pytest
from httpx import AsyncClient

from tests.catalog.setup import PARTNER, WholeCatalog, film
from vitascope.catalog import Title, TitleFilter, TitleState, Wording, partner_titles
from vitascope.catalog.partner_titles import PartnerTitles
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import AccountId, TitleId
from vitascope.kernel.pages import BadPageToken

RIVAL = AccountId("acc_rival")


def named(title_id: str, *names: str, partner: AccountId | None = PARTNER, **more: Any) -> Title:
    locales = ("en", "fr", "de")
    words = tuple(Wording(locale=a, name=n) for a, n in zip(locales, names, strict=False))
    return film(names[0], id=TitleId(title_id), wordings=words, partner_id=partner, **more)


def indexed(titles: Sequence[Title]) -> PartnerTitles:
    known = {title.id: title for title in titles}
    index = PartnerTitles(known)
    for title in titles:
        index.put(title)
    return index


async def every(index: PartnerTitles, partner: AccountId | None, **wanted: Any) -> list[str]:
    """All ids, two a page."""
    token, ids = None, list[str]()
    while True:
        page = await index.page(partner, TitleFilter(**wanted), token, 2)
        ids += [title.id for title in page.titles]
        assert len(page.titles) <= 2
        if (token := page.next_page_token) is None:
            return ids


TITLES = [
    named("ttl_1", "Nosferatu", "Nosferatu le vampire", added_at_ms=1),
    named("ttl_2", "Häxan", added_at_ms=2, state=TitleState.DRAFT),
    named("ttl_3", "The Phantom Carriage", "La Charrette fantôme", added_at_ms=3),
    named("ttl_4", "Nosferatu", partner=RIVAL, added_at_ms=4),
    named("ttl_5", "Haxan", added_at_ms=0, playable=True, published_at_ms=5),
    named("ttl_6", "???", partner=None, added_at_ms=6),
]


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({}, ["ttl_5", "ttl_3", "ttl_2", "ttl_1"]),
        ({"name": "haxan"}, ["ttl_5", "ttl_2"]),
        ({"name": "HÄX"}, ["ttl_5", "ttl_2"]),
        ({"name": "fantome"}, ["ttl_3"]),
        ({"name": "carriage la"}, []),
        ({"name": "Haxan", "exact": True}, ["ttl_5"]),
        ({"name": "haxan", "exact": True}, []),
        ({"name": "Nosferatu le vampire", "exact": True}, ["ttl_1"]),
        ({"name": "Nosferatu", "exact": True, "ids": ("ttl_4", "ttl_5")}, []),
        ({"ids": ("ttl_1", "ttl_4", "ttl_3", "ttl_0")}, ["ttl_3", "ttl_1"]),
        ({"state": TitleState.DRAFT}, ["ttl_2"]),
        ({"state": TitleState.DRAFT, "name": "nosf"}, []),
        ({"name": " "}, ["ttl_5", "ttl_3", "ttl_2", "ttl_1"]),
    ],
)
async def test_a_partner_s_titles_are_found_newest_first(
    wanted: dict[str, Any], ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for at_once in (1, 3, 1000):
        monkeypatch.setattr(partner_titles, "AT_ONCE", at_once)
        assert await every(indexed(TITLES), PARTNER, **wanted) == ids


async def test_an_operator_s_titles_are_everybody_s() -> None:
    index = indexed(TITLES)
    assert await every(index, None) == ["ttl_5", "ttl_6", "ttl_4", "ttl_3", "ttl_2", "ttl_1"]
    assert await every(index, None, name="Nosferatu", exact=True) == ["ttl_4", "ttl_1"]
    assert await every(index, None, name="??") == ["ttl_6"]
    assert await every(index, AccountId("acc_nobody")) == []


async def test_a_title_that_changes_stands_in_its_new_place_alone(catalog: WholeCatalog) -> None:
    await catalog.save_all([named(f"ttl_{n}", f"Part {n}", added_at_ms=n + 1) for n in range(5)])
    first = await catalog.titles_of(PARTNER, limit=2)
    assert [title.id for title in first.titles] == ["ttl_4", "ttl_3"]
    await catalog.save(named("ttl_4", "Other", partner=PARTNER, added_at_ms=5))
    await catalog.save(named("ttl_9", "Part 9", added_at_ms=10))
    rest = await catalog.titles_of(PARTNER, page_token=first.next_page_token, limit=2)
    assert [title.id for title in rest.titles] == ["ttl_2", "ttl_1"]
    other = await catalog.titles_of(PARTNER, TitleFilter(name="other"))
    assert [title.id for title in other.titles] == ["ttl_4"]
    gone = await catalog.titles_of(PARTNER, TitleFilter(name="Part 4", exact=True))
    assert gone.titles == ()
    await catalog.take_down(TitleId("ttl_2"))
    taken = await catalog.titles_of(PARTNER, TitleFilter(state=TitleState.TAKEN_DOWN))
    assert [title.id for title in taken.titles] == ["ttl_2"]


async def test_what_cannot_be_asked_is_refused(catalog: WholeCatalog) -> None:
    for limit in (0, 101):
        with pytest.raises(Invalid):
            await catalog.titles_of(PARTNER, limit=limit)
    many = tuple(TitleId(f"ttl_{n}") for n in range(101))
    with pytest.raises(Invalid):
        await catalog.titles_of(PARTNER, TitleFilter(ids=many))
    with pytest.raises(BadPageToken):
        await catalog.titles_of(PARTNER, page_token="nonsense")


async def test_the_first_page_costs_what_it_holds() -> None:
    """However many titles a partner has, none is looked at but those of the page."""
    looked = 0

    class Counted(dict[TitleId, Title]):
        def __getitem__(self, title_id: TitleId) -> Title:
            nonlocal looked
            looked += 1
            return super().__getitem__(title_id)

    titles = [named(f"ttl_{n:05}", f"Film {n}", added_at_ms=n + 1) for n in range(3000)]
    index = PartnerTitles(Counted({title.id: title for title in titles}))
    for title in titles:
        index.put(title)
    page = await index.page(PARTNER, TitleFilter(), None, 10)
    assert [title.id for title in page.titles] == [f"ttl_{n:05}" for n in range(2999, 2989, -1)]
    assert looked < 50
    looked = 0
    wanted = TitleFilter(name="Film 17", exact=True)
    assert [t.id for t in (await index.page(PARTNER, wanted, None, 10)).titles] == ["ttl_00017"]
    assert looked < 10


async def test_the_studio_asks_by_name_state_and_id(client: AsyncClient) -> None:
    me = {"X-Who": "partner"}
    for name in ("One", "Two", "Twofold"):
        await client.post("/api/studio/titles", json={"name": name}, headers=me)

    async def asked(query: str, who: str = "partner") -> Any:
        answer = await client.get(f"/api/studio/titles?{query}", headers={"X-Who": who})
        return answer.json()

    def names(answer: Any) -> list[str]:
        return sorted(title["wordings"][0]["name"] for title in answer["titles"])

    assert names(await asked("")) == ["One", "Two", "Twofold"]
    assert names(await asked("name=two")) == ["Two", "Twofold"]
    (two,) = (await asked("name=Two&exact=true"))["titles"]
    assert names(await asked(f"title_id={two['id']}&title_id=ttl_none")) == ["Two"]
    assert names(await asked("state=draft")) == ["One", "Two", "Twofold"]
    assert names(await asked("state=published")) == []
    assert names(await asked("name=two", who="rival")) == []
    assert names(await asked("name=two", who="operator")) == ["Two", "Twofold"]
    first = await asked("limit=2")
    rest = await asked(f"limit=2&page_token={first['next_page_token']}")
    assert sorted(names(first) + names(rest)) == ["One", "Two", "Twofold"]
    assert rest["next_page_token"] is None
    assert (await asked("limit=500"))["code"] == "invalid"
