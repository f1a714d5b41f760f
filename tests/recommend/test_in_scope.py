"""What is kept for a scope is what the scope holds, also when windows open and close meanwhile."""

import random
import weakref

from tests.recommend.test_ranking import EVERYBODY, model_of, traits
from vitascope.kernel.country import EVERYWHERE, Country, Window
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.scope import Rights, Scope
from vitascope.recommend.in_scope import KEPT, InScopeCache, TitlesByName, Windows
from vitascope.recommend.model import Model
from vitascope.recommend.traits import Traits

COUNTRIES = [Country("FR"), Country("US"), Country("DE")]  # no window names the last


def rights_of(dice: random.Random) -> Rights:
    windows = [
        Window(
            country=dice.choice([*COUNTRIES[:2], EVERYWHERE]),
            from_ms=dice.randrange(20),
            until_ms=dice.choice([None, dice.randrange(20, 40)]),
        )
        for _ in range(dice.randrange(3))
    ]
    maturity = dice.choice(list(Maturity))
    return Rights(windows=tuple(windows), maturity=maturity, shown=dice.random() > 0.2)


def some_titles(dice: random.Random, count: int = 60) -> list[Traits]:
    return [
        traits(
            f"{n:02}",
            dice.sample(["comedy", "drama", "war"], 2),
            dice.sample(["Keaton", "Lang", "Murnau"], dice.randrange(3)),
            rights=rights_of(dice),
            playable=dice.random() > 0.5,
            new_ms=dice.randrange(10),
        )
        for n in range(count)
    ]


def names(model: Model, numbers: list[int]) -> list[str]:
    return [model.traits[n].title_id for n in numbers]


def test_at_any_moment_and_in_any_order_of_asking_it_is_what_the_scope_holds() -> None:
    dice = random.Random(1)
    known = some_titles(dice)
    model = model_of(*known)
    scopes = [
        Scope(country=country, maturity=maturity, kids=False, at_ms=at_ms)
        for country in COUNTRIES
        for maturity in (Maturity.SEVEN, Maturity.EIGHTEEN)
        for at_ms in range(41)
    ]
    for scope in dice.sample(scopes, len(scopes)):
        held = [each for each in known if scope.holds(each.rights)]
        seen = model.within(scope)
        assert set(names(model, seen.newest.tolist())) == {each.title_id for each in held}
        for slug in ("comedy", "drama", "war"):
            having = [each for each in held if slug in each.genres]
            assert seen.genres.get(slug, 0) == len(having)
            having.sort(key=lambda each: (each.playable, each.new_ms, each.title_id), reverse=True)
            found = names(model, seen.of_genre(slug).tolist())
            assert found == [each.title_id for each in having]


def test_directors_with_most_titles_come_first_then_by_name() -> None:
    model = model_of(
        traits("a", people=["Murnau", "Lang"]),
        traits("b", people=["Murnau", "Keaton"]),
        traits("c", people=["Welles"], rights=Rights(windows=(), maturity=Maturity.ALL)),
    )
    scope = Scope(country=Country("FR"), maturity=Maturity.ALL, kids=False, at_ms=1)
    assert model.within(scope).directors == {"Murnau": 2, "Keaton": 1, "Lang": 1}


def test_between_two_openings_it_is_made_once_and_few_scopes_are_kept() -> None:
    made = []
    windows = [Window(country=Country(f"{a}{b}")) for a in "ABCDEF" for b in "ABCDEFGH"]
    every = Rights(windows=(*windows, Window(from_ms=5, until_ms=9)), maturity=Maturity.ALL)
    model = model_of(traits("a", rights=every), traits("b", rights=EVERYBODY))

    def make(allowed: object) -> object:
        made.append(allowed)
        return model.within(scope_at(0))

    cache = InScopeCache(Windows([every, EVERYBODY]), make)  # type: ignore[arg-type]
    for at_ms in (5, 8, 6):
        cache.of(scope_at(at_ms))
    assert len(made) == 1
    cache.of(scope_at(9))
    assert len(made) == 2
    for window in windows:
        cache.of(scope_at(9, window.country))
    assert len(cache._kept) == KEPT < len(windows)


def scope_at(at_ms: int, country: Country = Country("ZZ")) -> Scope:  # noqa: B008
    return Scope(country=country, maturity=Maturity.ALL, kids=False, at_ms=at_ms)


def test_no_names_are_no_groups() -> None:
    groups = TitlesByName({})
    assert groups.names == () and len(groups.titles) == 0


def test_a_model_that_was_replaced_goes_at_once() -> None:
    """It is in no circle: the garbage collector would hold every thread to take one apart."""
    model = model_of(*some_titles(random.Random(2)))
    model.within(scope_at(1))
    gone = weakref.ref(model)
    del model
    assert gone() is None
