"""What a viewer may see, as a value: every read path filters by it, whatever it reads from.

A list of the titles that a viewer may see grows with the catalogue. A `Scope` does not: whoever
finds titles keeps the `Rights` of each, and asks `scope.holds(rights)`.
"""

import msgspec

from vitascope.kernel.country import Country, Window
from vitascope.kernel.maturity import KIDS_CEILING, Maturity
from vitascope.kernel.viewer import Viewer


class Rights(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What of a title decides who may see it."""

    windows: tuple[Window, ...]
    maturity: Maturity
    shown: bool = True  # neither a draft nor taken down

    def changes_after(self, at_ms: int) -> float:
        """Returns the next moment at which a window opens or closes; infinity when none does."""
        edges = (edge for w in self.windows for edge in (w.from_ms, w.until_ms) if edge is not None)
        return min((edge for edge in edges if edge > at_ms), default=float("inf"))


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What may be seen in a country, up to a maturity, at a moment. Made by `Scope.of` alone."""

    country: Country
    maturity: Maturity  # the highest that may be seen
    kids: bool
    at_ms: int

    @classmethod
    def of(cls, viewer: Viewer, at_ms: int) -> "Scope":
        """Returns a viewer's scope. A kids profile never has more than the kids' ceiling, whatever
        its own says."""
        ceiling = min(viewer.maturity, KIDS_CEILING) if viewer.kids else viewer.maturity
        return cls(country=viewer.country, maturity=ceiling, kids=viewer.kids, at_ms=at_ms)

    def holds(self, rights: Rights) -> bool:
        """Returns True if a title with these rights may be seen."""
        if not rights.shown or rights.maturity > self.maturity:
            return False
        return any(window.is_open(self.country, self.at_ms) for window in rights.windows)

    def held_until(self, rights: Rights) -> float:
        """Returns when the last of the windows closes that follow each other from now on without a
        gap; infinity when none does, and now when none is open."""
        until: float = self.at_ms
        while ends := [_end(w) for w in rights.windows if w.is_open(self.country, until)]:
            if (until := max(ends)) == float("inf"):
                break
        return until


def _end(window: Window) -> float:
    return float("inf") if window.until_ms is None else window.until_ms
