"""D8, P2: progress never goes back; lists and thumbs are each profile's own."""

import asyncio
import itertools
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.catalog.shelves import HeardOutbox
from tests.conftest import OpenRows
from vitascope.engines.rows import Rows, Upsert
from vitascope.engines.rows.migrate import drift
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.ids import ContentId, ProfileId, SessionId, TitleId
from vitascope.kernel.pages import BadPageToken, page_token
from vitascope.viewing import (
    HistoryRemoved,
    ListChanged,
    Progress,
    Thumb,
    ThumbGiven,
    TitleFinished,
    TitleWatched,
    Viewing,
)
from vitascope.viewing import store as viewing_store
from vitascope.viewing.diary import ViewingDiary

ANA, BEN = ProfileId("pro_ana"), ProfileId("pro_ben")
FILM, SAGA = TitleId("ttl_film"), TitleId("ttl_saga")
_fresh = itertools.count()


@pytest.fixture
async def rows(open_rows: OpenRows) -> Rows:
    return await open_rows("viewing")


@pytest.fixture
def outbox() -> HeardOutbox:
    return HeardOutbox()


@pytest.fixture
def diary(rows: Rows, outbox: HeardOutbox, clock: HeldClock) -> Viewing:
    return ViewingDiary(rows=rows, outbox=outbox, clock=clock)


def beat(
    position_ms: int,
    *,
    session: int = 1,
    sequence: int = 1,
    profile: ProfileId = ANA,
    title: TitleId = FILM,
    content: str = "ttl_film",
    at_ms: int | None = None,
) -> Progress:
    return Progress(
        profile_id=profile,
        content_id=ContentId(content),
        title_id=title,
        position_ms=position_ms,
        duration_ms=100_000,
        session_id=SessionId(f"ses_{session}"),
        session_started_at_ms=session * 1000,
        sequence=sequence,
        at_ms=session * 1000 + sequence if at_ms is None else at_ms,
    )


async def position(diary: Viewing, profile: ProfileId = ANA) -> int | None:
    found = await diary.positions(profile, [ContentId("ttl_film")])
    return found[ContentId("ttl_film")].position_ms if found else None


async def test_the_migrations_make_the_tables_that_the_store_knows(rows: Rows) -> None:
    assert await rows.read(lambda connection: drift(connection, viewing_store.metadata)) == []


async def test_the_latest_session_wins_and_within_it_the_highest_sequence(diary: Viewing) -> None:
    await diary.record([beat(5_000, session=2, sequence=3)])
    await diary.record([beat(90_000, session=1, sequence=99)])
    await diary.record([beat(4_000, session=2, sequence=2)])
    assert await position(diary) == 5_000
    await diary.record([beat(1_000, session=2, sequence=4)])  # the viewer went back on purpose
    assert await position(diary) == 1_000


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
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(sent=reports(), chance=st.randoms(use_true_random=False))
async def test_any_order_with_any_duplicates_ends_at_the_same_position(
    diary: Viewing, sent: list[Progress], chance: random.Random
) -> None:
    """P2: progress duplicated and out of order never goes back."""
    shuffled = sent + chance.choices(sent, k=len(sent))
    chance.shuffle(shuffled)
    cuts = sorted(chance.choices(range(len(shuffled) + 1), k=3))
    batches = [shuffled[a:b] for a, b in itertools.pairwise([0, *cuts, len(shuffled)])]
    profile = ProfileId(f"pro_{next(_fresh)}")
    for batch in batches:
        await diary.record([_of(profile, each) for each in batch])
    expected = max(sent, key=viewing_store.place_of)
    assert await position(diary, profile) == expected.position_ms


def _of(profile: ProfileId, report: Progress) -> Progress:
    return Progress(**{**{f: getattr(report, f) for f in report.__struct_fields__},
                       "profile_id": profile})  # fmt: skip


async def test_the_guard_is_what_keeps_positions_from_going_back(
    diary: Viewing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: without it the same reports end elsewhere."""
    progress = viewing_store.progress
    key = ("profile_id", "content_id")
    unguarded = Upsert(progress, key=key, returning=[progress.c[name] for name in key])
    monkeypatch.setattr(viewing_store, "_KEEP", unguarded)
    await diary.record([beat(5_000, session=2, sequence=3)])
    await diary.record([beat(90_000, session=1, sequence=99)])
    assert await position(diary) == 90_000


async def test_overlapping_batches_in_different_orders_do_not_lock_each_other_out(
    diary: Viewing,
) -> None:
    beats = [beat(n, content=f"epi_{n}", title=SAGA) for n in range(30)]
    orders = [random.Random(seed).sample(beats, len(beats)) for seed in range(8)]
    await asyncio.gather(*(diary.record(order) for order in orders))
    found, _ = await diary.history(ANA, limit=50)
    assert len(found) == 30


async def test_recent_has_the_last_content_of_each_title(diary: Viewing) -> None:
    await diary.record(
        [
            beat(1, content="epi_1", title=SAGA, at_ms=10),
            beat(2, content="epi_2", title=SAGA, at_ms=30),
            beat(3, at_ms=20),
            beat(4, at_ms=40, profile=BEN),
        ]
    )
    assert [report.content_id for report in await diary.recent(ANA)] == ["epi_2", "ttl_film"]
    assert [r.content_id for r in await diary.recent(ANA, limit=1)] == ["epi_2"]


async def test_history_pages_show_everything_once(diary: Viewing) -> None:
    await diary.record(
        [beat(n, content=f"epi_{n:02}", title=SAGA, at_ms=n // 2) for n in range(11)]
    )
    seen: list[str] = []
    token = None
    while True:
        page, token = await diary.history(ANA, page_token=token, limit=3)
        seen += [report.content_id for report in page]
        if token is None:
            break
    assert seen == [f"epi_{n:02}" for n in range(10, -1, -1)]
    for forged in ("x", page_token((2**63, "epi")), page_token((-1, "epi"))):
        with pytest.raises(BadPageToken):
            await diary.history(ANA, page_token=forged)


async def test_what_was_forgotten_stays_forgotten_when_late_reports_arrive(
    diary: Viewing, clock: HeldClock
) -> None:
    now = clock.now_ms() // 1000
    await diary.record([beat(5_000, session=now - 60)])
    await diary.forget(ANA, FILM)
    assert await position(diary) is None
    await diary.record([beat(9_000, session=now - 60, sequence=9)])
    assert await position(diary) is None
    assert await diary.recent(ANA) == []
    assert await diary.history(ANA) == ([], None)
    await diary.record([beat(2_000, session=now + 1)])
    assert await position(diary) == 2_000


async def test_finishing_is_announced_once(diary: Viewing, outbox: HeardOutbox) -> None:
    await diary.record([beat(50_000, sequence=1)])
    await diary.record([beat(96_000, sequence=2)])
    await diary.record([beat(96_000, sequence=2)])
    await diary.record([beat(99_000, sequence=3)])
    news = TitleFinished(profile_id=ANA, title_id=FILM, content_id=ContentId("ttl_film"))
    assert [event for event in outbox.heard if isinstance(event, TitleFinished)] == [news]


async def test_watching_is_announced_when_it_begins_and_with_every_quarter(
    diary: Viewing, outbox: HeardOutbox
) -> None:
    for sequence, position_ms in enumerate((1_000, 9_000, 26_000, 26_000, 49_000, 52_000, 40_000)):
        await diary.record([beat(position_ms, sequence=sequence)])
    await diary.record([beat(90_000, sequence=1)])  # late: it is not kept
    told = [event.share for event in outbox.heard if isinstance(event, TitleWatched)]
    assert told == [0.01, 0.26, 0.52, 0.4]


async def test_removal_from_history_is_announced(diary: Viewing, outbox: HeardOutbox) -> None:
    await diary.record([beat(50_000, sequence=1)])
    await diary.forget(ANA, FILM)
    assert outbox.heard[-1] == HistoryRemoved(profile_id=ANA, title_id=FILM)


async def test_my_list_has_the_newest_first_and_each_once(
    diary: Viewing, outbox: HeardOutbox, clock: HeldClock
) -> None:
    for title in (FILM, SAGA, FILM):
        await diary.add_to_list(ANA, title)
        clock.advance(1)
    assert [item.title_id for item in await diary.my_list(ANA)] == [SAGA, FILM]
    await diary.remove_from_list(ANA, SAGA)
    await diary.remove_from_list(ANA, SAGA)
    assert [item.title_id for item in await diary.my_list(ANA)] == [FILM]
    assert await diary.my_list(BEN) == []
    changed = [
        ListChanged(profile_id=ANA, title_id=title, listed=listed)
        for title, listed in ((FILM, True), (SAGA, True), (SAGA, False))
    ]
    assert outbox.heard == changed


async def test_a_thumb_is_given_changed_and_taken_back(diary: Viewing, outbox: HeardOutbox) -> None:
    for thumb in (Thumb.UP, Thumb.UP, Thumb.LOVE):
        await diary.give_thumb(ANA, FILM, thumb)
    assert await diary.thumbs(ANA) == {FILM: Thumb.LOVE}
    await diary.give_thumb(ANA, FILM, None)
    assert await diary.thumbs(ANA) == {}
    told = [event.thumb for event in outbox.heard if isinstance(event, ThumbGiven)]
    assert told == [Thumb.UP, Thumb.LOVE, None]


async def test_a_removed_profile_leaves_nothing_and_nobody_else_loses_anything(
    diary: Viewing,
) -> None:
    for who in (ANA, BEN):
        await diary.record([beat(1, profile=who)])
        await diary.add_to_list(who, FILM)
        await diary.give_thumb(who, FILM, Thumb.UP)
    await diary.forget_profile(ANA)
    assert (await diary.recent(ANA), await diary.my_list(ANA), await diary.thumbs(ANA)) == (
        [], [], {},
    )  # fmt: skip
    assert len(await diary.recent(BEN)) == 1
    assert len(await diary.my_list(BEN)) == 1
