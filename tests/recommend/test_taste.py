"""D2: what is like what, by shared people, genres and tags."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from vitascope.kernel.ids import AccountId, TitleId
from vitascope.operations.demo.films import films
from vitascope.recommend import Liking, Recommend, TitleTraits
from vitascope.recommend.jobs import traits_of
from vitascope.recommend.taste import TraitsTaste

DEMO = Path(__file__).parents[2] / "demo"


def traits(
    name: str,
    genres: Sequence[str] = ("drama",),
    people: Sequence[str] = (),
    tags: Sequence[str] = (),
) -> TitleTraits:
    return TitleTraits(
        title_id=TitleId(name),
        genres=tuple(genres),
        tags=tuple(tags),
        people=tuple(people),
        year=1925,
    )


def ids(*names: str) -> frozenset[TitleId]:
    return frozenset(TitleId(name) for name in names)


async def taught(*known: TitleTraits) -> Recommend:
    taste = TraitsTaste()
    await taste.learn(known)
    return taste


async def test_a_shared_person_says_more_than_a_common_genre() -> None:
    taste = await taught(
        traits("a", people=["Murnau"]),
        traits("b", genres=["horror"], people=["Murnau"]),
        traits("c"),
        traits("d"),
        traits("e"),
    )
    found = await taste.similar(TitleId("a"), within=ids("a", "b", "c", "d", "e"))
    assert found[0].title_id == "b"
    assert found[0].shared == ("Murnau",)
    assert "a" not in [each.title_id for each in found]


async def test_only_those_allowed_are_offered() -> None:
    taste = await taught(traits("a"), traits("b"), traits("c", genres=["war"]))
    assert [s.title_id for s in await taste.similar(TitleId("a"), within=ids("c"))] == ["c"]
    assert await taste.similar(TitleId("unknown"), within=ids("a")) == []


async def test_what_is_unlearned_is_gone() -> None:
    taste = await taught(traits("a"), traits("b"))
    await taste.unlearn([TitleId("b"), TitleId("never")])
    assert await taste.similar(TitleId("a"), within=ids("b")) == []


async def test_a_taste_lifts_what_is_like_it_and_sinks_what_is_like_the_disliked() -> None:
    taste = await taught(
        traits("comedy1", ["comedy"], ["Keaton"]),
        traits("comedy2", ["comedy"], ["Keaton"]),
        traits("horror1", ["horror"]),
        traits("horror2", ["horror"]),
        traits("war", ["war"]),
    )
    likings = [
        Liking(title_id=TitleId("comedy1"), weight=1.0),
        Liking(title_id=TitleId("horror1"), weight=-1.0),
    ]
    candidates = [TitleId(name) for name in ("horror2", "war", "comedy2")]
    assert await taste.rank(likings, candidates) == ["comedy2", "war", "horror2"]


async def test_without_likings_candidates_come_as_they_came() -> None:
    taste = await taught(traits("a"), traits("b"))
    assert await taste.rank([], [TitleId("b"), TitleId("a")]) == ["b", "a"]


@pytest.mark.parametrize(
    ("slug", "neighbour"),
    [
        ("nosferatu", "the-cabinet-of-dr-caligari"),
        ("the-general", "steamboat-bill-jr"),
        ("metropolis", "aelita"),
        ("the-kid", "the-gold-rush"),
    ],
)
async def test_on_the_demo_likeness_is_what_a_person_would_say(slug: str, neighbour: str) -> None:
    known = await asyncio.to_thread(films, DEMO, AccountId("acc_demo"))
    demo = {film.slug: film.title for film in known}
    taste = await taught(*map(traits_of, demo.values()))
    within = frozenset(title.id for title in demo.values())
    near = [s.title_id for s in await taste.similar(demo[slug].id, within=within, limit=6)]
    assert demo[neighbour].id in near
