"""D2: what is like what, by shared people, genres and tags; and rows from what a profile likes."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from tests.films import films
from vitascope.catalog import Artwork, Wording
from vitascope.kernel.country import Country, Window
from vitascope.kernel.ids import AccountId, TitleId
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.scope import Rights, Scope
from vitascope.operations.demo.films import films as demo_films
from vitascope.recommend import RankedRow, RankedRows, RowKind, RowsContext, RowsLimit
from vitascope.recommend.model import FeatureNumbers, Model
from vitascope.recommend.ranking import Liking, likings, ranked_rows, similar, spread
from vitascope.recommend.store import Signal, SignalKind
from vitascope.recommend.traits import Traits, features, traits_of

DEMO = Path(__file__).parents[2] / "demo"
EVERYBODY = Rights(windows=(Window(),), maturity=Maturity.ALL)
NOW = 1_000
SCOPE = Scope(country=Country("FR"), maturity=Maturity.EIGHTEEN, kids=False, at_ms=NOW)


def traits(
    name: str,
    genres: Sequence[str] = ("drama",),
    people: Sequence[str] = (),
    tags: Sequence[str] = (),
    *,
    rights: Rights = EVERYBODY,
    playable: bool = False,
    presentable: bool = False,
    new_ms: int = 0,
) -> Traits:
    return Traits(
        title_id=TitleId(name),
        genres=tuple(genres),
        tags=tuple(tags),
        people=tuple(people),
        directors=tuple(people),
        countries=(),
        year=1925,
        rights=rights,
        playable=playable,
        presentable=presentable,
        new_ms=new_ms,
    )


def model_of(*known: Traits) -> Model:
    vocabulary = FeatureNumbers()
    ordered = sorted(known, key=lambda each: each.title_id)
    columns = [[vocabulary.number(feature) for feature in features(each)] for each in ordered]
    return Model(ordered, columns, vocabulary.features)


def near(model: Model, name: str, scope: Scope = SCOPE, limit: int = 24) -> list[str]:
    return [each.title_id for each in similar(model, TitleId(name), scope, limit=limit)]


def liking(name: str, weight: float, kind: SignalKind = SignalKind.THUMB) -> Liking:
    return Liking(title_id=TitleId(name), kind=kind, weight=weight)


def rows(
    model: Model,
    *liked: Liking,
    scope: Scope = SCOPE,
    limit: RowsLimit = RowsLimit(least=1),  # noqa: B008 - it is frozen
) -> RankedRows:
    return ranked_rows(model, liked, scope, RowsContext(tiles_at_once=0), limit)


def row(page: RankedRows, row_id: str) -> list[str]:
    return [title for each in page.rows if each.id == row_id for title in each.title_ids]


def test_a_shared_person_says_more_than_a_common_genre() -> None:
    model = model_of(
        traits("a", people=["Murnau"]),
        traits("b", genres=["horror"], people=["Murnau"]),
        traits("c"),
        traits("d"),
        traits("e"),
    )
    found = similar(model, TitleId("a"), SCOPE, limit=24)
    assert found[0].title_id == "b"
    assert found[0].shared == ("Murnau",)
    assert "a" not in [each.title_id for each in found]


@pytest.mark.parametrize(
    "hidden",
    [
        Rights(windows=(Window(),), maturity=Maturity.SEVEN),
        Rights(windows=(Window(),), maturity=Maturity.ALL, shown=False),
        Rights(windows=(Window(country=Country("US")),), maturity=Maturity.ALL),
        Rights(windows=(Window(from_ms=NOW + 1),), maturity=Maturity.ALL),
        Rights(windows=(Window(until_ms=NOW),), maturity=Maturity.ALL),
        Rights(windows=(), maturity=Maturity.ALL),
    ],
)
def test_only_what_lies_in_the_scope_is_ranked(hidden: Rights) -> None:
    little = Scope(country=Country("FR"), maturity=Maturity.ALL, kids=True, at_ms=NOW)
    people = ["Murnau"]
    model = model_of(
        traits("a", people=people), traits("b", people=people),
        traits("x", people=people, rights=hidden, playable=True, presentable=True, new_ms=9),
        traits("y", genres=["war"]),
    )  # fmt: skip
    assert near(model, "a", little) == ["b", "y"]
    page = rows(model, liking("x", 1.0), scope=little)
    assert {title for each in page.rows for title in each.title_ids} == {"a", "b", "y"}
    assert "x" not in page.offered
    assert "because:x" not in [each.id for each in page.rows]


def test_a_window_of_the_country_or_of_every_country_lets_a_title_in() -> None:
    windows = (Window(country=Country("US")), Window(country=Country("FR")))
    here = Rights(windows=windows, maturity=Maturity.ALL)
    model = model_of(traits("a"), traits("b", rights=here), traits("c", genres=["war"]))
    assert "b" in near(model, "a")
    elsewhere = Scope(country=Country("ES"), maturity=Maturity.ALL, kids=False, at_ms=NOW)
    assert "b" not in near(model, "a", elsewhere)


def test_an_unknown_title_is_like_nothing_and_an_empty_model_has_no_rows() -> None:
    assert near(model_of(traits("a")), "unknown") == []
    assert near(model_of(), "unknown") == []
    assert rows(model_of(), liking("a", 1.0)) == RankedRows(rows=(), offered=())


def test_a_taste_lifts_what_is_like_it_and_sinks_what_is_like_the_disliked() -> None:
    model = model_of(
        traits("comedy1", ["comedy"], ["Keaton"]),
        traits("comedy2", ["comedy"], ["Keaton"], playable=True),
        traits("horror1", ["horror"]),
        traits("horror2", ["horror"], playable=True),
        traits("war", ["war"], playable=True),
    )
    page = rows(model, liking("comedy1", 1.0), liking("horror1", -1.0))
    assert row(page, "now") == ["comedy2", "war", "horror2"]
    assert [each.id for each in page.rows if each.kind is RowKind.GENRE] == [
        "genre:comedy",
        "genre:war",
        "genre:horror",
    ]


def test_without_likings_what_is_new_comes_first() -> None:
    model = model_of(traits("a", new_ms=1), traits("b", new_ms=2), traits("c", playable=True))
    assert row(rows(model), "new") == ["c"]
    assert row(rows(model), "soon") == ["b", "a"]


def test_what_cannot_be_played_has_one_row_of_its_own_the_last_and_is_in_no_other() -> None:
    model = model_of(
        traits("a", ["comedy"], ["Keaton"], playable=True),
        traits("b", ["comedy"], ["Keaton"]),
        traits("c", ["western"], ["Ford"]),
        traits("d", ["comedy"], ["Keaton"], playable=True),
    )
    page = rows(model, liking("a", 1.0, SignalKind.WATCHED), liking("b", 1.0))
    assert page.rows[-1].id == "soon"
    assert sorted(row(page, "soon")) == ["b", "c"]
    assert {title for each in page.rows[:-1] for title in each.title_ids} == {"a", "d"}
    assert "because:b" not in [each.id for each in page.rows]
    short = rows(model, limit=RowsLimit(rows=2, least=1))
    assert [each.id for each in short.rows] == ["now", "soon"]


def test_while_nothing_can_be_played_everything_is_shown() -> None:
    page = rows(model_of(traits("a", new_ms=1), traits("b", new_ms=2)))
    assert row(page, "new") == ["b", "a"]
    assert row(page, "genre:drama") == ["b", "a"]
    assert row(page, "soon") == []


def test_only_what_was_watched_is_told_as_watched() -> None:
    def signal(name: str, kind: SignalKind) -> Signal:
        return Signal(title_id=TitleId(name), kind=kind, weight=0.7, at_ms=0)

    model = model_of(*(traits(name, playable=True) for name in "abc"))
    told = likings([signal("a", SignalKind.THUMB), signal("a", SignalKind.WATCHED),
                    signal("b", SignalKind.THUMB)])  # fmt: skip
    page = rows(model, *told)
    assert {each.about: each.watched for each in page.rows if each.kind is RowKind.BECAUSE} == {
        "a": True,
        "b": False,
    }


def test_a_row_says_because_of_what_was_watched_and_leaves_out_what_one_knows() -> None:
    keaton = [traits(f"k{n}", ["comedy"], ["Keaton"]) for n in range(4)]
    model = model_of(*keaton, traits("z", ["war"]))
    watched = SignalKind.WATCHED
    page = rows(model, liking("k0", 0.8, watched), liking("k1", 0.05, watched))
    (because,) = [each for each in page.rows if each.kind is RowKind.BECAUSE]
    assert (because.about, because.shared) == ("k0", ("Keaton",))
    assert {"k2", "k3"} <= set(because.title_ids)
    assert not {"k0", "k1"} & set(because.title_ids)
    listed = rows(model, liking("k0", 0.3, SignalKind.LISTED))
    assert not [each for each in listed.rows if each.kind is RowKind.BECAUSE]


def test_what_is_offered_can_be_played_has_a_picture_and_is_not_known() -> None:
    model = model_of(
        traits("bare", playable=True),
        traits("known", playable=True, presentable=True),
        traits("best", playable=True, presentable=True),
        traits("coming", presentable=True),
        traits("refused", playable=True, presentable=True),
    )
    liked = [liking("known", 0.1, SignalKind.WATCHED), liking("refused", -1.0)]
    assert rows(model, *liked).offered == ("best", "known", "bare")


@pytest.mark.parametrize("lacks", ["nothing", "synopsis", "billboard", "landscape"])
def test_a_title_without_words_or_pictures_is_not_presentable(lacks: str) -> None:
    pictures = {name: f"{name}.webp" for name in ("billboard", "landscape") if name != lacks}
    words = Wording(locale="en", name="X", synopsis="" if lacks == "synopsis" else "A story.")
    artwork = msgspec.structs.replace(Artwork(), **pictures)
    both = (Wording(locale="fr", name="X"), words)
    title = msgspec.structs.replace(films(1)[0], artwork=artwork, wordings=both)
    assert traits_of(title).presentable is (lacks == "nothing")


def test_rows_are_bounded() -> None:
    model = model_of(*(traits(f"t{n:03}", people=[f"P{n % 3}"]) for n in range(200)))
    page = rows(model, limit=RowsLimit(rows=3, titles=70, least=60))
    assert [each.id for each in page.rows] == ["new", "genre:drama", "person:P0"]
    assert [len(each.title_ids) for each in page.rows] == [70, 70, 67]
    few = rows(model, limit=RowsLimit(least=67))
    assert [each.id for each in few.rows if each.kind is RowKind.PERSON] == [
        "person:P0",
        "person:P1",
    ]


def test_spreading_keeps_every_title_of_a_row() -> None:
    def made(about: str, *ids: str) -> RankedRow:
        return RankedRow(kind=RowKind.GENRE, about=about, title_ids=tuple(map(TitleId, ids)))

    one, two = spread([made("a", *"abcdef"), made("b", *"abcdxyz")], 3)
    assert one.title_ids == tuple("abcdef")
    assert two.title_ids[:3] == tuple("dxy")
    assert sorted(two.title_ids) == sorted("abcdxyz")


def test_the_strongest_signal_about_a_title_counts_and_one_taken_back_does_not() -> None:
    def signal(kind: SignalKind, weight: float) -> Signal:
        return Signal(title_id=TitleId("a"), kind=kind, weight=weight, at_ms=0)

    listed, watched = signal(SignalKind.LISTED, 0.3), signal(SignalKind.WATCHED, 0.8)
    thumb, withdrawn = signal(SignalKind.THUMB, -1.0), signal(SignalKind.THUMB, 0.0)
    assert [one.weight for one in likings([watched, listed, thumb])] == [-1.0]
    assert [one.weight for one in likings([withdrawn, watched, listed])] == [0.8]
    assert likings([withdrawn]) == []


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
    known = await asyncio.to_thread(demo_films, DEMO, AccountId("acc_demo"))
    demo = {film.slug: film.title for film in known}
    model = model_of(*map(traits_of, demo.values()))
    assert demo[neighbour].id in near(model, demo[slug].id, limit=6)
