"""A client of the public API, for the command line: sign in, upload a master, follow a job."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec

from vitascope.catalog import Saved, Title
from vitascope.identity import SignedIn
from vitascope.ingest import Upload
from vitascope.kernel.errors import Unavailable, VitascopeError
from vitascope.kernel.ids import ContentId
from vitascope.playback import Beat, BeatAnswer, PlayAnswer
from vitascope.publishing import Job, JobReport

T = TypeVar("T")

PART = 4 * 1024 * 1024
MOST_PAUSES = 8
PAUSES_S = (0.5, 1.0, 2.0, 4.0)
PASSING = frozenset({409, 423, 429, 460, 500, 502, 503, 504})
"""Statuses after which an upload is gone on with: its offset is asked, after a pause."""


class Refused(VitascopeError):
    """The service's own refusal, as its problem body told it."""

    code = "refused"

    def __init__(self, detail: str, *, status: int, code: str, **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.seen_status = status
        self.seen_code = code


class ServerUnreachable(Unavailable):
    code = "server-unreachable"


class Client:
    """Speaks to one server as one account. Use as an async context manager."""

    def __init__(self, server: str, *, timeout_s: float = 30.0) -> None:
        self.server = server.rstrip("/")
        self._http = httpx.AsyncClient(base_url=self.server, timeout=timeout_s)
        self._signed_in: SignedIn | None = None

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def sign_in(self, email: str, password: str, *, device: str = "Command line") -> SignedIn:
        body = {"email": email, "password": password, "device": {"name": device, "kind": "probe"}}
        return self._remember(await self._send("POST", "/api/sign-in", SignedIn, json=body))

    async def choose_profile(self, name: str | None = None) -> SignedIn:
        """The profile of that name, or the first one that is neither for kids nor locked."""
        profiles = await self._send("GET", "/api/profiles", list[dict[str, Any]])
        free = [p for p in profiles if not p["kids"] and not p["has_pin"]]
        chosen = next((p for p in profiles if p["name"] == name), (free or profiles)[0])
        path = f"/api/profiles/{chosen['id']}/choose"
        return self._remember(await self._send("POST", path, SignedIn, json={"pin": None}))

    def _remember(self, signed_in: SignedIn) -> SignedIn:
        self._signed_in = signed_in
        self._http.headers["Authorization"] = f"Bearer {signed_in.tokens.access_token}"
        return signed_in

    async def _refresh(self) -> None:
        if self._signed_in is not None:
            body = {"refresh_token": self._signed_in.tokens.refresh_token}
            self._remember(await self._send("POST", "/api/refresh", SignedIn, json=body))

    # -- a partner's work

    async def title_named(self, name: str) -> Title:
        """The partner's title of that name, made when there is none."""
        titles = await self._send("GET", "/api/studio/titles", list[Title])
        for title in titles:
            if any(wording.name == name for wording in title.wordings):
                return title
        return await self._send("POST", "/api/studio/titles", Title, json={"name": name})

    async def title(self, title_id: str) -> Title:
        return await self._send("GET", f"/api/studio/titles/{title_id}", Title)

    async def import_titles(self, lines: bytes, *, first_line: int, dry_run: bool) -> Saved:
        """Save titles, one a line as JSON, all of these or none; with `dry_run` only check them.
        Goes on after passing troubles: to send a line again changes nothing."""
        for pause_s in (*PAUSES_S, None):
            try:
                return await self._send(
                    "POST",
                    "/api/studio/titles/import",
                    Saved,
                    params={"first_line": first_line, "dry_run": dry_run},
                    content=lines,
                    headers={"Content-Type": "application/jsonl"},
                )
            except (ServerUnreachable, Refused) as error:
                if pause_s is None or not _passes(error):
                    raise
                await asyncio.sleep(pause_s)
        raise AssertionError("the last try returns or raises")

    async def upload(
        self,
        file: Path,
        title: Title,
        *,
        priority: str,
        on_bytes: Callable[[int, int], None],
        content_id: ContentId | None = None,
    ) -> str:
        """Send a file by tus 1.0, going on after broken connections; the upload's id.

        `content_id` is the episode the file is of; without it, it is the film."""
        size = (await asyncio.to_thread(file.stat)).st_size
        metadata = {
            "filename": file.name,
            "title_id": title.id,
            "content_id": content_id or title.id,
            "priority": priority,
        }
        headers = {
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(size),
            "Upload-Metadata": ",".join(f"{k} {_base64(v.encode())}" for k, v in metadata.items()),
        }
        made = await self._raw("POST", "/api/uploads", headers=headers)
        location = httpx.URL(made.headers["Location"]).path
        await self._send_parts(file, location, size, on_bytes)
        return location.rsplit("/", 1)[-1]

    async def give_subtitles(self, file: Path, title: Title, language: str) -> None:
        """SRT or WebVTT for the next version of a film."""
        await self._raw(
            "PUT",
            f"/api/studio/titles/{title.id}/contents/{title.id}/subtitles/{language}",
            params={"file_name": file.name},
            content=await asyncio.to_thread(file.read_bytes),
        )

    async def _send_parts(
        self, file: Path, location: str, size: int, on_bytes: Callable[[int, int], None]
    ) -> None:
        offset, pauses = 0, 0
        while offset < size:
            try:
                part = await asyncio.to_thread(_read, file, offset, PART)
                answer = await self._raw(
                    "PATCH", location, content=part, headers=_patch(offset, part)
                )
                offset, pauses = int(answer.headers["Upload-Offset"]), 0
            except (ServerUnreachable, Refused) as error:
                if not _passes(error):
                    raise
                pauses += 1
                if pauses > MOST_PAUSES:
                    raise
                await asyncio.sleep(min(0.25 * 2**pauses, 10))
                offset = await self._offset(location, offset)
            on_bytes(offset, size)

    async def _offset(self, location: str, known: int) -> int:
        try:
            answer = await self._raw("HEAD", location, headers={"Tus-Resumable": "1.0.0"})
        except (ServerUnreachable, Refused) as error:
            if not _passes(error):
                raise
            return known
        return int(answer.headers["Upload-Offset"])

    async def uploads(self) -> list[Upload]:
        return await self._send("GET", "/api/studio/uploads", list[Upload])

    async def job_of(self, master_id: str, *, patience_s: float = 60.0) -> Job:
        """The job that publishes a master; it appears a moment after the upload is complete."""
        for _ in range(int(patience_s / 0.25)):
            for job in await self.jobs():
                if job.master_id == master_id:
                    return job
            await asyncio.sleep(0.25)
        raise Unavailable(
            "The upload is complete, but its job did not start. Is a worker running? "
            "The upload is safe, and the job will start when one is."
        )

    async def jobs(self) -> list[Job]:
        return await self._send("GET", "/api/studio/jobs", list[Job])

    async def follow(self, job_id: str) -> AsyncIterator[Job]:
        """The job each time it changed, until it has come to an end."""
        change = -1
        while True:
            job = await self._send("GET", f"/api/studio/jobs/{job_id}", Job)
            if job.change != change:
                change = job.change
                yield job
            if job.state in ("live", "rejected", "failed", "cancelled"):
                return
            await asyncio.sleep(0.4)

    async def report(self, job_id: str) -> JobReport:
        return await self._send("GET", f"/api/studio/jobs/{job_id}/report", JobReport)

    # -- a viewer's work

    async def play(self, content_id: str) -> PlayAnswer:
        body = {"content_id": content_id, "device_name": "Synthetic viewer"}
        return await self._send("POST", "/api/play", PlayAnswer, json=body)

    async def beat(self, beat: Beat) -> BeatAnswer:
        body = msgspec.to_builtins(beat)
        return await self._send("POST", "/api/progress", BeatAnswer, json=body)

    async def text(self, url: str) -> str:
        return (await self._raw("GET", url)).text

    async def licence(self, url: str, token: str, kids: list[str]) -> dict[str, Any]:
        body = {"kids": kids, "type": "temporary"}
        headers = {"X-Licence-Token": token}
        return await self._send("POST", url, dict[str, Any], json=body, headers=headers)

    # -- the wire

    async def _send(self, method: str, path: str, shape: type[T], **request: Any) -> T:
        answer = await self._raw(method, path, **request)
        return msgspec.json.decode(answer.content, type=shape)

    async def _raw(self, method: str, path: str, **request: Any) -> httpx.Response:
        answer = await self._once(method, path, **request)
        if (
            answer.status_code == 401
            and self._signed_in
            and not path.endswith(("refresh", "sign-in"))
        ):
            await self._refresh()
            answer = await self._once(method, path, **request)
        if answer.status_code >= 400:
            raise _refusal(answer)
        return answer

    async def _once(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            return await self._http.request(method, path, **request)
        except httpx.TransportError as error:
            raise ServerUnreachable(
                f"No answer from {self.server} ({type(error).__name__}). Is the service running? "
                "Start it with ./vita up, or name another with --server URL."
            ) from error


def _passes(error: ServerUnreachable | Refused) -> bool:
    return isinstance(error, ServerUnreachable) or error.seen_status in PASSING


def _refusal(answer: httpx.Response) -> Refused:
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    known = {"type", "title", "status", "detail", "code", "request_id", "instance"}
    extra = {key: value for key, value in problem.items() if key not in known}
    detail = problem.get("detail") or f"The server answered {answer.status_code}."
    return Refused(detail, status=answer.status_code, code=problem.get("code", "error"), **extra)


def _patch(offset: int, part: bytes) -> dict[str, str]:
    return {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": str(offset),
        "Upload-Checksum": f"sha1 {_base64(hashlib.sha1(part, usedforsecurity=False).digest())}",
        "Content-Type": "application/offset+octet-stream",
    }


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _read(file: Path, offset: int, size: int) -> bytes:
    with file.open("rb") as source:
        source.seek(offset)
        return source.read(size)
