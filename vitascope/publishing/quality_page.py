"""What a partner may show to everybody of how good a title looks."""

import msgspec

from vitascope.encoding import HullPoint, Quality, Saving
from vitascope.kernel.errors import NotFound
from vitascope.kernel.media import Rung


class NotShared(NotFound):
    code = "not-shared"


class QualityPage(msgspec.Struct, frozen=True, kw_only=True):
    """What the version of a title that is live is worth. `names` are by locale, the usual one
    first; an episode has its numbers. Of the master nothing is told, nor what was found in it.
    `checks` is how many were made before it was published."""

    names: dict[str, str]
    season: int = 0
    episode: int = 0
    duration_ms: int
    rungs: tuple[Rung, ...]
    quality: dict[str, Quality] = {}
    trials: tuple[HullPoint, ...] = ()
    saving: Saving | None = None
    checks: int = 0
    checks_passed: int = 0
