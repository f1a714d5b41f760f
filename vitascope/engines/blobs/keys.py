"""What may be a key, the same for every adapter, so that objects can move from one to another."""

import re

from vitascope.engines.blobs.contract import BadBlobKey

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._=+-]{0,199}")


def check_key(key: str) -> str:
    """Return `key`. Raises `BadBlobKey`."""
    if not all(_PART.fullmatch(part) for part in key.split("/")):
        raise BadBlobKey(
            f"{key!r} can't be a key. Use letters, digits and ._=+- between slashes, and begin no "
            "part with a dot."
        )
    return key


def check_prefix(prefix: str) -> str:
    """Return `prefix`, which may end anywhere within a part. Raises `BadBlobKey`."""
    above, _, _ = prefix.rpartition("/")
    if above:
        check_key(above)
    return prefix


def refuse_everything(prefix: str) -> None:
    """Raises `BadBlobKey` for a prefix that stands for the whole store."""
    if not prefix:
        raise BadBlobKey("An empty prefix would delete every object. Name what should go.")
