"""What viewing knows of a profile, as signals of its taste."""

from collections.abc import Iterator

from vitascope.engines.neighbours import at_once
from vitascope.kernel.ids import ProfileId, TitleId
from vitascope.recommend.ranking import LISTED
from vitascope.recommend.store import Signal, SignalKind
from vitascope.viewing import Thumb, Viewing

_THUMBS = {Thumb.LOVE: 1.0, Thumb.UP: 0.7, Thumb.DOWN: -1.0}


async def past_of(viewing: Viewing, profile_id: ProfileId) -> list[Signal]:
    recent, thumbs, listed = await at_once(
        viewing.recent(profile_id), _thumbs(viewing, profile_id), viewing.my_list(profile_id)
    )

    def signals() -> Iterator[Signal]:
        for report in recent:
            share = report.position_ms / report.duration_ms if report.duration_ms > 0 else 0.0
            yield watched(report.title_id, share, report.at_ms)
        for title_id, thumb in thumbs.items():
            yield thumbed(title_id, thumb, 0)
        for item in listed:
            yield on_list(item.title_id, item.added_at_ms, listed=True)

    return list(signals())


async def _thumbs(viewing: Viewing, profile_id: ProfileId) -> dict[TitleId, Thumb]:
    found: dict[TitleId, Thumb] = {}
    after: TitleId | None = None
    while some := await viewing.all_thumbs(profile_id, after=after):
        found |= some
        after = max(some)
    return found


def watched(title_id: TitleId, share: float | None, at_ms: int) -> Signal:
    """Returns how much a play counts, by how much was watched: from 0.05 for a look to 0.8 for all
    of it; None is what was removed from history."""
    weight = 0.0 if share is None else 0.05 + 0.75 * min(1.0, share)
    return Signal(title_id=title_id, kind=SignalKind.WATCHED, weight=weight, at_ms=at_ms)


def thumbed(title_id: TitleId, thumb: Thumb | None, at_ms: int) -> Signal:
    weight = 0.0 if thumb is None else _THUMBS[thumb]
    return Signal(title_id=title_id, kind=SignalKind.THUMB, weight=weight, at_ms=at_ms)


def on_list(title_id: TitleId, at_ms: int, *, listed: bool) -> Signal:
    weight = LISTED if listed else 0.0
    return Signal(title_id=title_id, kind=SignalKind.LISTED, weight=weight, at_ms=at_ms)
