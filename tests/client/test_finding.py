"""Titles by what a partner typed."""

import pytest

from vitascope.client.finding import closest, episode_named, is_title_id

NAMES = {"Metropolis", "The Lost World", "The Lost World 1925", "Nosferatu"}


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("Metropolsi", ["Metropolis"]),
        ("metropolis", ["Metropolis"]),
        ("The Lost Wrold", ["The Lost World", "The Lost World 1925"]),
        ("Sherlock Jr.", []),
    ],
)
def test_names_that_come_close_are_offered_the_closest_first(typed: str, near: list[str]) -> None:
    assert closest(typed, NAMES) == near


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("The Lost Island S1E2", ("The Lost Island", 1, 2)),
        ("ttl_01m8 s01 e12", ("ttl_01m8", 1, 12)),
        ("Area S51", None),
        ("S1E2", None),
    ],
)
def test_an_episode_is_named_by_its_series_and_numbers(
    typed: str, named: tuple[str, int, int] | None
) -> None:
    assert episode_named(typed) == named


def test_an_id_is_told_from_a_name() -> None:
    assert is_title_id("ttl_01m8jcp1vqcqf9fht8c75eg9mz")
    assert not is_title_id("ttl_ and the rest of a name")
    assert not is_title_id("Metropolis")
