"""What the viewer's four profiles have watched, put aside and liked before one first looks."""

import msgspec

from vitascope.identity import Profile
from vitascope.kernel.ids import ContentId, ProfileId, SessionId, TitleId
from vitascope.operations.demo.films import DemoFilm
from vitascope.viewing import Progress, Thumb, Viewing

_HOUR_MS = 3_600_000


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """By slug. `watched` are shares of the running time, the last watched first."""

    watched: dict[str, float] = {}
    listed: tuple[str, ...] = ()
    thumbs: dict[str, Thumb] = {}


HABITS = {
    "Ada": Habits(
        watched={"big-buck-bunny": 0.4, "night-train": 0.55, "deep-field": 1.0},
        listed=("one-turn", "dear-keeper", "sixteen-pendulums"),
        thumbs={"deep-field": Thumb.LOVE},
    ),
    "Camille": Habits(
        watched={"dear-keeper": 0.6, "interference": 1.0, "studies-in-motion": 0.5},
        listed=("night-train", "first-light"),
        thumbs={"interference": Thumb.LOVE, "twenty-six": Thumb.DOWN},
    ),
    "Jules": Habits(
        watched={"big-buck-bunny": 0.75, "round-for-six": 1.0, "safe-landing": 0.3},
        listed=("twenty-six", "small-shapes", "one-turn"),
        thumbs={"round-for-six": Thumb.LOVE},
    ),
    "Mimi": Habits(
        watched={"small-shapes": 0.5, "garden": 1.0, "big-buck-bunny": 0.2},
        listed=("twenty-six", "safe-landing"),
        thumbs={"garden": Thumb.LOVE, "big-buck-bunny": Thumb.LOVE},
    ),
}
"""Of films that can be played: nobody has watched what is only announced."""


async def bring_habits(
    viewing: Viewing, profiles: list[Profile], films: list[DemoFilm], now_ms: int
) -> None:
    """Record what the demo's profiles watched of these films, for those that are still called as
    the demo called them."""
    by_slug = {film.slug: film for film in films}
    for profile in profiles:
        habits = HABITS.get(profile.name, Habits())
        reports = [
            _report(profile.id, by_slug[slug], share, now_ms - place * 20 * _HOUR_MS)
            for place, (slug, share) in enumerate(habits.watched.items(), start=1)
            if slug in by_slug
        ]
        await viewing.record(reports)
        for slug in (slug for slug in reversed(habits.listed) if slug in by_slug):
            await viewing.add_to_list(profile.id, by_slug[slug].title.id)
        for slug in habits.thumbs.keys() & by_slug:
            await viewing.give_thumb(profile.id, by_slug[slug].title.id, habits.thumbs[slug])


def _report(profile_id: ProfileId, film: DemoFilm, share: float, at_ms: int) -> Progress:
    seasons = film.title.seasons
    content: TitleId | str = seasons[0].episodes[0].id if seasons else film.title.id
    length = film.playing_ms
    return Progress(
        profile_id=profile_id,
        content_id=ContentId(content),
        title_id=film.title.id,
        position_ms=round(length * share),
        duration_ms=length,
        session_id=SessionId(f"ses_demo-{film.slug}"),
        session_started_at_ms=at_ms,
        sequence=1,
        at_ms=at_ms,
    )
