"""Errors on the wire, and those of the wire itself."""

from collections.abc import Mapping
from typing import Any

import msgspec

from vitascope.kernel import errors as kernel_errors
from vitascope.kernel.errors import Refusal, Trouble, Unavailable, VitascopeError

MEDIA_TYPE = "application/msgpack"

_BY_STATUS: dict[int, type[VitascopeError]] = {
    error.status: error
    for error in vars(kernel_errors).values()
    if isinstance(error, type) and issubclass(error, Refusal | Trouble) and error.code != "error"
}  # of Trouble and Unavailable, both 503, the later and more precise one stays


class RemoteFault(Unavailable):
    """The far end failed (a bug there), or answered something that is no answer."""

    code = "remote-fault"


class Draining(Unavailable):
    """The process is about to stop and takes no new calls: this one was not begun."""

    code = "draining"


class NotReached(Unavailable):
    """No connection came about: the call was not sent."""


class CutOff(Unavailable):
    """The connection broke after the call was sent: nobody knows whether it was answered."""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """An error on the wire."""

    error: str  # the class's name
    code: str
    detail: str
    extra: dict[str, Any] = {}


def rebuilt(
    failure: Failure, status: int, known: Mapping[str, type[VitascopeError]]
) -> VitascopeError:
    """Returns the error as it was raised over there; of an unknown class, the kernel's for its
    status."""
    found = known.get(failure.error)
    if found is None or found.code != failure.code:
        found = _BY_STATUS.get(status, RemoteFault)
    error = found.__new__(found)
    VitascopeError.__init__(error, failure.detail, **failure.extra)
    vars(error)["code"] = failure.code
    return error
