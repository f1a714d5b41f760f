"""What a distributed cache keeps under one key.

An entry begins with a random token that changes with every write. Whoever wants to replace an entry
names the token that was there, so that of two writers only one succeeds, and a load that began
before somebody put or forgot the value finds its token gone. (These are the leases of Facebook's
memcached paper, NSDI 2013, kept in the entry itself.)
"""

import hashlib
import secrets
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

TOKEN_BYTES = 16
_shapes: dict[Any, bytes] = {}  # as many as there are kinds of values


class CacheEntry(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A value with its lifetimes, or only the note that somebody is loading it."""

    shape: bytes = b""  # which type was encoded, and how its fields were then
    value: bytes | None = None
    soft_until_ms: int = 0
    hard_until_ms: int = 0
    loading_until_ms: int = 0  # for so long others leave the loading to whoever wrote this


class FoundEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that was read, and the token to replace it by."""

    token: bytes
    entry: CacheEntry


def packed(entry: CacheEntry) -> tuple[bytes, bytes]:
    """Returns a new token, and the bytes to store, which begin with it."""
    token = secrets.token_bytes(TOKEN_BYTES)
    return token, token + msgspec.msgpack.encode(entry)


def unpacked(data: bytes) -> FoundEntry:
    """Read what was stored. Bytes that are no entry count as one without a value."""
    token, rest = data[:TOKEN_BYTES], data[TOKEN_BYTES:]
    try:
        return FoundEntry(token=token, entry=msgspec.msgpack.decode(rest, type=CacheEntry))
    except msgspec.DecodeError:
        return FoundEntry(token=token, entry=CacheEntry())


def decoded(entry: CacheEntry, returns: type[T]) -> T:
    """Returns the value. Raises `msgspec.MsgspecError` when it is of another shape."""
    if entry.value is None or entry.shape != shape_of(returns):
        raise msgspec.ValidationError("The value has another shape.")
    return msgspec.msgpack.decode(entry.value, type=returns)


def shape_of(returns: Any) -> bytes:
    """Returns a hash of a type with all its fields, their types and defaults. Values that another
    version of the software wrote with other fields must not be read as if they were of this one."""
    if (known := _shapes.get(returns)) is not None:
        return known
    schema = msgspec.json.schema(returns)
    shape = hashlib.sha256(msgspec.json.encode(schema, order="sorted")).digest()[:8]
    return _shapes.setdefault(returns, shape)
