"""Section 2: how much a partner may write of a title, also by several changes."""

from typing import Any

import msgspec
import pytest

from tests.catalog.setup import film, series
from vitascope.catalog import BadTitle, Wording, titles
from vitascope.catalog.contract.title import Credit, CreditRole
from vitascope.kernel.country import Country, Window
from vitascope.kernel.ids import PersonId

WINDOWS = tuple(Window(country=Country("FR"), from_ms=n, until_ms=n + 1) for n in range(501))
CREDITS = tuple(
    Credit(person_id=PersonId(f"per_{n}"), name="A", role=CreditRole.CAST) for n in range(501)
)
WORDINGS = tuple(Wording(locale=f"x{n}", name="A") for n in range(101))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"windows": WINDOWS}, "at most 500 windows; this one has 501"),
        ({"tags": tuple(f"tag {n}" for n in range(101))}, "at most 100 tags"),
        ({"credits": CREDITS}, "at most 500 people"),
        ({"wordings": WORDINGS}, "at most 100 languages"),
        ({"wordings": (Wording(locale="en", name="n" * 301),)}, "at most 300 characters"),
        ({"year": 2201}, "2201 is not the year of a film"),
    ],
)
def test_a_title_has_an_end(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(BadTitle, match=said):
        titles.check(msgspec.structs.replace(film("A film"), **fields))
    lists = {name: value for name, value in fields.items() if isinstance(value, tuple)}
    less = {name: value[:-1] for name, value in lists.items() if len(value) > 1}
    titles.check(msgspec.structs.replace(film("A film"), **less))


@pytest.mark.parametrize(
    ("wordings", "said"),
    [
        (WORDINGS, "at most 100 languages; this one has 101"),
        ((Wording(locale="en", name="n" * 301),), "at most 300 characters"),
    ],
)
def test_what_is_said_of_an_episode_has_an_end(wordings: tuple[Wording, ...], said: str) -> None:
    saga = series("A series", 1)
    (season,) = saga.seasons
    (episode,) = season.episodes
    wordy = msgspec.structs.replace(episode, wordings=wordings)
    seasons = (msgspec.structs.replace(season, episodes=(wordy,)),)
    with pytest.raises(BadTitle, match=said):
        titles.check(msgspec.structs.replace(saga, seasons=seasons))


def test_episodes_are_counted_over_all_seasons() -> None:
    titles.check(series("A series", 1000, 1000))
    with pytest.raises(BadTitle, match="at most 2000 episodes; this one has 2001"):
        titles.check(series("A series", 1000, 1001))
