"""From a taste to rows: pure, over one model."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

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
from vitascope.recommend.model import Floats, Ints, Mask, Model
from vitascope.recommend.store import Signal, SignalKind

BECAUSE_ROWS = 3
PEOPLE_ROWS = 3
OFFERED = 5
_TELLING = 8  # of the titles near one, so many say what they have in common
_STRENGTH = {kind: n for n, kind in enumerate(SignalKind)}  # a thumb says more than a play


class Liking(msgspec.Struct, frozen=True, kw_only=True):
    title_id: TitleId
    kind: SignalKind
    weight: float  # from -1 (thumb down) to 1 (loved)


def likings(signals: Iterable[Signal]) -> list[Liking]:
    """One for each title: what says most about it and was not taken back. `signals` come the
    latest first, and so do these."""
    strongest: dict[TitleId, Signal] = {}
    for signal in signals:
        best = strongest.get(signal.title_id)
        if signal.weight and (best is None or _STRENGTH[best.kind] < _STRENGTH[signal.kind]):
            strongest[signal.title_id] = signal
    return [
        Liking(title_id=one.title_id, kind=one.kind, weight=one.weight)
        for one in strongest.values()
    ]


def similar(
    model: Model, title_id: TitleId, scope: Scope, *, limit: int, without: Iterable[TitleId] = ()
) -> list[Similar]:
    mine = model.number.get(title_id)
    if mine is None:
        return []
    allowed = model.within(scope)
    allowed[[mine, *(model.number[each] for each in without if each in model.number)]] = False
    scores = model.scores({mine: 1.0})
    near = _best(scores, np.flatnonzero(allowed & (scores > 0)), limit)
    return [
        Similar(
            title_id=model.traits[other].title_id,
            score=round(float(scores[other]), 6),
            shared=model.shared(mine, other),
        )
        for other in near.tolist()
    ]


def ranked_rows(
    model: Model,
    liked: Sequence[Liking],
    scope: Scope,
    context: RowsContext,
    limit: RowsLimit,
) -> RankedRows:
    page = _Page(model, liked, scope, limit)
    rows = [
        page.row(RowKind.NOW, page.ordered[model.playable[page.ordered]]),
        *page.because(),
        page.row(RowKind.NEW, page.newest),
        *page.genres(),
        *page.people(),
    ]
    whole = [row for row in rows if len(row.title_ids) >= _least(row, limit)][: limit.rows]
    return RankedRows(rows=tuple(spread(whole, context.tiles_at_once)), offered=page.offered())


def _least(row: RankedRow, limit: RowsLimit) -> int:
    """What can be played is shown however little it is."""
    return 1 if row.kind is RowKind.NOW else limit.least


def _best(scores: Floats, among: Ints, limit: int | None = None) -> Ints:
    """Returns the numbers with the highest scores, of equal ones the lowest number first."""
    found: Ints = among[np.argsort(-scores[among], kind="stable")[:limit]]
    return found


class _Page:
    """What all rows of one page are made from."""

    def __init__(
        self, model: Model, liked: Sequence[Liking], scope: Scope, limit: RowsLimit
    ) -> None:
        self._model = model
        self._scope = scope
        self._limit = limit
        self._liked = [one for one in liked if one.title_id in model.number]
        self._allowed: Mask = model.within(scope)
        self.newest: Ints = model.newest[self._allowed[model.newest]]
        self.ordered = self._ordered()
        self._place = np.empty(len(model.traits), dtype=np.int64)
        self._place[self.ordered] = np.arange(len(self.ordered))

    def _ordered(self) -> Ints:
        """Returns all titles of the scope, what suits the taste first, then what is new."""
        taste = {self._model.number[one.title_id]: one.weight for one in self._liked}
        return _best(self._model.scores(taste), self.newest) if taste else self.newest

    def row(
        self, kind: RowKind, titles: Ints, about: str = "", shared: tuple[str, ...] = ()
    ) -> RankedRow:
        ids = [self._model.traits[n].title_id for n in titles[: self._limit.titles].tolist()]
        return RankedRow(kind=kind, about=about, shared=shared, title_ids=tuple(ids))

    def because(self) -> list[RankedRow]:
        """For the titles liked best, those like them that were neither watched nor refused."""
        known = [one.title_id for one in self._liked if one.kind is not SignalKind.LISTED]
        liked = [one for one in self._liked if self._is_a_reason(one)]
        liked.sort(key=lambda one: -one.weight)
        return [self._like(one.title_id, known) for one in liked[:BECAUSE_ROWS]]

    def _is_a_reason(self, one: Liking) -> bool:
        seen = bool(self._allowed[self._model.number[one.title_id]])
        return seen and one.kind is not SignalKind.LISTED and one.weight > LISTED

    def _like(self, title_id: TitleId, known: Sequence[TitleId]) -> RankedRow:
        limit = self._limit.titles
        near = similar(self._model, title_id, self._scope, limit=limit, without=known)
        people = set(self._model.traits[self._model.number[title_id]].people)
        common = _commonest(w for one in near[:_TELLING] for w in one.shared if w in people)
        ids = tuple(one.title_id for one in near)
        return RankedRow(kind=RowKind.BECAUSE, about=title_id, shared=common[:2], title_ids=ids)

    def genres(self) -> list[RankedRow]:
        """Returns the genres this profile likes first, then those with most titles."""
        weight: dict[str, int] = defaultdict(int)
        for one in self._liked:
            number = self._model.number[one.title_id]
            for slug in self._model.traits[number].genres if self._allowed[number] else ():
                weight[slug] += round(one.weight * 100)
        held = self._held(self._model.genres)
        slugs = sorted(held, key=lambda slug: (-weight[slug], -held[slug], slug))
        return [self._holding(RowKind.GENRE, slug, self._model.genres) for slug in slugs]

    def people(self) -> list[RankedRow]:
        """Returns the directors with most titles."""
        held = self._held(self._model.directed)
        names = sorted(held, key=lambda name: (-held[name], name))[:PEOPLE_ROWS]
        return [self._holding(RowKind.PERSON, name, self._model.directed) for name in names]

    def _held(self, members: Mapping[str, Ints]) -> dict[str, int]:
        """Returns how many titles of the scope each name has; those with few are left out."""
        least = self._limit.least
        held = {
            name: int(np.count_nonzero(self._allowed[titles]))
            for name, titles in members.items()
            if len(titles) >= least
        }
        return {name: count for name, count in held.items() if count >= least}

    def _holding(self, kind: RowKind, name: str, members: Mapping[str, Ints]) -> RankedRow:
        """Returns the titles of the scope under one name, in the page's order."""
        titles = members[name][self._allowed[members[name]]]
        return self.row(kind, titles[np.argsort(self._place[titles])], name)

    def offered(self) -> tuple[TitleId, ...]:
        """What can be played, has a picture and was not watched comes first; what was refused does
        not come."""
        seen = {
            self._model.number[one.title_id]: one.weight
            for one in self._liked
            if one.kind is not SignalKind.LISTED
        }
        refused = [number for number, weight in seen.items() if weight < 0]
        known = np.zeros(len(self._model.traits), dtype=bool)
        known[list(seen)] = True
        free = self.ordered[~np.isin(self.ordered, refused)]
        worth = 4.0 * self._model.playable + 2.0 * self._model.pictured + 1.0 * ~known
        best = _best(worth, free, OFFERED)
        return tuple(self._model.traits[n].title_id for n in best.tolist())


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
