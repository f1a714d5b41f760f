"""Asking an application in this process, without a socket."""

from typing import Any, cast

import httpx
from litestar import Litestar


def asgi(app: Litestar) -> httpx.ASGITransport:
    """Returns how httpx reaches `app`: on the event loop of the test, where its databases live.

    Litestar writes the scopes and messages of ASGI as typed dicts, httpx as mappings of strings to
    anything, and a type checker does not take the one for the other.
    """
    return httpx.ASGITransport(app=cast(Any, app))
