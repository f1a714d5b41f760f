"""Which versions this edge holds whole, as numbered changes, so that steering is told each once."""

import os
from collections import OrderedDict
from collections.abc import Callable, Iterator

from vitascope.kernel.ids import EdgeId
from vitascope.steering import InventoryChange, InventoryMark

MOST_NAMES = 500  # in one change: about 25 kB
_MOST_DROPPED = 10_000  # remembered; who has missed more is told everything


class Inventory:
    """Each prefix with the number of its last change. For one event loop."""

    def __init__(self) -> None:
        self._run = os.urandom(8).hex()
        self._number = 0
        self._held: OrderedDict[str, int] = OrderedDict()  # by the last change, the oldest first
        self._dropped: OrderedDict[str, int] = OrderedDict()
        self._complete_after = 0  # all that was dropped later is remembered
        self.on_change: Callable[[], None] = lambda: None

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, prefix: str) -> bool:
        return prefix in self._held

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    @property
    def mark(self) -> InventoryMark:
        return InventoryMark(run=self._run, number=self._number)

    def hold(self, prefix: str) -> None:
        if prefix not in self._held:
            self._dropped.pop(prefix, None)
            self._held[prefix] = self._next()

    def drop(self, prefix: str) -> None:
        if prefix in self._held:
            del self._held[prefix]
            self._dropped[prefix] = self._next()
            if len(self._dropped) > _MOST_DROPPED:
                _, self._complete_after = self._dropped.popitem(last=False)

    def since(
        self, known: InventoryMark, edge_id: EdgeId, *, going_on: bool = False
    ) -> InventoryChange:
        """Returns what to tell who knows this much; all of it, from its beginning, to who knows too
        little, unless that is what they are being told (`going_on`)."""
        full = known.run != self._run or (known.number < self._complete_after and not going_on)
        after = 0 if full else known.number
        changes = sorted(
            [(number, prefix, True) for prefix, number in self._held.items() if number > after]
            + [
                (number, prefix, False)
                for prefix, number in self._dropped.items()
                if number > after
            ]
        )
        told = changes[:MOST_NAMES]
        more = len(changes) > MOST_NAMES
        return InventoryChange(
            edge_id=edge_id,
            run=self._run,
            after=after,
            upto=told[-1][0] if more else self._number,
            added=tuple(prefix for _, prefix, held in told if held),
            removed=tuple(prefix for _, prefix, held in told if not held),
            more=more,
        )

    def _next(self) -> int:
        self._number += 1
        self.on_change()
        return self._number
