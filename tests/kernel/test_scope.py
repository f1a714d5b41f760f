"""D9: a scope is derived from the viewer in one place, and tells which titles may be seen."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.catalog.setup import viewer
from vitascope.kernel.country import EVERYWHERE, Country, Window
from vitascope.kernel.maturity import KIDS_CEILING, Maturity
from vitascope.kernel.scope import Rights, Scope

FRANCE, SPAIN = Country("FR"), Country("ES")
NOW = 1_000_000


def scope(*, maturity: Maturity = Maturity.EIGHTEEN, kids: bool = False) -> Scope:
    return Scope.of(viewer(country=FRANCE, maturity=maturity, kids=kids), NOW)


def rights(*windows: Window, maturity: Maturity = Maturity.ALL, shown: bool = True) -> Rights:
    return Rights(windows=windows, maturity=maturity, shown=shown)


@pytest.mark.parametrize("own", list(Maturity))
def test_a_kids_profile_never_has_more_than_the_kids_ceiling(own: Maturity) -> None:
    assert scope(maturity=own, kids=True).maturity == min(own, KIDS_CEILING)
    assert scope(maturity=own, kids=False).maturity == own


@settings(deadline=None)
@given(st.sampled_from(Maturity), st.sampled_from(Maturity), st.booleans())
def test_a_title_lies_in_a_scope_up_to_its_maturity(
    level: Maturity, ceiling: Maturity, kids: bool
) -> None:
    within = scope(maturity=ceiling, kids=kids)
    assert within.holds(rights(Window(), maturity=level)) == (level <= within.maturity)


@pytest.mark.parametrize(
    ("window", "open_now"),
    [
        (Window(), True),
        (Window(country=FRANCE), True),
        (Window(country=SPAIN), False),
        (Window(country=EVERYWHERE, from_ms=NOW), True),
        (Window(country=EVERYWHERE, from_ms=NOW + 1), False),
        (Window(country=FRANCE, until_ms=NOW + 1), True),
        (Window(country=FRANCE, until_ms=NOW), False),
    ],
)
def test_a_title_lies_in_a_scope_while_a_window_of_its_country_is_open(
    window: Window, open_now: bool
) -> None:
    assert scope().holds(rights(window)) is open_now
    assert scope().holds(rights(Window(country=SPAIN), window)) is open_now


@pytest.mark.parametrize(
    ("windows", "until_ms"),
    [
        ([], NOW),
        ([Window(country=SPAIN, until_ms=NOW + 9)], NOW),
        ([Window(from_ms=NOW + 1)], NOW),
        ([Window()], float("inf")),
        ([Window(until_ms=NOW + 5)], NOW + 5),
        ([Window(until_ms=NOW + 5), Window(country=FRANCE, until_ms=NOW + 3)], NOW + 5),
        ([Window(from_ms=NOW + 5, until_ms=NOW + 8), Window(until_ms=NOW + 5)], NOW + 8),
        ([Window(from_ms=NOW + 6), Window(until_ms=NOW + 5)], NOW + 5),
        ([Window(from_ms=NOW + 4), Window(until_ms=NOW + 5)], float("inf")),
    ],
)
def test_rights_are_held_until_the_last_window_without_a_gap_closes(
    windows: list[Window], until_ms: float
) -> None:
    assert scope().held_until(rights(*windows)) == until_ms


def test_without_a_window_or_once_it_is_hidden_a_title_lies_in_no_scope() -> None:
    assert not scope().holds(rights())
    assert not scope().holds(rights(Window(), shown=False))
