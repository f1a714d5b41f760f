"""The order of what was recalled, and what of it is noise."""

from collections.abc import Sequence

import pytest

from vitascope.kernel.country import Window
from vitascope.kernel.ids import TitleId
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.scope import Rights
from vitascope.search import Hit, SearchDocument
from vitascope.search.entries import Entry, entry, phrase
from vitascope.search.likeness import Likeness
from vitascope.search.ranking import BESIDE_THE_BEST, FLOOR, ranked, scored_hit

RIGHTS = Rights(windows=(Window(),), maturity=Maturity.ALL)


def title(
    name: str, *, people: Sequence[str] = (), genres: Sequence[str] = (), text: str = "",
    tags: Sequence[str] = (), year: int = 2000, popularity: float = 0.0, title_id: str = "",
) -> Entry:  # fmt: skip
    document = SearchDocument(
        title_id=TitleId(title_id or name), names=(name,), people=tuple(people),
        genres=tuple(genres), tags=tuple(tags), text=text, year=year, rights=RIGHTS,
        popularity=popularity,
    )  # fmt: skip
    return entry(document)


def likeness(query: str, *entries: Entry) -> Likeness:
    return Likeness(phrase(query), [each for one in entries for each in one.phrases])


def hits(query: str, *entries: Entry, limit: int = 40) -> list[Hit]:
    return ranked(likeness(query, *entries), entries, limit)


def order(query: str, *entries: Entry, limit: int = 40) -> list[str]:
    return [hit.title_id for hit in hits(query, *entries, limit=limit)]


def test_what_is_noise_beside_the_best_is_left_out() -> None:
    """`Nose` is an answer by itself, and none beside the film that was meant."""
    meant, noise = title("Nosferatu"), title("The Nose Factory")
    assert scored_hit(likeness("nosferatu", noise), noise).score < BESIDE_THE_BEST
    assert order("nosferatu", meant, noise) == ["Nosferatu"]


def test_a_lesser_answer_stays_where_nothing_better_is_found() -> None:
    by_text = title("Sunrise", text="A farmer and a vampire.")
    by_name = title("Vampire")
    score = scored_hit(likeness("vampire", by_text), by_text).score
    assert FLOOR <= score < BESIDE_THE_BEST
    assert order("vampire", by_text) == ["Sunrise"]
    assert order("vampire", by_text, by_name) == ["Vampire"]


def test_what_scores_below_the_floor_is_no_answer_even_alone() -> None:
    in_passing = title("Sunrise", text="A dogfight.")
    assert 0 < scored_hit(likeness("dogfight moon", in_passing), in_passing).score < FLOOR
    assert order("dogfight moon", in_passing) == []


def test_small_words_alone_are_no_answer() -> None:
    """Of `the matrix` only the article is in the names: nothing that was meant is found."""
    articles = [title("The Kid"), title("The General"), title("The Gold Rush")]
    assert order("the matrix", *articles) == []
    assert order("the gold", *articles) == ["The Gold Rush"]


def test_a_person_that_is_hardly_like_the_query_is_another() -> None:
    assert order("foobar", title("My Man Godfrey", people=("Robert Foobart",))) != []
    assert order("foobar", title("My Man Godfrey", people=("Gregory La Cava", "Franklin"))) == []
    assert order("matrix", title("Detour", people=("Martin Goldsmith",))) == []


def test_a_short_query_finds_few_titles_and_not_all_that_were_recalled() -> None:
    crowd = [title(f"Number {n}", people=(f"Bo Ket{n}on",)) for n in range(50)]
    assert order("buster keaton", title("One Week", people=("Buster Keaton",)), *crowd) == [
        "One Week"
    ]


def test_of_two_that_match_alike_the_playable_comes_first() -> None:
    a, b = title("Echo", title_id="a"), title("Echo", title_id="b", popularity=0.5)
    assert order("echo", a, b) == ["b", "a"]


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [
        ("echo", title("Echo"), title("Echo Park")),
        ("echo pa", title("Echo Park"), title("Echo")),
        ("the echo", title("The Echo"), title("Echo of the Past")),
        ("wallstr", title("Wall Street: Money Never Sleeps"), title("Walls", text="wallstr")),
        ("horror", title("Horror"), title("Fog", genres=("Horror",))),
        ("keaton", title("The Keaton Story"), title("One Week", people=("Buster Keaton",))),
        ("keaton", title("One Week", people=("Buster Keaton",)), title("Fog", text="keaton")),
        ("pirates", title("A", tags=("pirates",)), title("B", text="Of pirates.")),
        ("keaton train", title("General", people=("B Keaton",), text="train"),
         title("One Week", people=("B Keaton",))),
        ("echo 1922", title("Echo", title_id="old", year=1922), title("Echo", title_id="new")),
    ],
)  # fmt: skip
def test_what_says_more_comes_first(query: str, better: Entry, worse: Entry) -> None:
    assert order(query, worse, better)[0] == better.title_id


def test_a_hit_says_which_field_matched() -> None:
    film = title("One Week", people=("Buster Keaton",), genres=("Comedy",), text="A house.")
    for query, field in (("one week", "name"), ("keaton", "people"), ("comedy", "genre")):
        assert hits(query, film)[0].matched == field
    assert hits("keaton comedy", film)[0].matched == "text"


def test_there_are_never_more_than_asked_for() -> None:
    assert len(order("echo", *(title("Echo", title_id=f"{n}") for n in range(9)), limit=4)) == 4
