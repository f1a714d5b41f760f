"""P5: the index ranks as a sort of all edges would, and looks at few of them."""

import asyncio
from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.steering import fleet
from tests.steering.fleet import hear, says
from tests.steering.full_scan import Standing, full_scan, tier
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.country import Country
from vitascope.steering import EdgeReport, NetworkNotServed, NoEdge, Where
from vitascope.steering import numbers as numbers_module
from vitascope.steering.memory import MemorySteering
from vitascope.steering.numbers import Numbers, mixed, number_of, seed_of
from vitascope.steering.settings import SteeringSettings

FR, DE = Country("FR"), Country("DE")
SETTINGS = SteeringSettings(stream_mbps=0.0)  # a ranking does not change the next one

LOADS = st.sampled_from([0.0, 100.0, 449.0, 450.0, 451.0, 700.0, 899.0, 900.0, 950.0, 2000.0])
EDGES = st.lists(
    st.tuples(
        st.sampled_from([FR, DE]),
        st.sampled_from([None, None, "AS1", "AS2"]),
        LOADS,
        st.sampled_from([frozenset(), frozenset({"a/v"}), frozenset({"b/v"})]),
    ),
    min_size=1,
    max_size=numbers_module.SMALL,
)


Edge = tuple[Country, str | None, float, frozenset[str]]


def standings(edges: list[Edge]) -> list[Standing]:
    return [
        Standing(report=says(f"edge-{at}", country=country, isp=isp, load_mbps=load), holds=holds)
        for at, (country, isp, load, holds) in enumerate(edges)
    ]


async def known(
    all_of_them: list[Standing], *, lend: bool = False, network: str | None = None
) -> MemorySteering:
    settings = msgspec.structs.replace(SETTINGS, lend_network_edges=lend)
    steering = MemorySteering(
        clock=HeldClock(), settings=settings, network_of=lambda address: network
    )
    for each in all_of_them:
        await hear(steering, each.report, *each.holds)
    return steering


@given(
    edges=EDGES,
    network=st.sampled_from([None, "AS1", "AS3"]),
    lend=st.booleans(),
    wants=st.sampled_from([None, "a/v"]),
    key=st.text(max_size=3),
    limit=st.integers(1, 16),
)
def test_a_few_edges_are_ranked_exactly_as_a_sort_of_all_ranks_them(
    edges: list[tuple[Country, str | None, float, frozenset[str]]],
    network: str | None,
    lend: bool,
    wants: str | None,
    key: str,
    limit: int,
) -> None:
    all_of_them = standings(edges)
    where = Where(country=FR, address="::1", wants=wants, viewer_key=key)

    async def ranked() -> list[str]:
        steering = await known(all_of_them, lend=lend, network=network)
        try:
            return [each.edge_id for each in await steering.rank(where, limit=limit)]
        except (NoEdge, NetworkNotServed):
            return []

    right = full_scan(all_of_them, where, network, full_share=SETTINGS.full_share, lend=lend)
    assert asyncio.run(ranked()) == [each.report.edge_id for each in right][:limit]


@pytest.mark.long
async def test_thousands_of_edges_are_ranked_in_the_tiers_of_a_sort_of_all(
    clock: HeldClock,
) -> None:
    """The drawn edges differ from a sort's, how good they are does not. Where many hold the title
    and most of these are busy, a free holder may be missed: rarely."""
    said = fleet.reports(3000)
    steering = await fleet.fleet(3000, clock)
    steering._settings = SETTINGS
    all_of_them = [Standing(report=report, holds=frozenset(held)) for report, held in said]
    by_id = {each.report.edge_id: each for each in all_of_them}
    missed = 0
    for where in fleet.viewers(150):
        network = fleet.ADDRESSES.get(where.address)
        order = [by_id[each.edge_id] for each in await steering.rank(where, limit=3)]
        best = full_scan(all_of_them, where, network, full_share=0.9, lend=False)[:3]
        found, right = (
            [tier(each, where, network, 0.9) for each in edges] for edges in (order, best)
        )
        assert [each[:3] for each in found] == [each[:3] for each in right]
        missed += found != right
    assert missed <= 3


@pytest.mark.parametrize(("holders", "busy"), [(3, 0), (400, 397)])
async def test_the_few_free_holders_among_hundreds_of_edges_are_found(
    holders: int, busy: int
) -> None:
    """Few hold the title, or few of those that hold it are free: the smaller set is looked at."""
    held = frozenset({"a/v"})
    edges: list[Edge] = [
        (FR, None, 700.0 if at < busy else 0.0, held if at < holders else frozenset())
        for at in range(holders)
    ]
    free_ones = 0 if busy else 400
    edges += [(FR, None, 0.0, frozenset()) for _ in range(free_ones)]
    right = {f"edge-{at}" for at in range(busy, holders)}
    steering = await known(standings(edges))
    for key in map(str, range(20)):
        where = Where(country=FR, address="::1", wants="a/v", viewer_key=key)
        assert {each.edge_id for each in await steering.rank(where, limit=3)} == right


async def test_of_two_edges_equally_near_the_less_loaded_leads(clock: HeldClock) -> None:
    """The power of two choices: the other way round would fill the fuller one."""
    steering = await known(
        standings([(FR, None, 400.0, frozenset()), (FR, None, 100.0, frozenset())])
    )
    for key in map(str, range(30)):
        where = Where(country=FR, address="::1", viewer_key=key)
        assert [each.edge_id for each in await steering.rank(where)] == ["edge-1", "edge-0"]
        assert [each.edge_id for each in await steering.rank(where, limit=1)] == ["edge-1"]


async def test_of_many_edges_the_less_loaded_of_the_two_that_are_drawn_leads(
    clock: HeldClock,
) -> None:
    """Ninety edges, each busier than the one before: the better of two at random lies a third of
    the way up, one at random half, the worse of two two thirds."""
    edges: list[Edge] = [(FR, None, 5.0 * at, frozenset()) for at in range(90)]
    steering = await known(standings(edges))
    places = [
        int(
            (await steering.rank(Where(country=FR, address="::1", viewer_key=str(key)), limit=1))[
                0
            ].edge_id.removeprefix("edge-")
        )
        for key in range(600)
    ]
    assert 25 < sum(places) / len(places) < 35


def test_every_edge_of_a_large_set_is_drawn_equally_often() -> None:
    numbers = Numbers()
    for at in range(100):
        numbers.add(number_of(f"edge-{at}"))
    drawn = Counter(next(numbers.drawn(seed_of(f"ses_{at}"), 8)) for at in range(20_000))
    assert set(drawn) == set(numbers)
    expected = 200
    chi_squared = sum((count - expected) ** 2 / expected for count in drawn.values())
    assert chi_squared < 160  # 99 degrees of freedom: 1 in 10,000 would be above


def test_a_viewer_draws_the_same_edges_and_hardly_others_when_one_comes_or_goes() -> None:
    before, after = Numbers(), Numbers()
    names = [f"edge-{at}" for at in range(1000)]
    for name in names:
        before.add(number_of(name))
    for name in reversed(names):  # whatever the order in which they came
        after.add(number_of(name))
    after.discard(number_of("edge-500"))
    seeds = [seed_of(f"ses_{at}") for at in range(2000)]
    first = [next(before.drawn(seed, 8)) for seed in seeds]
    assert first == [next(before.drawn(seed, 8)) for seed in seeds]
    moved = sum(was != next(after.drawn(seed, 8)) for was, seed in zip(first, seeds, strict=True))
    assert 0 < moved < 2000 * 0.03


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 40))))
def test_numbers_are_a_sorted_set(changes: list[tuple[bool, int]]) -> None:
    numbers, right = Numbers(), set[int]()
    for add, number in changes:
        (numbers.add if add else numbers.discard)(number)
        (right.add if add else right.discard)(number)
        assert list(numbers) == sorted(right)
        assert (number in numbers) == (number in right)
    assert sorted(numbers.drawn(5, 8)) == sorted(right)


def test_a_large_set_yields_no_number_twice() -> None:
    numbers = Numbers()
    for at in range(50):
        numbers.add(number_of(f"edge-{at}"))
    drawn = list(numbers.drawn(seed_of("ses_1"), 64))
    assert len(set(drawn)) == len(drawn) > 30


def test_a_bit_changed_changes_half_of_the_hash() -> None:
    changed = [
        bin(mixed(at) ^ mixed(at ^ 1 << bit)).count("1") for at in range(20) for bit in range(64)
    ]
    assert 30 < sum(changed) / len(changed) < 34


async def test_a_ranking_looks_at_few_edges_however_many_there_are(
    clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted in hashes, which is what a draw is made of: twenty times the edges, not twice the
    work. (`benchmarks/steering.py` measures 17,000.)"""
    counts = []
    for count in (200, 4_000):
        steering = await fleet.fleet(count, clock, held=2)
        calls = 0

        def counted(word: int) -> int:
            nonlocal calls
            calls += 1
            return mixed(word)

        with monkeypatch.context() as patched:
            patched.setattr(numbers_module, "mixed", counted)
            for where in fleet.viewers(100):
                await steering.rank(where)
        counts.append(calls)
    assert counts[1] < 2 * counts[0]


def test_the_reference_knows_the_edges_of_other_networks_as_the_last() -> None:
    """The reference is tested too: by an example that can be read."""
    edges = standings(
        [
            (FR, "AS2", 0.0, frozenset({"a/v"})),
            (DE, None, 0.0, frozenset()),
            (DE, "AS1", 0.0, frozenset()),
        ]
    )
    where = Where(country=FR, address="::1", wants="a/v")

    def names(network: str | None, lend: bool) -> list[str]:
        found = full_scan(edges, where, network, full_share=0.9, lend=lend)
        return [each.report.edge_id for each in found]

    assert names("AS1", False) == ["edge-2", "edge-1"]
    assert names("AS1", True) == ["edge-2", "edge-1", "edge-0"]
    assert names(None, False) == ["edge-1", "edge-0", "edge-2"]
    assert isinstance(edges[0].report, EdgeReport)
