"""Likeness by what titles are made of: shared people, genres and tags, the rarer the more.

A title is a vector over its features, each weighted by its kind and by how rare it is (inverse
document frequency), scaled to length one; likeness is the angle between two. A taste is the sum
of the vectors of what was liked, less what was disliked. Everything is exact and in memory: a
posting list per feature, so that only titles with something in common are ever looked at.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from vitascope.kernel.ids import TitleId
from vitascope.recommend.contract import Liking, Similar, TitleTraits

WEIGHTS = {"person": 1.5, "genre": 1.0, "tag": 1.1, "decade": 0.5, "country": 0.25}
"""How much a shared feature of each kind says, before its rarity."""

SHOWN = ("person", "genre")
"""The kinds that are told to people as what two titles share."""

Feature = tuple[str, str]  # kind, name
Vector = Mapping[Feature, float]


class TraitsTaste:
    """Implements `Recommend`, in memory: whoever starts it lets it learn every title."""

    def __init__(self) -> None:
        self._features: dict[TitleId, frozenset[Feature]] = {}
        self._holders: dict[Feature, set[TitleId]] = defaultdict(set)
        self._vectors: dict[TitleId, Vector] = {}

    async def learn(self, traits: Sequence[TitleTraits]) -> None:
        for each in traits:
            self._forget(each.title_id)
            features = frozenset(_features(each))
            self._features[each.title_id] = features
            for feature in features:
                self._holders[feature].add(each.title_id)
        self._vectors.clear()

    async def unlearn(self, title_ids: Sequence[TitleId]) -> None:
        for title_id in title_ids:
            self._forget(title_id)
        self._vectors.clear()

    async def similar(
        self, title_id: TitleId, *, within: frozenset[TitleId], limit: int = 24
    ) -> list[Similar]:
        if title_id not in self._features:
            return []
        mine = self._vector(title_id)
        scores = self._scores(mine, within - {title_id})
        best = sorted(scores.items(), key=lambda found: (-found[1], found[0]))[:limit]
        return [
            Similar(title_id=other, score=round(score, 6), shared=self._shared(mine, other))
            for other, score in best
        ]

    async def rank(self, likings: Sequence[Liking], candidates: Sequence[TitleId]) -> list[TitleId]:
        taste: dict[Feature, float] = defaultdict(float)
        for liking in likings:
            for feature, weight in self._vector(liking.title_id).items():
                taste[feature] += weight * liking.weight
        scores = self._scores(taste, frozenset(candidates)) if taste else {}
        return sorted(candidates, key=lambda title_id: -scores.get(title_id, 0.0))

    def _scores(self, vector: Vector, within: frozenset[TitleId]) -> dict[TitleId, float]:
        scores: dict[TitleId, float] = defaultdict(float)
        for feature, weight in vector.items():
            for other in self._holders.get(feature, set()) & within:
                scores[other] += weight * self._vector(other)[feature]
        return scores

    def _shared(self, mine: Vector, other: TitleId) -> tuple[str, ...]:
        common = [feature for feature in self._features[other] if feature in mine]
        common.sort(key=lambda feature: (-mine[feature], feature))
        return tuple(name for kind, name in common if kind in SHOWN)

    def _vector(self, title_id: TitleId) -> Vector:
        known = self._vectors.get(title_id)
        if known is None:
            raw = {feature: self._weight(feature) for feature in self._features.get(title_id, ())}
            length = math.sqrt(sum(weight**2 for weight in raw.values())) or 1.0
            known = {feature: weight / length for feature, weight in raw.items()}
            self._vectors[title_id] = known
        return known

    def _weight(self, feature: Feature) -> float:
        rarity = math.log((1 + len(self._features)) / len(self._holders[feature]))
        return WEIGHTS[feature[0]] * max(0.0, rarity)

    def _forget(self, title_id: TitleId) -> None:
        for feature in self._features.pop(title_id, frozenset()):
            self._holders[feature].discard(title_id)
            if not self._holders[feature]:
                del self._holders[feature]


def _features(traits: TitleTraits) -> list[Feature]:
    return [
        *(("person", name) for name in traits.people),
        *(("genre", slug) for slug in traits.genres),
        *(("tag", tag) for tag in traits.tags),
        *(("country", country) for country in traits.countries),
        ("decade", str(traits.year // 10)),
    ]
