"""D2: orders that are kept as titles change tell the same as sorting everything each time would."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.catalog.setup import film, series
from vitascope.catalog import Sort, Title, TitleKind
from vitascope.catalog.browsing import Order, place
from vitascope.kernel.ids import TitleId

GENRES = ("drama", "horror", "comedy")
LOCALE = "en"


@st.composite
def titles(draw: st.DrawFn) -> Title:
    make = draw(st.sampled_from([film, lambda name, **more: series(name, 1, **more)]))
    title: Title = make(
        draw(st.sampled_from(["Aa", "ab", "B", "Éa"])),
        id=TitleId(f"ttl_{draw(st.integers(0, 5))}"),
        year=draw(st.integers(1900, 1903)),
        genres=tuple(draw(st.lists(st.sampled_from(GENRES), max_size=3))),
        playable=draw(st.booleans()),
        added_at_ms=draw(st.integers(0, 3)),
    )
    return title


@settings(deadline=None)
@given(st.sampled_from(Sort), st.lists(titles(), max_size=8), st.lists(titles(), max_size=12))
def test_an_order_kept_is_the_order_made_anew(
    sort: Sort, first: list[Title], changes: list[Title]
) -> None:
    known = {title.id: title for title in first}
    order = Order(sort, LOCALE, known.values())
    for title in changes:
        if title.id in known:
            order.drop(known[title.id])
        known[title.id] = title
        order.put(title)
    for genre in (None, *GENRES):
        for kind in (None, *TitleKind):
            wanted = sorted(
                place(title, sort, LOCALE)
                for title in known.values()
                if genre in (None, *title.genres) and kind in (None, title.kind)
            )
            assert list(order.after(None, (genre, kind))) == wanted
            if wanted:
                middle = wanted[len(wanted) // 2]
                assert list(order.after(middle, (genre, kind))) == [w for w in wanted if w > middle]


def test_many_titles_are_in_order_too() -> None:
    many = [film(f"Film {n * 7919 % 3001:04}") for n in range(3001)]
    found = [here[1] for here in Order(Sort.NAME, LOCALE, many).after(None)]
    assert found == [f"film {n:04}" for n in range(3001)]


def test_names_are_found_by_their_beginning_whatever_the_case() -> None:
    order = Order(
        Sort.NAME, LOCALE, [film("Sintel"), film("SINBAD"), film("Sunrise"), film("Nosferatu")]
    )
    assert [here[1] for here in order.named("sin")] == ["sinbad", "sintel"]
