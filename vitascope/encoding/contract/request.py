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
