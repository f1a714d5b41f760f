"""Values in order, whatever comes and goes; and little for the garbage collector to look at."""

import gc
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from vitascope.kernel import ordered
from vitascope.kernel.ordered import Ordered

WORDS = st.text("abc", max_size=4)


@given(st.lists(WORDS, unique=True), st.lists(st.tuples(st.booleans(), WORDS)), WORDS)
def test_it_is_what_a_sorted_list_would_be(
    first: list[str], changes: list[tuple[bool, str]], word: str
) -> None:
    kept, wanted = Ordered(sorted(first)), set(first)
    for comes, changed in changes:
        (kept.add if comes else kept.discard)(changed)
        (wanted.add if comes else wanted.discard)(changed)
    assert list(kept) == sorted(wanted)
    assert len(kept) == len(wanted)
    assert list(kept.since(word)) == sorted(each for each in wanted if each >= word)
    assert list(kept.after(word)) == sorted(each for each in wanted if each > word)
    assert list(kept.before(word)) == sorted((w for w in wanted if w < word), reverse=True)
    assert list(kept.before(None)) == sorted(wanted, reverse=True)


def test_many_values_that_come_in_any_order_stay_in_small_parts() -> None:
    kept: Ordered[tuple[int, str]] = Ordered()
    values = [(n * 7919 % 5000, "") for n in range(5000)]
    for value in values:
        kept.add(value)
    assert list(kept) == sorted(values)
    assert max(map(len, kept._parts)) <= ordered._MOST
    for value in values[:4990]:
        kept.discard(value)
    assert list(kept) == sorted(values[4990:])
    assert len(kept._parts) <= 10


def test_the_garbage_collector_leaves_them_alone() -> None:
    kept = Ordered((n, str(n)) for n in range(20_000))
    kept.add((7, "7 and a half"))
    for _ in range(2):  # the first look at a tuple may be before those at what is in it
        gc.collect()
    assert not [part for part in kept._parts if gc.is_tracked(part)]
    assert list(islice(kept.since((7, "7")), 2)) == [(7, "7"), (7, "7 and a half")]
