"""D8, P2: progress never goes back; lists and thumbs are each profile's own. Over every store."""

import asyncio
import itertools
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.catalog.setup import MemoryOutbox
from tests.viewing.beats import ANA, BEN, FILM, SAGA, beat, position
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.ids import ContentId, ProfileId, TitleId
from vitascope.kernel.pages import BadPageToken, page_token
from vitascope.viewing import (
    HistoryRemoved,
    ListChanged,
    ListFull,
    Progress,
    Thumb,
    ThumbGiven,
    TitleFinished,
    TitleWatched,
    Viewing,
)
from vitascope.viewing.reports import place_of
from vitascope.viewing.storage import ViewingStore

_fresh = itertools.count()


async def test_the_latest_session_wins_and_within_it_the_highest_sequence(viewing: Viewing) -> None:
    await viewing.record([beat(5_000, session=2, sequence=3)])
    await viewing.record([beat(90_000, session=1, sequence=99)])
    await viewing.record([beat(4_000, session=2, sequence=2)])
    assert await position(viewing) == 5_000
    await viewing.record([beat(1_000, session=2, sequence=4)])  # the viewer went back on purpose
    assert await position(viewing) == 1_000


def reports() -> st.SearchStrategy[list[Progress]]:
    one = st.builds(
        beat,
        st.integers(0, 100_000),
        session=st.integers(1, 3),
        sequence=st.integers(1, 5),
    )
    return st.lists(one, min_size=1, max_size=12)


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sent=reports(), chance=st.randoms(use_true_random=False))
async def test_any_order_with_any_duplicates_ends_at_the_same_position(
    viewing: Viewing, sent: list[Progress], chance: random.Random
) -> None:
    """P2: progress duplicated and out of order never goes back."""
    shuffled = sent + chance.choices(sent, k=len(sent))
    chance.shuffle(shuffled)
    cuts = sorted(chance.choices(range(len(shuffled) + 1), k=3))
    batches = [shuffled[a:b] for a, b in itertools.pairwise([0, *cuts, len(shuffled)])]
    profile = ProfileId(f"pro_{next(_fresh)}")
    for batch in batches:
        await viewing.record([_of(profile, each) for each in batch])
    expected = max(sent, key=place_of)
    assert await position(viewing, profile) == expected.position_ms


def _of(profile: ProfileId, report: Progress) -> Progress:
    return Progress(**{**{f: getattr(report, f) for f in report.__struct_fields__},
                       "profile_id": profile})  # fmt: skip


async def test_overlapping_batches_in_different_orders_do_not_lock_each_other_out(
    viewing: Viewing,
) -> None:
    beats = [beat(n, content=f"epi_{n}", title=SAGA) for n in range(30)]
    orders = [random.Random(seed).sample(beats, len(beats)) for seed in range(8)]
    await asyncio.gather(*(viewing.record(order) for order in orders))
    found, _ = await viewing.history(ANA, limit=50)
    assert len(found) == 30


async def test_recent_has_the_last_content_of_each_title(viewing: Viewing) -> None:
    await viewing.record(
        [
            beat(1, content="epi_1", title=SAGA, at_ms=10),
            beat(2, content="epi_2", title=SAGA, at_ms=30),
            beat(3, at_ms=20),
            beat(4, at_ms=40, profile=BEN),
        ]
    )
    assert [report.content_id for report in await viewing.recent(ANA)] == ["epi_2", "ttl_film"]
    assert [r.content_id for r in await viewing.recent(ANA, limit=1)] == ["epi_2"]


async def test_history_pages_show_everything_once(viewing: Viewing) -> None:
    await viewing.record(
        [beat(n, content=f"epi_{n:02}", title=SAGA, at_ms=n // 2) for n in range(11)]
    )
    seen: list[str] = []
    token = None
    while True:
        page, token = await viewing.history(ANA, page_token=token, limit=3)
        seen += [report.content_id for report in page]
        if token is None:
            break
    assert seen == [f"epi_{n:02}" for n in range(10, -1, -1)]
    for forged in ("x", page_token((2**63, "epi")), page_token((-1, "epi"))):
        with pytest.raises(BadPageToken):
            await viewing.history(ANA, page_token=forged)


async def test_what_was_forgotten_stays_forgotten_when_late_reports_arrive(
    viewing: Viewing, clock: HeldClock
) -> None:
    now = clock.now_ms() // 1000
    await viewing.record([beat(5_000, session=now - 60)])
    await viewing.forget(ANA, FILM)
    assert await position(viewing) is None
    await viewing.record([beat(9_000, session=now - 60, sequence=9)])
    assert await position(viewing) is None
    assert await viewing.recent(ANA) == []
    assert await viewing.history(ANA) == ([], None)
    await viewing.record([beat(2_000, session=now + 1)])
    assert await position(viewing) == 2_000


async def test_a_session_that_began_when_its_title_was_removed_is_not_wanted(
    viewing: Viewing, clock: HeldClock
) -> None:
    removed_s = clock.now_ms() // 1000  # sessions begin at whole seconds here
    await viewing.forget(ANA, FILM)
    for began, counts in ((removed_s - 1, False), (removed_s, False), (removed_s + 1, True)):
        await viewing.record([beat(began, session=began)])
        assert (await position(viewing) is not None) is counts
    assert await viewing.recent(BEN) == []


async def test_a_late_report_of_a_removed_title_announces_nothing(
    viewing: Viewing, outbox: MemoryOutbox, clock: HeldClock
) -> None:
    began = clock.now_ms() // 1000 - 60
    await viewing.record([beat(5_000, session=began)])
    await viewing.forget(ANA, FILM)
    told = list(outbox.heard)
    await viewing.record([beat(99_000, session=began, sequence=9)])
    assert outbox.heard == told


async def test_of_several_removals_the_latest_counts(
    viewing: Viewing, store: ViewingStore, clock: HeldClock
) -> None:
    now_s = clock.now_ms() // 1000
    await viewing.forget(ANA, FILM)
    earlier = clock.now_ms() - 60_000  # by a process whose clock is behind
    await store.remove_from_history(ANA, FILM, earlier, [])
    await viewing.record([beat(5_000, session=now_s - 30)])
    assert await position(viewing) is None
    clock.advance(60)
    await viewing.forget(ANA, FILM)
    await viewing.record([beat(5_000, session=now_s + 30)])
    assert await position(viewing) is None


async def test_a_removal_is_of_one_profile_and_one_title(
    viewing: Viewing, clock: HeldClock
) -> None:
    began = clock.now_ms() // 1000 - 60
    late = [
        beat(1, session=began),
        beat(2, session=began, profile=BEN),
        beat(3, session=began, title=SAGA, content="epi_1"),
    ]
    await viewing.forget(ANA, FILM)
    await viewing.record(late)
    assert [r.title_id for r in await viewing.recent(ANA)] == [SAGA]
    assert [r.title_id for r in await viewing.recent(BEN)] == [FILM]


async def test_finishing_is_announced_once(viewing: Viewing, outbox: MemoryOutbox) -> None:
    await viewing.record([beat(50_000, sequence=1)])
    await viewing.record([beat(96_000, sequence=2)])
    await viewing.record([beat(96_000, sequence=2)])
    await viewing.record([beat(99_000, sequence=3)])
    news = TitleFinished(profile_id=ANA, title_id=FILM, content_id=ContentId("ttl_film"))
    assert [event for event in outbox.heard if isinstance(event, TitleFinished)] == [news]


async def test_watching_is_announced_when_it_begins_and_with_every_quarter(
    viewing: Viewing, outbox: MemoryOutbox
) -> None:
    for sequence, position_ms in enumerate((1_000, 9_000, 26_000, 26_000, 49_000, 52_000, 40_000)):
        await viewing.record([beat(position_ms, sequence=sequence)])
    await viewing.record([beat(90_000, sequence=1)])  # late: it is not kept
    told = [event.share for event in outbox.heard if isinstance(event, TitleWatched)]
    assert told == [0.01, 0.26, 0.52, 0.4]


async def test_removal_from_history_is_announced(viewing: Viewing, outbox: MemoryOutbox) -> None:
    await viewing.record([beat(50_000, sequence=1)])
    await viewing.forget(ANA, FILM)
    assert outbox.heard[-1] == HistoryRemoved(profile_id=ANA, title_id=FILM)


async def test_my_list_has_the_newest_first_and_each_once(
    viewing: Viewing, outbox: MemoryOutbox, clock: HeldClock
) -> None:
    for title in (FILM, SAGA, FILM):
        await viewing.add_to_list(ANA, title)
        clock.advance(1)
    assert [item.title_id for item in await viewing.my_list(ANA)] == [SAGA, FILM]
    await viewing.remove_from_list(ANA, SAGA)
    await viewing.remove_from_list(ANA, SAGA)
    assert [item.title_id for item in await viewing.my_list(ANA)] == [FILM]
    assert await viewing.my_list(BEN) == []
    changed = [
        ListChanged(profile_id=ANA, title_id=title, listed=listed)
        for title, listed in ((FILM, True), (SAGA, True), (SAGA, False))
    ]
    assert outbox.heard == changed


async def test_of_some_titles_it_is_told_which_are_on_the_list(viewing: Viewing) -> None:
    await viewing.add_to_list(ANA, FILM)
    await viewing.add_to_list(BEN, SAGA)
    assert await viewing.on_list(ANA, [SAGA, FILM]) == {FILM}
    assert await viewing.on_list(ANA, []) == frozenset()


async def test_a_list_is_read_as_far_as_it_is_wanted_and_has_an_end(
    viewing: Viewing, clock: HeldClock
) -> None:
    """A page that shows some of it does not wait for all of it, however much one puts aside."""
    titles = [TitleId(f"ttl_{n:03}") for n in range(500)]
    for title in titles:
        await viewing.add_to_list(ANA, title)
        clock.advance(1)
    newest = [item.title_id for item in await viewing.my_list(ANA, limit=3)]
    assert newest == titles[:-4:-1]
    with pytest.raises(ListFull, match="has 500 titles"):
        await viewing.add_to_list(ANA, FILM)
    await viewing.add_to_list(ANA, titles[0])  # it is there already
    await viewing.remove_from_list(ANA, titles[0])
    await viewing.add_to_list(ANA, FILM)
    assert len(await viewing.my_list(ANA)) == 500


async def test_all_thumbs_are_read_in_pages(viewing: Viewing) -> None:
    for n in range(5):
        await viewing.give_thumb(ANA, TitleId(f"ttl_{n}"), Thumb.UP)
    assert list(await viewing.all_thumbs(ANA, limit=2)) == ["ttl_0", "ttl_1"]
    assert list(await viewing.all_thumbs(ANA, after=TitleId("ttl_1"))) == [
        "ttl_2",
        "ttl_3",
        "ttl_4",
    ]


async def test_a_thumb_is_given_changed_and_taken_back(
    viewing: Viewing, outbox: MemoryOutbox
) -> None:
    for thumb in (Thumb.UP, Thumb.UP, Thumb.LOVE):
        await viewing.give_thumb(ANA, FILM, thumb)
    assert await viewing.thumbs(ANA, [SAGA, FILM]) == {FILM: Thumb.LOVE}
    await viewing.give_thumb(ANA, FILM, None)
    assert await viewing.thumbs(ANA, [FILM]) == {}
    told = [event.thumb for event in outbox.heard if isinstance(event, ThumbGiven)]
    assert told == [Thumb.UP, Thumb.LOVE, None]


async def test_a_removed_profile_leaves_nothing_and_nobody_else_loses_anything(
    viewing: Viewing,
) -> None:
    for who in (ANA, BEN):
        await viewing.record([beat(1, profile=who)])
        await viewing.add_to_list(who, FILM)
        await viewing.give_thumb(who, FILM, Thumb.UP)
    await viewing.forget_profile(ANA)
    assert (await viewing.recent(ANA), await viewing.my_list(ANA)) == ([], [])
    assert await viewing.all_thumbs(ANA) == {}
    assert len(await viewing.recent(BEN)) == 1
    assert len(await viewing.my_list(BEN)) == 1
