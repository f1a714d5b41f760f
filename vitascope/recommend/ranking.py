"""From a taste to rows: pure, over one model."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from vitascope.kernel.ids import TitleId
from vitascope.kernel.scope import Scope
from vitascope.recommend.contract import (
    RankedRow,
    RankedRows,
    RowKind,
    RowsContext,
    RowsLimit,
    Similar,
)
from vitascope.recommend.in_scope import Floats, InScope, Ints
from vitascope.recommend.model import Model
from vitascope.recommend.store import Signal, SignalKind

BECAUSE_ROWS = 3
PEOPLE_ROWS = 3
OFFERED = 5
_TELLING = 8  # of the titles near one, so many say what they have in common
_STEPS = 1e9  # scores are told apart to nine decimals
_STRENGTH = {kind: n for n, kind in enumerate(SignalKind)}  # a thumb says more than a play


class Liking(msgspec.Struct, frozen=True, kw_only=True):
    title_id: TitleId
    kind: SignalKind
    weight: float  # from -1 (thumb down) to 1 (loved)
    watched: bool = False  # too, or alone


def likings(signals: Iterable[Signal]) -> list[Liking]:
    """One for each title: what says most about it and was not taken back. `signals` come the
    latest first, and so do these."""
    strongest: dict[TitleId, Signal] = {}
    watched: set[TitleId] = set()
    for signal in signals:
        if signal.weight and signal.kind is SignalKind.WATCHED:
            watched.add(signal.title_id)
        best = strongest.get(signal.title_id)
        if signal.weight and (best is None or _STRENGTH[best.kind] < _STRENGTH[signal.kind]):
            strongest[signal.title_id] = signal
    return [
        Liking(
            title_id=one.title_id,
            kind=one.kind,
            weight=one.weight,
            watched=one.title_id in watched,
        )
        for one in strongest.values()
    ]


def similar(model: Model, title_id: TitleId, scope: Scope, *, limit: int) -> list[Similar]:
    mine = model.number.get(title_id)
    if mine is None:
        return []
    titles, scores = _near(model, mine, model.within(scope), limit=limit)
    return [
        Similar(
            title_id=model.traits[other].title_id,
            score=round(score, 6),
            shared=model.shared(mine, other),
        )
        for other, score in zip(titles.tolist(), scores.tolist(), strict=True)
    ]


def _near(
    model: Model, mine: int, seen: InScope, *, limit: int, without: Sequence[int] = ()
) -> tuple[Ints, Floats]:
    """Returns the titles most like one, and how like it they are."""
    titles, scores = model.scores({mine: 1.0})
    wanted = seen.allowed[titles] & (scores > 0) & ~np.isin(titles, [mine, *without])
    titles, scores = titles[wanted], scores[wanted]
    best = _highest(_one_order(scores, titles, len(model.traits)), limit)
    return titles[best], scores[best]


def ranked_rows(
    model: Model,
    liked: Sequence[Liking],
    scope: Scope,
    context: RowsContext,
    limit: RowsLimit,
) -> RankedRows:
    page = _Page(model, liked, scope, limit)
    rows = [page.now(), *page.because(), page.new(), *page.genres(), *page.people()]
    soon = page.soon()
    whole = [row for row in rows if len(row.title_ids) >= _least(row, limit)]
    whole = [*whole[: limit.rows - len(soon)], *soon]
    return RankedRows(rows=tuple(spread(whole, context.tiles_at_once)), offered=page.offered())


def _least(row: RankedRow, limit: RowsLimit) -> int:
    """What can be played is shown however little it is."""
    return 1 if row.kind is RowKind.NOW else limit.least


def _one_order(scores: Floats, after: Ints, most: int) -> Ints:
    """Returns scores as whole numbers, of which the highest is the best and no two are equal: what
    scores alike stands by `after`, the lowest first. `after` is less than `most`."""
    return np.rint(scores * _STEPS).astype(np.int64) * (most + 1) + (most - after)


def _highest(order: Ints, limit: int) -> Ints:
    """Returns where the highest are, the highest first. Sorts no more than these."""
    if len(order) > limit > 0:
        some = np.argpartition(-order, limit - 1)[:limit]
        return some[np.argsort(-order[some])]
    return np.argsort(-order)[:limit]


class _Page:
    """What all rows of one page are made from."""

    def __init__(
        self, model: Model, liked: Sequence[Liking], scope: Scope, limit: RowsLimit
    ) -> None:
        self._model = model
        self._limit = limit
        self._liked = [one for one in liked if one.title_id in model.number]
        self._all = model.within(scope)
        self._seen: InScope = self._all.to_show
        self._order: Ints | None = self._ordered()

    def _ordered(self) -> Ints | None:
        """Returns for each title a number that is higher the better it suits the taste, and of
        what suits alike, the newer it is. None without a taste: the newest come first."""
        taste = {self._model.number[one.title_id]: one.weight for one in self._liked}
        if not taste:
            return None
        titles, scores = self._model.scores(taste)
        whole = np.zeros(len(self._model.traits))
        whole[titles] = scores
        return _one_order(whole, self._seen.place, len(whole))

    def _best(self, newest: Ints, limit: int) -> Ints:
        """Returns the best of some titles, which come the newest first."""
        if self._order is None:
            return newest[:limit]
        return newest[_highest(self._order[newest], limit)]

    def _row(self, kind: RowKind, newest: Ints, about: str = "") -> RankedRow:
        best = self._best(newest, self._limit.titles)
        return RankedRow(kind=kind, about=about, title_ids=self._ids(best))

    def _ids(self, titles: Ints) -> tuple[TitleId, ...]:
        return tuple(self._model.ids[titles].tolist())

    def now(self) -> RankedRow:
        return self._row(RowKind.NOW, self._seen.playable)

    def new(self) -> RankedRow:
        newest = self._seen.newest[: self._limit.titles]
        return RankedRow(kind=RowKind.NEW, title_ids=self._ids(newest))

    def soon(self) -> list[RankedRow]:
        """Returns the row of what is announced, if rows are made of what can be played."""
        alone = self._seen is self._all
        return [] if alone else [self._row(RowKind.SOON, self._all.soon)]

    def because(self) -> list[RankedRow]:
        """For the titles liked best, those like them that were neither watched nor refused."""
        number = self._model.number
        known = [number[one.title_id] for one in self._liked if one.kind is not SignalKind.LISTED]
        liked = [one for one in self._liked if self._is_a_reason(one)]
        liked.sort(key=lambda one: -one.weight)
        return [self._like(one, known) for one in liked[:BECAUSE_ROWS]]

    def _is_a_reason(self, one: Liking) -> bool:
        seen = bool(self._seen.allowed[self._model.number[one.title_id]])
        return seen and one.kind is not SignalKind.LISTED and one.weight > LISTED

    def _like(self, one: Liking, known: Sequence[int]) -> RankedRow:
        model, mine = self._model, self._model.number[one.title_id]
        near, _ = _near(model, mine, self._seen, limit=self._limit.titles, without=known)
        people = set(model.traits[mine].people)
        shared = (model.shared(mine, other) for other in near[:_TELLING].tolist())
        common = _commonest(name for names in shared for name in names if name in people)
        ids = self._ids(near)
        return RankedRow(
            kind=RowKind.BECAUSE,
            about=one.title_id,
            shared=common[:2],
            watched=one.watched,
            title_ids=ids,
        )

    def genres(self) -> list[RankedRow]:
        """Returns the genres this profile likes first, then those with most titles."""
        weight: dict[str, int] = defaultdict(int)
        for one in self._liked:
            number = self._model.number[one.title_id]
            for slug in self._model.traits[number].genres if self._all.allowed[number] else ():
                weight[slug] += round(one.weight * 100)
        held = [slug for slug, count in self._seen.genres.items() if count >= self._limit.least]
        held.sort(key=lambda slug: -weight[slug])
        return [self._row(RowKind.GENRE, self._seen.of_genre(slug), slug) for slug in held]

    def people(self) -> list[RankedRow]:
        """Returns the directors with most titles."""
        names = itertools.islice(self._seen.directors, PEOPLE_ROWS)
        return [self._row(RowKind.PERSON, self._seen.of_director(name), name) for name in names]

    def offered(self) -> tuple[TitleId, ...]:
        """What can be played, has a picture and was not watched comes first; what was refused does
        not come."""
        known = {
            self._model.number[one.title_id]: one.weight
            for one in self._liked
            if one.kind is not SignalKind.LISTED
        }
        found: list[int] = []
        for newest in self._seen.heads:
            if len(found) < OFFERED:
                best = self._best(newest, OFFERED + len(known)).tolist()
                free = [number for number in best if known.get(number, 0) >= 0]
                found += sorted(free, key=lambda number: number in known)  # it keeps the order
        return self._ids(np.array(found[:OFFERED], dtype=np.int64))


LISTED = 0.3
"""The weight of what was put on the list: wanted, not yet liked."""


def spread(rows: Sequence[RankedRow], top: int) -> list[RankedRow]:
    """Returns the same rows, each beginning with titles that no earlier row began with, as far as
    it has such: nobody should meet one title again and again at the top of the page."""
    seen: set[TitleId] = set()
    told = []
    for row in rows:
        lead = [title_id for title_id in row.title_ids if title_id not in seen][:top]
        led = set(lead)
        rest = [title_id for title_id in row.title_ids if title_id not in led]
        told.append(msgspec.structs.replace(row, title_ids=(*lead, *rest)))
        seen.update(told[-1].title_ids[:top])
    return told


def _commonest(words: Iterable[str]) -> tuple[str, ...]:
    counted: dict[str, int] = defaultdict(int)
    for word in words:
        counted[word] += 1
    return tuple(sorted(counted, key=lambda word: -counted[word]))
