"""Opaque page tokens: where the next page begins, in a form that no client should read."""

import base64
import binascii
from typing import TypeVar

import msgspec

from vitascope.kernel.errors import Invalid

T = TypeVar("T")


class BadPageToken(Invalid):
    code = "bad-page-token"


def page_token(place: object) -> str:
    """Returns a URL-safe token that holds `place` (any value msgspec can encode)."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(place)).rstrip(b"=").decode()


def place_of(token: str, shape: type[T]) -> T:
    """Returns the place that `token` holds, as a `shape`. Raises `BadPageToken`."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        return msgspec.msgpack.decode(raw, type=shape)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise BadPageToken("This page token is invalid. Start again without one.") from error
