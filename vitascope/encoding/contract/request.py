"""How a step is asked for: one value, whose type says what comes back."""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from vitascope.encoding.contract.effort import Effort
from vitascope.kernel.errors import Trouble, Unprocessable

T = TypeVar("T")

OnProgress = Callable[[float], None]  # hears fractions from 0.0 to 1.0


class Request(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """Asks for one step, which answers with a `T`. It is done at the `effort` of its job; at that
    of the settings where none is named."""

    effort: Effort | None = None


class MasterRefused(Unprocessable):
    """The master cannot be encoded. `extra["findings"]` says why: [{"code", "sentence"}]."""

    code = "master-refused"


class EncodingFailed(Trouble):
    """A tool failed, or what it wrote is not what was planned. May be tried again."""

    status = 500
    code = "encoding-failed"


class PlaceFailed(EncodingFailed):
    """A tool failed twice at one place of the film, the second time with as little at once as can
    be. `extra`: `from_ms`, `until_ms`, and what the tool said."""

    code = "place-failed"
    final = True


class NoRoom(Trouble):
    """The disk of this worker, or that of the store, is full. Nothing half-written is kept. `where`
    in extra is for operators."""

    code = "no-room"
