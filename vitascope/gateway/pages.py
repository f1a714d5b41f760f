"""The web app's files, kept in memory and compressed once.

Names with a hash in them (below `assets/`) are cached for a year; everything else is asked for
again each time, by its ETag. Any other path gets `index.html`: deep links are the app's own affair.
"""

import asyncio
import base64
import gzip
import hashlib
import mimetypes
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import msgspec
from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from vitascope.gateway.unbuilt import unbuilt

_TEXTS = ("text/", "application/javascript", "application/json", "image/svg")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}", re.ASCII)
_OWN = ("api", "wire", "artwork", "healthz", "readyz", "metrics", "origin", "s")


class Page(msgspec.Struct, frozen=True):
    media_type: str
    policy: str
    etag: str
    cache: str
    bodies: dict[str, bytes]  # by content encoding; "" is the plain one


def pages_in(folder: Path, edge_origins: Sequence[str] = ()) -> dict[str, Page]:
    """Returns every file below `folder` by its path. Reads and compresses: done once. Empty until
    the app is built."""
    if not (folder / "index.html").is_file():
        return {}
    return {
        file.relative_to(folder).as_posix(): _page(
            file, file.relative_to(folder).as_posix(), edge_origins
        )
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def web_routes(folder: Path | None, edge_origins: Sequence[str]) -> list[HTTPRouteHandler]:
    """Returns handlers for `/` and everything that nobody else answers for."""
    pages: dict[str, Page] = {}

    async def answer(request: Request[Any, Any, Any], path: str) -> Response[bytes]:
        # In a checkout the app may still be being built when the service starts.
        if not pages and folder:
            pages.update(await asyncio.to_thread(pages_in, folder, edge_origins))
        first = path.partition("/")[0]
        page = pages.get(path) or (pages.get("index.html") if "." not in path else None)
        if not pages and folder and "." not in path and first not in _OWN:
            return unbuilt(request.headers.get("accept-language", ""))
        if page is None or first in _OWN:
            raise NotFoundException
        headers = {"ETag": page.etag, "Cache-Control": page.cache, "Vary": "Accept-Encoding"}
        if page.policy:
            host = _HOST.match(request.headers.get("host", ""))
            policy = page.policy.replace("{host}", host[0] if host else "localhost")
            headers["Content-Security-Policy"] = policy
        if request.headers.get("if-none-match") == page.etag:
            return Response(b"", status_code=304, headers=headers)
        accepted = request.headers.get("accept-encoding", "")
        encoding = next((e for e in ("br", "gzip") if e in accepted and e in page.bodies), "")
        if encoding:
            headers["Content-Encoding"] = encoding
        return Response(page.bodies[encoding], media_type=page.media_type, headers=headers)

    @get("/", include_in_schema=False, opt={"uncompressed": True})
    async def home(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await answer(request, "")

    @get("/{path:path}", include_in_schema=False, opt={"uncompressed": True})
    async def page(request: Request[Any, Any, Any], path: FromPath[str]) -> Response[bytes]:
        return await answer(request, path.lstrip("/"))

    return [home, page]


def _page(file: Path, name: str, edge_origins: Sequence[str]) -> Page:
    content = file.read_bytes()
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    hashed = name.startswith("assets/")
    bodies = {"": content}
    if media_type.startswith(_TEXTS) and len(content) > 500:
        bodies["br"] = brotli.compress(content, quality=7)
        bodies["gzip"] = gzip.compress(content, 6, mtime=0)
    policy = content_policy(content, edge_origins) if media_type == "text/html" else ""
    return Page(
        policy=policy,
        media_type=media_type,
        etag=f'"{hashlib.sha256(content).hexdigest()[:24]}"',
        cache="public, max-age=31536000, immutable" if hashed else "no-cache",
        bodies=bodies,
    )


def content_policy(page: bytes, edge_origins: Sequence[str]) -> str:
    """Returns what a page may load: its own scripts and styles (scripts written in it by their
    hash), films and pictures from the edges, nothing else. Shaka plays from blobs and works in a
    worker. What scripts set on an element's `style` is no inline style."""
    inline = re.findall(rb"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", page, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(script).digest()).decode() for script in inline]
    scripts = "".join(f" 'sha256-{digest}'" for digest in digests)
    edges = " ".join(edge_origins)
    policy = {
        "default-src": "'self'",
        "script-src": f"'self'{scripts}",
        "style-src": "'self'",
        "img-src": f"'self' data: blob: {edges}",
        "media-src": f"'self' blob: {edges}",
        "connect-src": f"'self' {edges}",
        "worker-src": "'self' blob:",
        "font-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{directive} {sources}" for directive, sources in policy.items())
