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
        watched={"big-buck-bunny": 0.4, "interference": 0.55, "metropolis": 0.7, "nosferatu": 1.0},
        listed=("sintel", "the-general", "charade", "one-step-beyond"),
        thumbs={"nosferatu": Thumb.LOVE, "metropolis": Thumb.UP, "his-girl-friday": Thumb.UP},
    ),
    "Camille": Habits(
        watched={"studies-in-motion": 0.6, "charade": 1.0, "scarlet-street": 0.5},
        listed=("detour", "sunrise", "the-passion-of-joan-of-arc"),
        thumbs={"charade": Thumb.LOVE, "the-great-train-robbery": Thumb.DOWN},
    ),
    "Jules": Habits(
        watched={"big-buck-bunny": 0.75, "safety-last": 1.0, "the-lost-world": 0.3},
        listed=("tears-of-steel", "sprite-fright", "the-thief-of-bagdad"),
        thumbs={"safety-last": Thumb.LOVE, "sherlock-jr": Thumb.UP},
    ),
    "Mimi": Habits(
        watched={"big-buck-bunny": 0.2, "gertie-the-dinosaur": 1.0},
        listed=("spring", "wing-it", "caminandes", "gullivers-travels"),
        thumbs={"gertie-the-dinosaur": Thumb.LOVE, "big-buck-bunny": Thumb.LOVE},
    ),
}


async def bring_habits(
    viewing: Viewing, profiles: list[Profile], films: list[DemoFilm], now_ms: int
) -> None:
    """Record what the demo's profiles watched, for those that are still called as the demo called
    them."""
    by_slug = {film.slug: film for film in films}
    for profile in profiles:
        habits = HABITS.get(profile.name, Habits())
        reports = [
            _report(profile.id, by_slug[slug], share, now_ms - place * 20 * _HOUR_MS)
            for place, (slug, share) in enumerate(habits.watched.items(), start=1)
        ]
        await viewing.record(reports)
        for slug in reversed(habits.listed):
            await viewing.add_to_list(profile.id, by_slug[slug].title.id)
        for slug, thumb in habits.thumbs.items():
            await viewing.give_thumb(profile.id, by_slug[slug].title.id, thumb)


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
