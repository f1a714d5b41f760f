"""What must never be written down: tokens, passwords, keys, PINs, cookies.

Two nets. By **name**: a field called like a secret shows `[hidden]`, whatever it holds. By
**look**: in every text, also in that of exceptions, what has the form of one of our tokens (a
JWT, a refresh token, an edge's path token, `Bearer ...`, `?token=...`) is blotted out. Bytes are
told by length only: content keys are bytes.
"""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

HIDDEN = "[hidden]"

_SECRET_NAME = re.compile(
    r"(^|[_\-.])(token|tokens|password|passwd|secret|secrets|authorization|cookie|set-cookie|pin"
    r"|key|keys|iv|kek|credential|credentials|signature|refresh)($|[_\-.])",
    re.IGNORECASE,
)
_HARMLESS_NAME = re.compile(r"(key_ids?|page_token|idempotency_key|key_label|key_labels)$")

_SECRET_LOOKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]+"), HIDDEN),  # JWT and licence tokens
    (re.compile(r"\bvrt_[\w-]+"), HIDDEN),  # refresh tokens
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"/s/[^/\s\"']+\.[^/\s\"']+\.[^/\s\"']+/"), f"/s/{HIDDEN}/"),
    (re.compile(r"(/api/(?:manifest|steering)/)[^/\s\"'?]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)([?&](?:token|sig|signature|key)=)[^&\s\"']+"), rf"\1{HIDDEN}"),
    (
        re.compile(
            r"(?i)([\"']?\b(?:password|pin|secret|access_token|refresh_token|vita_refresh"
            r"|content_key)\b[\"']?\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&}\)]+)"
        ),
        rf"\1{HIDDEN}",
    ),
    (
        re.compile(r"(?i)((?:postgres(?:ql)?|redis|https?)(?:\+\w+)?://[^:/\s@]+:)[^@/\s]+@"),
        rf"\1{HIDDEN}@",
    ),
    (re.compile(r"(?i)\"k\"\s*:\s*\"[\w-]{20,24}\""), f'"k":"{HIDDEN}"'),  # a key in a JWK
)


def without_secrets(text: str) -> str:
    """Returns `text` with everything that looks like a secret of ours blotted out."""
    for look, instead in _SECRET_LOOKS:
        text = look.sub(instead, text)
    return text


def redacted(value: Any, *, depth: int = 6) -> Any:
    """Returns a copy of `value` that may be written down."""
    if isinstance(value, str):
        return without_secrets(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    if depth == 0:
        return "..."
    if isinstance(value, Mapping):
        return {str(k): _named(str(k), v, depth) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(each, depth=depth - 1) for each in value]
    fields = getattr(value, "__struct_fields__", None)
    if fields is not None:
        return {name: _named(name, getattr(value, name), depth) for name in fields}
    return without_secrets(str(value))


def _named(name: str, value: Any, depth: int) -> Any:
    if _SECRET_NAME.search(name) and not _HARMLESS_NAME.search(name) and value is not None:
        return HIDDEN
    return redacted(value, depth=depth - 1)


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Returns a log event without secrets. A structlog processor; stands after everything that adds
    text, before the renderer."""
    for name in list(event):
        event[name] = _named(name, event[name], 6)
    return event
