"""What makes a title whole, and what of it changes by whom."""

from collections.abc import Callable

import msgspec

from vitascope.catalog.artwork import filled, set_by_hand
from vitascope.catalog.contract.errors import BadTitle
from vitascope.catalog.contract.title import Artwork, Asset, Episode, Title, TitleKind, TitleState
from vitascope.catalog.genres import check_genres
from vitascope.kernel.ids import ContentId

FIRST_FILM_YEAR = 1870
MOST_WORDINGS = 100
MOST_WINDOWS = 500
MOST_TAGS = 100
MOST_CREDITS = 500
MOST_EPISODES = 2000
LONGEST_NAME = 300


def check(title: Title) -> None:
    """Raises `BadTitle` with a sentence for the partner."""
    if not title.wordings or not all(words.name.strip() for words in title.wordings):
        raise BadTitle("A title needs a name in every language it has words in.")
    if len({words.locale for words in title.wordings}) < len(title.wordings):
        raise BadTitle("A title has one wording for each language, not several.")
    if not FIRST_FILM_YEAR <= title.year <= 2200:
        raise BadTitle(f"{title.year} is not the year of a film.")
    if not title.windows:
        raise BadTitle("Say where and when the title may be shown: it has no window.")
    check_genres(title.genres)
    _check_counts(title)
    _check_episodes(title)


def _check_counts(title: Title) -> None:
    """What a change adds to what is there (a wording for each language) is counted with it."""
    worded = [title.wordings, *(each.wordings for each in title.episodes)]
    counted = {
        "languages": (max(map(len, worded)), MOST_WORDINGS),
        "windows": (len(title.windows), MOST_WINDOWS),
        "tags": (len(title.tags), MOST_TAGS),
        "people": (len(title.credits), MOST_CREDITS),
        "episodes": (len(title.episodes), MOST_EPISODES),
    }
    for what, (count, limit) in counted.items():
        if count > limit:
            raise BadTitle(f"A title can have at most {limit} {what}; this one has {count}.")
    if any(len(words.name) > LONGEST_NAME for wordings in worded for words in wordings):
        raise BadTitle(f"A name can have at most {LONGEST_NAME} characters.")


def _check_episodes(title: Title) -> None:
    if title.kind is TitleKind.FILM and title.seasons:
        raise BadTitle("A film has no seasons. Make it a series, or leave the seasons out.")
    placed = [(episode.season, episode.number) for episode in title.episodes]
    if len(set(placed)) < len(placed):
        raise BadTitle("Two episodes have the same season and number.")
    for season in title.seasons:
        for episode in season.episodes:
            if (episode.title_id, episode.season) != (title.id, season.number):
                raise BadTitle("An episode names another title or season than the one it is in.")


def contents(title: Title) -> list[ContentId]:
    """Returns what of this title one can press play on, once it has an asset."""
    if title.kind is TitleKind.FILM:
        return [ContentId(title.id)]
    return [ContentId(episode.id) for episode in title.episodes]


_BEFORE = {TitleState.DRAFT, TitleState.ANNOUNCED}  # it is published: the partner's to choose


def edited(new: Title, old: Title | None, now_ms: int) -> Title:
    """Returns `new` as a partner wrote it, with what publishing owns as it stands in `old`."""
    if old is None:
        state = TitleState.DRAFT if new.state is TitleState.DRAFT else TitleState.ANNOUNCED
        blank = {"state": state, "playable": False, "published_at_ms": None}
        fresh = msgspec.structs.replace(new, **blank, added_at_ms=new.added_at_ms or now_ms)
        return _with_episodes(fresh, {})
    kept = msgspec.structs.replace(
        new,
        state=new.state if {new.state, old.state} <= _BEFORE else old.state,
        playable=old.playable,
        published_at_ms=old.published_at_ms,
        added_at_ms=old.added_at_ms,
        duration_ms=old.duration_ms if old.playable and old.duration_ms else new.duration_ms,
        artwork=_edited(new.artwork, old.artwork),
    )
    return _with_episodes(kept, {episode.id: episode for episode in old.episodes})


def _with_episodes(title: Title, old: dict[str, Episode]) -> Title:
    """Episodes keep what publishing gave them, and lose what they give themselves."""

    def whole(episode: Episode) -> Episode:
        was = old.get(episode.id)
        if was is None:
            return msgspec.structs.replace(episode, playable=False)
        return msgspec.structs.replace(
            episode,
            playable=was.playable,
            duration_ms=was.duration_ms if was.playable else episode.duration_ms,
            artwork=_edited(episode.artwork, was.artwork),
        )

    return _mapped(title, whole)


def _edited(new: Artwork, old: Artwork) -> Artwork:
    """Who saves a title without artwork has nothing to say about it."""
    return old if new == Artwork() else set_by_hand(new, old)


def published(title: Title, asset: Asset, now_ms: int) -> Title:
    """Returns `title` once `asset` is what its content points at. A title taken down stays so."""

    def flipped(episode: Episode) -> Episode:
        if ContentId(episode.id) != asset.content_id:
            return episode
        return msgspec.structs.replace(episode, playable=True, duration_ms=asset.duration_ms)

    gone = title.state is TitleState.TAKEN_DOWN
    film = title.kind is TitleKind.FILM
    return msgspec.structs.replace(
        _mapped(title, flipped),
        state=title.state if gone else TitleState.PUBLISHED,
        playable=True,
        duration_ms=asset.duration_ms if film else title.duration_ms,
        published_at_ms=title.published_at_ms or now_ms,
    )


def drawn(title: Title, artwork: Artwork, episode_id: str | None = None) -> Title:
    """Returns `title`, or one episode of it, with artwork set by a person."""
    if episode_id is None:
        return msgspec.structs.replace(title, artwork=set_by_hand(artwork, title.artwork))

    def one(episode: Episode) -> Episode:
        if episode.id != episode_id:
            return episode
        return msgspec.structs.replace(episode, artwork=set_by_hand(artwork, episode.artwork))

    return _mapped(title, one)


def illustrated(title: Title, taken: Artwork, content_id: ContentId) -> Title:
    """Returns `title` with what was taken from one of its contents, which for a series is an
    episode."""

    def one(episode: Episode) -> Episode:
        if ContentId(episode.id) != content_id:
            return episode
        return msgspec.structs.replace(episode, artwork=filled(episode.artwork, taken, content_id))

    whole = msgspec.structs.replace(title, artwork=filled(title.artwork, taken, content_id))
    return _mapped(whole, one)


def _mapped(title: Title, change: Callable[[Episode], Episode]) -> Title:
    seasons = tuple(
        msgspec.structs.replace(season, episodes=tuple(change(e) for e in season.episodes))
        for season in title.seasons
    )
    return msgspec.structs.replace(title, seasons=seasons)
