"""What one account can do with a service: a partner's work, a viewer's, from Python."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from vitascope.catalog import NoSuchTitle, RecordsPage, Saved, Title, TitleKind
from vitascope.client import tus
from vitascope.client.events import DeadEvent, Replay, Replayed
from vitascope.client.finding import (
    LEAST_LETTERS,
    MOST_NAMES,
    MOST_WORDS,
    closest,
    episode_named,
    is_title_id,
)
from vitascope.client.http import Http, Refused, ServerUnreachable, passes
from vitascope.client.reviewing import Reviewing
from vitascope.identity import SignedIn
from vitascope.ingest import SoundDraft, Upload, UploadState
from vitascope.kernel.errors import Unavailable
from vitascope.kernel.ids import ContentId
from vitascope.kernel.media import FormatName, Scheme
from vitascope.playback import Beat, BeatAnswer, PlayAnswer
from vitascope.publishing import (
    Estimate,
    FilmTold,
    Job,
    JobPage,
    LiveVersion,
    NothingPublished,
)

ENDED = frozenset({"live", "rejected", "failed", "cancelled"})
AT_REST = ENDED | {"ready", "needs-review"}
"""States in which a job waits for nothing but somebody or its date, or for nothing at all."""

PAUSES_S = (0.5, 1.0, 2.0, 4.0)
_MOST_NAMED = 12


class Client(Reviewing):
    """Speaks to one server as one account. Use as an async context manager."""

    def __init__(self, server: str, *, timeout_s: float = 30.0) -> None:
        super().__init__(Http(server, timeout_s=timeout_s))
        self.server = self._http.server

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def sign_in(self, email: str, password: str, *, device: str = "Command line") -> SignedIn:
        """Ask as this account from now on; `device` is how it is called in the account."""
        body = {"email": email, "password": password, "device": {"name": device, "kind": "probe"}}
        return self._http.remember(
            await self._http.send("POST", "/api/sign-in", SignedIn, json=body)
        )

    async def choose_profile(self, name: str | None = None) -> SignedIn:
        """Returns the profile of that name, or the first one that is neither for kids nor
        locked."""
        profiles = await self._http.send("GET", "/api/profiles", list[dict[str, Any]])
        free = [p for p in profiles if not p["kids"] and not p["has_pin"]]
        chosen = next((p for p in profiles if p["name"] == name), (free or profiles)[0])
        path = f"/api/profiles/{chosen['id']}/choose"
        return self._http.remember(
            await self._http.send("POST", path, SignedIn, json={"pin": None})
        )

    # -- a partner's work

    async def title_named(self, name: str) -> Title:
        """Returns the partner's title of that name, made when there is none. What is written as an
        id makes none: then the title must be there. Raises `NoSuchTitle`."""
        if is_title_id(name):
            return await self._title_of_id(name)
        if found := await self._titles(name=name, exact=True, limit=1):
            return found[0]
        return await self._http.send("POST", "/api/studio/titles", Title, json={"name": name})

    async def title_there(self, word: str) -> Title:
        """Returns the partner's title with this id, or of this name. Raises `NoSuchTitle`, with
        the names that come close."""
        if is_title_id(word):
            return await self._title_of_id(word)
        found = await self._titles(name=word, exact=True, limit=1)
        if found:
            return found[0]
        raise _no_such(word, await self.names_like(word))

    async def content_there(self, word: str) -> tuple[Title, ContentId]:
        """Returns the partner's film with this id or of this name, or the series and the episode
        that `The Lost Island S1E2` names. Raises `NoSuchTitle`, which says what there is."""
        if (named := episode_named(word)) is None:
            title = await self.title_there(word)
            if title.kind is TitleKind.SERIES:
                raise NoSuchTitle(
                    f"{word!r} is a series: name the episode too, as in '{word} S1E2'. "
                    f"{_episodes_of(title)}"
                )
            return title, ContentId(title.id)
        name, season, number = named
        title = await self.title_there(name)
        for episode in title.episodes:
            if (episode.season, episode.number) == (season, number):
                return title, ContentId(episode.id)
        raise NoSuchTitle(f"{name!r} has no S{season}E{number}. {_episodes_of(title)}")

    async def names_like(self, name: str) -> list[str]:
        """Returns names of the partner's titles that come close to `name`, the closest first."""
        asked = [word for word in name.split() if len(word) >= LEAST_LETTERS][:MOST_WORDS]
        looked = await asyncio.gather(
            self._titles(limit=MOST_NAMES),
            *(self._titles(name=word, limit=MOST_NAMES) for word in asked),
        )
        names = {wording.name for titles in looked for one in titles for wording in one.wordings}
        return closest(name, names - {name})

    async def _title_of_id(self, title_id: str) -> Title:
        try:
            return await self.title(title_id)
        except Refused as refusal:
            if refusal.seen_status != 404:
                raise
            raise _no_such(title_id, []) from refusal

    async def _titles(self, **wanted: Any) -> tuple[Title, ...]:
        found = await self._http.send("GET", "/api/studio/titles", RecordsPage, params=wanted)
        return tuple(found.titles)

    async def title(self, title_id: str) -> Title:
        return await self._http.send("GET", f"/api/studio/titles/{title_id}", Title)

    async def import_titles(self, lines: bytes, *, first_line: int, dry_run: bool) -> Saved:
        """Save titles, one a line as JSON, all of these or none; with `dry_run` only check them.
        Goes on after passing troubles: to send a line again changes nothing."""
        for pause_s in (*PAUSES_S, None):
            try:
                return await self._http.send(
                    "POST",
                    "/api/studio/titles/import",
                    Saved,
                    params={"first_line": first_line, "dry_run": dry_run},
                    content=lines,
                    headers={"Content-Type": "application/jsonl"},
                )
            except (ServerUnreachable, Refused) as error:
                if pause_s is None or not passes(error):
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
        sound: SoundDraft | None = None,
        connections: int = 1,
        replaces: bool = False,
        publish: str = "ready",
    ) -> str:
        """Send a file by tus 1.0, going on after broken connections; the upload's id.

        `content_id` is the episode the file is of; without it, it is the film. With `sound` it is
        no master, but a sound track for what is published. What is live is replaced only with
        `replaces`. `publish` is `ready` (as soon as it is), `asked` (see `schedule`) or a date with
        its offset. With more `connections` than one the
        file is sent in as many pieces at once, which the service joins."""
        size = (await asyncio.to_thread(file.stat)).st_size
        words = {
            "filename": file.name,
            "title_id": title.id,
            "content_id": content_id or title.id,
            "priority": priority,
            "replaces": "yes" if replaces else "no",
            "publish": publish,
            **tus.sound_words(sound),
        }
        told = {"Upload-Metadata": tus.metadata(words)}
        if 1 < connections <= size:
            pieces = await tus.send_pieces(self._http, file, size, connections, on_bytes)
            concat = {"Upload-Concat": f"final;{' '.join(pieces)}"}
            location = await tus.begin(self._http, told | concat)
        else:
            location = await tus.begin(self._http, told | {"Upload-Length": str(size)})
            await tus.send_file(self._http, file, location, size, on_bytes)
        return location.rsplit("/", 1)[-1]

    async def give_subtitles(
        self, file: Path, title: Title, language: str, *, content_id: ContentId | None = None
    ) -> None:
        """Send SRT or WebVTT for a film or episode. What is published has it within seconds."""
        await self._http.raw(
            "PUT",
            f"{_content(title, content_id)}/subtitles/{language}",
            params={"file_name": file.name},
            content=await asyncio.to_thread(file.read_bytes),
        )

    async def live(self, title: Title, content_id: ContentId | None = None) -> LiveVersion:
        """Returns the version of a film or episode that viewers get now."""
        path = f"{_content(title, content_id)}/live"
        return await self._http.send("GET", path, LiveVersion)

    async def republish(
        self,
        title: Title,
        *,
        content_id: ContentId | None = None,
        without_audio: Sequence[str] = (),
        scheme: Scheme | None = None,
        new_keys: bool = False,
        formats: Sequence[FormatName] = (),
    ) -> Job:
        """Publish what is live again, without these sound tracks, under another protection scheme
        or under new keys; or, by themselves, with these formats more, which takes long."""
        body = {
            "without_audio": list(without_audio),
            "scheme": scheme,
            "new_keys": new_keys,
            "formats": list(formats),
        }
        path = f"{_content(title, content_id)}/republish"
        return await self._http.send("POST", path, Job, json=body)

    async def uploads(self) -> list[Upload]:
        return await self._http.send("GET", "/api/studio/uploads", list[Upload])

    async def received(self, upload_id: str) -> Upload:
        """Returns the upload when it has become a master, or has ended otherwise. An object store
        may need minutes for a large one, and the service hashes it again where it was restarted."""
        pauses = _pauses()
        while True:
            upload = next(one for one in await self.uploads() if one.id == upload_id)
            if upload.state is not UploadState.UPLOADING:
                return upload
            await asyncio.sleep(next(pauses))

    async def job_of(self, master_id: str, *, patience_s: float = 60.0) -> Job:
        """Returns the job that publishes a master; it appears a moment after the upload is
        complete."""
        for pause_s in _pauses(in_all_s=patience_s):
            for job in (await self.jobs()).jobs:
                if job.master_id == master_id:
                    return job
            await asyncio.sleep(pause_s)
        raise Unavailable(
            "The upload is complete, but its job did not start. Is a worker running? "
            "The upload is safe, and the job will start when one is."
        )

    async def jobs_of(self, content_id: ContentId) -> list[Job]:
        """Returns the partner's newest jobs of a film or episode, newest first."""
        return list((await self.jobs(content_id=content_id)).jobs)

    async def changes_since(
        self,
        before: Sequence[Job],
        title: Title,
        content_id: ContentId,
        count: int,
        *,
        patience_s: float = 60.0,
    ) -> list[Job]:
        """Returns the jobs that publish `count` subtitle files given since `before`, oldest first:
        they appear a moment later. None where nothing is published or about to be."""
        if all(job.state in ENDED for job in before) and not await self._is_live(title, content_id):
            return []
        known = {job.id for job in before}
        for pause_s in _pauses(in_all_s=patience_s):
            jobs = await self.jobs_of(content_id)
            made = [job for job in jobs if job.id not in known and not job.master_id]
            if len(made) >= count:
                return made[::-1]
            await asyncio.sleep(pause_s)
        raise Unavailable("The subtitles are safe, but the job that publishes them did not start.")

    async def _is_live(self, title: Title, content_id: ContentId) -> bool:
        try:
            await self.live(title, content_id)
        except Refused as refusal:
            if refusal.seen_code != NothingPublished.code:
                raise
            return False
        return True

    async def jobs(self, **wanted: Any) -> JobPage:
        """Returns the partner's jobs, newest first: a page of 100. `wanted` is `filter`, `text`,
        `title_id`, `content_id` or `page_token`."""
        params = {"limit": 100, **wanted}
        return await self._http.send("GET", "/api/studio/jobs", JobPage, params=params)

    async def follow(self, job_id: str) -> AsyncIterator[Job]:
        """Yields the job each time it changed, until it has ended or waits to be published."""
        change, pauses = -1, _pauses()
        while True:
            job = await self._http.send("GET", f"/api/studio/jobs/{job_id}", Job)
            if job.change != change:
                change, pauses = job.change, _pauses()
                yield job
            if job.state in AT_REST:
                return
            await asyncio.sleep(next(pauses))

    async def estimate(self, film: FilmTold) -> Estimate:
        """Returns what publishing a film would take, before it is sent."""
        return await self._http.send(
            "POST", "/api/studio/estimate", Estimate, json=msgspec.to_builtins(film)
        )

    async def schedule(self, job_id: str, at_ms: int | None, *, replace: bool = False) -> Job:
        """Publish what a job makes at `at_ms`: 0 is as soon as it is ready, None is when this is
        asked again."""
        body = {"publish_at_ms": at_ms, "replace": replace}
        return await self._http.send("POST", f"/api/studio/jobs/{job_id}/schedule", Job, json=body)

    # -- a viewer's work

    async def play(self, content_id: str) -> PlayAnswer:
        body = {"content_id": content_id, "device_name": "Synthetic viewer"}
        return await self._http.send("POST", "/api/play", PlayAnswer, json=body)

    async def beat(self, beat: Beat) -> BeatAnswer:
        body = msgspec.to_builtins(beat)
        return await self._http.send("POST", "/api/progress", BeatAnswer, json=body)

    async def text(self, url: str) -> str:
        return (await self._http.raw("GET", url)).text

    async def licence(self, url: str, token: str, kids: list[str]) -> dict[str, Any]:
        body = {"kids": kids, "type": "temporary"}
        headers = {"X-Licence-Token": token}
        return await self._http.send("POST", url, dict[str, Any], json=body, headers=headers)

    # -- an operator's work

    async def share_catalogue(self, partner: str, other: str, *, withdraw: bool = False) -> None:
        """Let the partner whose email is `other` see and change the titles of `partner`, or end
        that."""
        catalogue, account = await self._account_of(partner), await self._account_of(other)
        path = f"/api/console/catalogues/{catalogue}/accounts/{account}"
        await self._http.raw("DELETE" if withdraw else "PUT", path)

    async def dead_events(self, group: str | None = None, *, limit: int = 100) -> list[DeadEvent]:
        """Returns the events that a group, or any of them, could not handle. `limit` is at most
        1000."""
        asked = {"limit": limit} | ({} if group is None else {"group": group})
        path = "/api/console/events/dead"
        return await self._http.send("GET", path, list[DeadEvent], params=asked)

    async def replay_events(self, replay: Replay) -> int:
        """Offer events to their group again. Returns how many."""
        body = msgspec.to_builtins(replay)
        path = "/api/console/events/replay"
        return (await self._http.send("POST", path, Replayed, json=body)).count


def _content(title: Title, content_id: ContentId | None) -> str:
    return f"/api/studio/titles/{title.id}/contents/{content_id or title.id}"


def _episodes_of(title: Title) -> str:
    """Returns a sentence that names a title's episodes."""
    named = [f"S{one.season}E{one.number}" for one in title.episodes[:_MOST_NAMED]]
    more = " and more" if len(title.episodes) > _MOST_NAMED else ""
    return f"It has {', '.join(named)}{more}." if named else "It has no episodes yet."


def _no_such(word: str, near: Sequence[str]) -> NoSuchTitle:
    hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
    return NoSuchTitle(f"You have no title {word!r}.{hint}")


def _pauses(*, in_all_s: float = math.inf) -> Iterator[float]:
    """Yields the seconds between looks at what does not change: more and more, up to two."""
    pause_s, waited_s = 0.25, 0.0
    while waited_s < in_all_s:
        yield pause_s
        waited_s += pause_s
        pause_s = min(pause_s * 1.5, 2.0)
