"""What one edge holds, followed through the changes that it sends."""

from collections.abc import Iterable

import msgspec

from vitascope.steering.contract import InventoryChange, InventoryMark


class Turnover(msgspec.Struct, frozen=True, kw_only=True):
    """What a change of inventory makes true."""

    added: Iterable[str] = ()
    removed: Iterable[str] = ()
    only: frozenset[str] | None = None  # the end of a full list: whatever else was held is gone


class InventoryFollower:
    """Where one edge's list of changes has been read to.

    An edge that restarts holds what it held before: its full list is compared with what is known,
    and what is known counts until then.
    """

    def __init__(self) -> None:
        self.mark = InventoryMark()
        self._named: set[str] | None = None  # while a full list is being read

    def take(self, change: InventoryChange) -> Turnover | None:
        """Returns None when the change does not follow on what is known, or tells nothing new."""
        begins = change.after == 0
        follows = change.run == self.mark.run and change.after <= self.mark.number < change.upto
        if not begins and not follows:
            return None
        if begins:
            self._named = set()
        self.mark = InventoryMark(run=change.run, number=change.upto)
        only = self._note(change)
        return Turnover(added=change.added, removed=change.removed, only=only)

    def _note(self, change: InventoryChange) -> frozenset[str] | None:
        if self._named is None:
            return None
        self._named.update(change.added)
        self._named.difference_update(change.removed)
        if change.more:
            return None
        only, self._named = frozenset(self._named), None
        return only
