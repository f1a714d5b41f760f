"""Rows and likeness from sparse matrices, and what each profile likes from its own database.

Nothing is computed on the event loop. What a profile watched, liked and listed arrives by events. A
profile whose past this database does not know, because it is older than the database or because the
database was lost, is read from viewing once, when rows are first asked for.
"""

import asyncio
from collections.abc import Sequence

from vitascope.engines.bus import Outbox
from vitascope.engines.neighbours import Asking, Neighbours
from vitascope.engines.rows import Connection, Rows
from vitascope.kernel.clock import Clock
from vitascope.kernel.ids import ProfileId, TitleId
from vitascope.kernel.scope import Scope
from vitascope.recommend import ranking, store
from vitascope.recommend.contract import (
    RankedRows,
    RowsContext,
    RowsLimit,
    Similar,
    TasteChanged,
)
from vitascope.recommend.live_model import LiveModel
from vitascope.recommend.past import past_of
from vitascope.recommend.settings import RecommendSettings
from vitascope.recommend.store import Signal
from vitascope.viewing import Viewing


class SparseRecommend:
    """Implements `Recommend`."""

    def __init__(
        self,
        *,
        rows: Rows,
        outbox: Outbox,
        model: LiveModel,
        viewing: Viewing,
        clock: Clock,
        settings: RecommendSettings | None = None,
    ) -> None:
        self._rows = rows
        self._outbox = outbox
        self._model = model
        self._viewing = viewing
        settings = settings or RecommendSettings()
        self._neighbours = Neighbours[str](
            clock, ("viewing",), journey="recommend", timeout_s=settings.viewing_timeout_s
        )

    async def rows(
        self,
        profile_id: ProfileId,
        scope: Scope,
        context: RowsContext,
        *,
        limit: RowsLimit = RowsLimit(),  # noqa: B008 - it is frozen
    ) -> RankedRows:
        liked = ranking.likings(await self._signals(profile_id))
        model = self._model.current
        return await asyncio.to_thread(ranking.ranked_rows, model, liked, scope, context, limit)

    async def similar(self, title_id: TitleId, scope: Scope, *, limit: int = 24) -> list[Similar]:
        model = self._model.current
        return await asyncio.to_thread(ranking.similar, model, title_id, scope, limit=limit)

    async def hear(self, told: Sequence[tuple[ProfileId, Signal]]) -> None:
        """Keep signals of profiles, in the order in which they came, each in the place of an
        earlier one of its kind about the same title; all in one transaction."""

        def work(connection: Connection) -> None:
            profiles = dict.fromkeys(profile_id for profile_id, _ in told)
            kept = [each for each in profiles if not store.is_erased(connection, each)]
            for profile_id, signal in told:
                if profile_id in kept:
                    store.put(connection, profile_id, signal)
            self._outbox.put(connection, *(TasteChanged(profile_id=each) for each in kept))

        if told:
            await self._rows.write(work)

    async def forget_profile(self, profile_id: ProfileId) -> None:
        await self._rows.write(lambda connection: store.erase(connection, profile_id))

    async def _signals(self, profile_id: ProfileId) -> list[Signal]:
        met, signals = await self._rows.read(
            lambda connection: (
                store.is_met(connection, profile_id),
                store.signals_of(connection, profile_id),
            )
        )
        if met:
            return signals
        return await self._met(profile_id, self._neighbours.asking()) or signals

    async def _met(self, profile_id: ProfileId, asking: Asking[str]) -> list[Signal]:
        """Returns the signals of a profile, with its past; none when viewing does not tell it
        now."""
        past = await asking.ask(
            "viewing", lambda: past_of(self._viewing, profile_id), otherwise=lambda: None
        )
        if past is None:
            return []

        def work(connection: Connection) -> list[Signal]:
            store.meet(connection, profile_id, past)
            return store.signals_of(connection, profile_id)

        return await self._rows.write(work)
