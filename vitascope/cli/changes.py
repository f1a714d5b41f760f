"""`republish`: what viewers get of a published title, changed without encoding it again."""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import click
import msgspec

from vitascope.catalog import Title
from vitascope.cli.options import (
    account_options,
    json_option,
    server_option,
    subtitle_files,
)
from vitascope.client import Client
from vitascope.ingest import SoundDraft
from vitascope.kernel.ids import ContentId
from vitascope.kernel.media import FormatName, Language, Scheme, SoundRole
from vitascope.operations.progress_bars import STATES, ProgressBars
from vitascope.publishing import Job


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be different. `content_id` is an episode; without it, the film is meant."""

    subtitles: dict[str, Path] = {}
    audio: Path | None = None
    sound: SoundDraft | None = None
    without_audio: tuple[str, ...] = ()
    scheme: Scheme | None = None
    new_keys: bool = False
    formats: tuple[FormatName, ...] = ()
    content_id: ContentId | None = None


@click.command()
@click.argument("title")
@click.option("--episode", metavar="ID", help="The episode, where TITLE is a series.")
@click.option(
    "--audio", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A sound track to add: WAV, FLAC, AC-3, E-AC-3, M4A, Ogg, or a film with this sound.",
)  # fmt: skip
@click.option("--language", metavar="CODE", help="Language of --audio, such as fr or pt-BR.")
@click.option(
    "--role", type=click.Choice(["main", "description", "commentary"]), default="main",
    show_default=True, help="What --audio is for.",
)  # fmt: skip
@click.option("--label", default="", help="Name of --audio that viewers read beside its language.")
@click.option(
    "--replace", is_flag=True, help="Put --audio in the place of the sound that is there."
)
@click.option(
    "--subtitles", metavar="LANGUAGE=FILE", multiple=True, callback=subtitle_files,
    help="File for a language, such as fr=film.fr.srt: SRT, WebVTT, ASS, TTML, SCC or EBU STL. "
    "Repeat for each language.",
)  # fmt: skip
@click.option(
    "--without-audio", metavar="TRACK", multiple=True,
    help="Leave out a sound track, such as a-en-51. Repeat for each track.",
)  # fmt: skip
@click.option(
    "--scheme",
    type=click.Choice(["cbcs", "cenc", "none"]),
    help="Protection to change to; anybody can copy what has none.",
)
@click.option(
    "--new-keys", is_flag=True, help="Encrypt with new keys. Who is watching goes on with the "
    "present version to its end.",
)  # fmt: skip
@click.option(
    "--add-format", "formats", multiple=True, type=click.Choice(get_args(FormatName)),
    help="A format to add: its ladder is encoded from the master, after all else that workers "
    "have to do. Repeat for each format.",
)  # fmt: skip
@server_option
@account_options("partner@vitascope.example", "partner-demo")
@click.option("--wait", is_flag=True, help="Wait until the change is live or refused.")
@json_option
def republish(
    title: str,
    episode: str | None,
    audio: Path | None,
    language: str | None,
    role: SoundRole,
    label: str,
    replace: bool,
    subtitles: dict[str, Path],
    without_audio: tuple[str, ...],
    scheme: Scheme | None,
    new_keys: bool,
    formats: tuple[FormatName, ...],
    server: str,
    email: str,
    password: str,
    wait: bool,
    as_json: bool,
) -> None:
    """Change a published TITLE (a name or an id) without encoding its pictures again.

    Adds or replaces sound and subtitles, leaves sound out, changes protection and keys, adds
    formats. Several
    changes are made one after another. Viewers keep what is live until the next version is
    verified.
    """
    if (audio is None) != (language is None):
        raise click.UsageError("--audio FILE and --language CODE go together.")
    sound = None
    if language is not None:
        sound = SoundDraft(language=Language(language), role=role, label=label, replaces=replace)
    wishes = Wishes(
        subtitles=subtitles,
        audio=audio,
        sound=sound,
        without_audio=without_audio,
        scheme=scheme,
        new_keys=new_keys,
        formats=formats,
        content_id=ContentId(episode) if episode else None,
    )
    if wishes == Wishes(content_id=wishes.content_id):
        raise click.UsageError("Name a change: --audio, --subtitles, --scheme, --new-keys, ...")
    asyncio.run(_republish(title, wishes, server, email, password, wait, as_json))


async def _republish(
    word: str, wishes: Wishes, server: str, email: str, password: str, wait: bool, as_json: bool
) -> None:
    async with Client(server) as client:
        await client.sign_in(email, password)
        await change(client, await client.title_there(word), wishes, wait, as_json)


async def change(client: Client, title: Title, wishes: Wishes, wait: bool, as_json: bool) -> None:
    """Order what is wished for, follow it where that is wanted, and tell the end. Exits with 1
    where something was refused or failed."""
    began = time.monotonic()
    jobs = await _order(client, title, wishes, wait)
    if wait:
        jobs = [await _ended(client, job) for job in jobs]
    _tell(title, jobs, wait, as_json, time.monotonic() - began)
    if any(job.state in ("rejected", "failed", "cancelled") for job in jobs):
        sys.exit(1)


async def _order(client: Client, title: Title, wishes: Wishes, wait: bool) -> list[Job]:
    """Returns the jobs that make the changes; those of subtitles only where they are waited for."""
    jobs: list[Job] = []
    content_id = wishes.content_id or ContentId(title.id)
    if wishes.subtitles:
        before = await client.jobs_of(content_id)
        for language, file in wishes.subtitles.items():
            await client.give_subtitles(file, title, language, content_id=content_id)
        if wait:
            jobs += await client.changes_since(before, title, content_id, len(wishes.subtitles))
    if wishes.audio is not None and wishes.sound is not None:
        jobs.append(await _send(client, title, content_id, wishes.audio, wishes.sound))
    if wishes.without_audio or wishes.scheme or wishes.new_keys:
        ordered = await client.republish(
            title,
            content_id=content_id,
            without_audio=wishes.without_audio,
            scheme=wishes.scheme,
            new_keys=wishes.new_keys,
        )
        jobs.append(ordered)
    if wishes.formats:
        jobs.append(await client.republish(title, content_id=content_id, formats=wishes.formats))
    return jobs


async def _send(
    client: Client, title: Title, content_id: ContentId, file: Path, sound: SoundDraft
) -> Job:
    with ProgressBars() as bars:

        def sent(done: int, total: int) -> None:
            told = f"{done / 1e6:.1f}/{total / 1e6:.1f} MB"
            bars.step(f"Uploading {file.name}", done, total, told)

        upload_id = await client.upload(
            file, title, priority="normal", on_bytes=sent, content_id=content_id, sound=sound
        )
        received = await client.received(upload_id)
        return await client.job_of(str(received.master_id))


async def _ended(client: Client, job: Job) -> Job:
    with ProgressBars() as bars:
        async for job in client.follow(job.id):  # noqa: B020
            bars.job(job)
    return job


def _tell(title: Title, jobs: Sequence[Job], waited: bool, as_json: bool, seconds: float) -> None:
    if as_json:
        told = [
            {"job_id": job.id, "change": job.file_name, "state": job.state, "reason": job.reason}
            for job in jobs
        ]
        click.echo(
            json.dumps({"title_id": title.id, "changes": told, "seconds": round(seconds, 2)})
        )
        return
    for job in jobs:
        reason = f": {job.reason}" if job.reason else ""
        click.echo(f"{STATES[job.state]}: {job.file_name}{reason}")
    if not waited:
        click.echo(f"Received {title.id}. Follow it in the studio, or use --wait.")
    elif not jobs:
        click.echo(f"Received {title.id}. Nothing is published yet: the next master will have it.")
    elif all(job.state == "live" for job in jobs):
        click.echo(f"Published {title.id} in {seconds:.1f} s.")
