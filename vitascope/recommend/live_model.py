"""The model of this process, made anew behind as titles change.

A model of 15,000 titles takes about 0.1 s to make. It is made in another thread and then put in the
place of the old one, so no request waits for it. Many changes that come together make one model.
"""

import asyncio

from vitascope.kernel.clock import Clock
from vitascope.kernel.ids import TitleId
from vitascope.kernel.ordered import Ordered
from vitascope.recommend.model import FeatureNumbers, Model
from vitascope.recommend.settings import RecommendSettings
from vitascope.recommend.traits import Traits, features


class LiveModel:
    def __init__(self, *, clock: Clock, settings: RecommendSettings) -> None:
        self.current = Model((), (), ())
        self._clock = clock
        self._settings = settings
        self._vocabulary = FeatureNumbers()
        self._ids: Ordered[TitleId] = Ordered()
        self._known: dict[TitleId, tuple[Traits, tuple[int, ...]]] = {}
        self._changed = asyncio.Event()

    def learn(self, traits: Traits) -> None:
        """Add or replace a title. It counts in the next model."""
        known = self._known.get(traits.title_id)
        if known and known[0] == traits:
            return
        if not known:
            self._ids.add(traits.title_id)
        columns = tuple(map(self._vocabulary.number, features(traits)))
        self._known[traits.title_id] = traits, columns
        self._changed.set()

    def unlearn(self, title_id: TitleId) -> None:
        if self._known.pop(title_id, None):
            self._ids.discard(title_id)
            self._changed.set()

    async def renew(self) -> None:
        """Make the model of the titles known now."""
        self._changed.clear()
        ids, known = list(self._ids), self._known.copy()
        vocabulary = self._vocabulary.features.copy()
        self.current = await asyncio.to_thread(_made, ids, known, vocabulary)

    async def run(self) -> None:
        """Renew the model when titles have changed, until cancelled."""
        while True:
            await self._changed.wait()
            await self.renew()
            await self._clock.sleep(self._settings.model_pause_s)


def _made(
    ids: list[TitleId],
    known: dict[TitleId, tuple[Traits, tuple[int, ...]]],
    vocabulary: list[tuple[str, str]],
) -> Model:
    traits = tuple(known[title_id][0] for title_id in ids)
    columns = tuple(known[title_id][1] for title_id in ids)
    return Model(traits, columns, vocabulary)
