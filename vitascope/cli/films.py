"""Commands of partners and viewers, through the public API: bring a film in, and watch it."""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import cast

import click
import msgspec

from vitascope import settings as service_settings
from vitascope.assembly.adapters import media_tools
from vitascope.catalog import Title, TitleState
from vitascope.cli import changes
from vitascope.cli.options import (
    CommandContext,
    account_options,
    json_option,
    plain,
    server_option,
    stderr,
    subtitle_files,
    when,
)
from vitascope.client import Client, Refused
from vitascope.ingest import UploadPriority
from vitascope.kernel.ids import ContentId
from vitascope.operations.film_told import film_told
from vitascope.operations.probe import watch
from vitascope.operations.progress_bars import STATES, ProgressBars, estimate_sentence
from vitascope.publishing import Estimate, Job, JobReport


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent, and what for: a title that is made where there is none of this name, or one
    that must be there, perhaps with its episode."""

    file: Path
    title: str | None
    content: str | None
    priority: str
    subtitles: dict[str, Path]
    connections: int
    replaces: bool
    publish: str


@click.command()
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False
)
@click.option(
    "--title", metavar="NAME", help="The title's name, or its id. With FILE, a title is created if "
    "you have none with this name.",
)  # fmt: skip
@click.option(
    "--for", "content", metavar="TITLE[ S1E2]", help="An existing title, by name or id, or an "
    "episode of it, such as 'The Lost Island S1E2'. Nothing is created.",
)  # fmt: skip
@click.option(
    "--replace", is_flag=True, help="Replace what is live. Without it, FILE is refused then."
)
@click.option(
    "--publish", metavar="WHEN", default="ready", show_default=True, callback=when,
    help="When to publish: 'ready' for as soon as it is, 'asked' to do it yourself in the studio, "
    "or a date, such as 2026-12-24T20:00 (your time) or 2026-12-24T20:00+01:00.",
)  # fmt: skip
@click.option(
    "--priority", type=click.Choice(["new-release", "normal", "back-catalog"]), default="normal",
    show_default=True, help="Encoding priority.",
)  # fmt: skip
@click.option(
    "--subtitles", metavar="LANGUAGE=FILE", multiple=True, callback=subtitle_files,
    help="File for a language, such as fr=film.fr.srt: SRT, WebVTT, ASS, TTML, SCC or EBU STL. "
    "Repeat for each language.",
)  # fmt: skip
@click.option(
    "--connections", type=click.IntRange(1, 64), default=1, show_default=True,
    help="Send the file in so many pieces at once, which is faster over a long line.",
)  # fmt: skip
@server_option
@account_options("partner@vitascope.example", "partner-demo")
@click.option(
    "--wait", is_flag=True, help="Wait until the title is published, refused, or ready to be "
    "published later, and show progress.",
)  # fmt: skip
@json_option
@click.pass_obj
def ingest(
    context: CommandContext,
    file: Path | None,
    title: str | None,
    content: str | None,
    replace: bool,
    publish: str,
    priority: str,
    subtitles: dict[str, Path],
    connections: int,
    server: str,
    email: str,
    password: str,
    wait: bool,
    as_json: bool,
) -> None:
    """Upload a master and publish it.

    First it tells what publishing will take: processor time, room, and when the film can be
    played. The upload resumes after a lost connection. With --wait you see every step and rung.
    Without FILE, --subtitles adds subtitles to an existing title; if it is published, they are
    published at once.
    """
    if (title is None) == (content is None):
        raise click.UsageError("Name the title: --title NAME, or --for TITLE[ S1E2].")
    if file is None:
        if not subtitles:
            raise click.UsageError("Name the film's FILE, or subtitles for a title: --subtitles.")
        return asyncio.run(_give(title, content, subtitles, server, email, password, wait, as_json))
    delivery = Delivery(
        file=file,
        title=title,
        content=content,
        priority=priority,
        subtitles=subtitles,
        connections=connections,
        replaces=replace,
        publish=publish,
    )
    asked = (delivery, server, email, password, wait, as_json)
    return asyncio.run(_ingest(*asked, context.settings()))


async def _give(
    name: str | None,
    content: str | None,
    subtitles: dict[str, Path],
    server: str,
    email: str,
    password: str,
    wait: bool,
    as_json: bool,
) -> None:
    async with Client(server) as client:
        await client.sign_in(email, password)
        title, content_id = await _wanted(client, name, content, new=False)
        wishes = changes.Wishes(subtitles=subtitles, content_id=content_id)
        await changes.change(client, title, wishes, wait, as_json)


async def _wanted(
    client: Client, name: str | None, content: str | None, *, new: bool
) -> tuple[Title, ContentId]:
    """Returns the title and the film or episode that is meant."""
    if content is not None:
        return await client.content_there(content)
    named = client.title_named if new else client.title_there
    title = await named(str(name))
    return title, ContentId(title.id)


async def _ingest(
    delivery: Delivery,
    server: str,
    email: str,
    password: str,
    wait: bool,
    as_json: bool,
    settings: service_settings.Settings,
) -> None:
    began = time.monotonic()
    async with Client(server) as client:
        with ProgressBars() as bars:
            await client.sign_in(email, password)
            title, content_id = await _wanted(client, delivery.title, delivery.content, new=True)
            if delivery.title is not None:
                await _note_like_names(client, title, delivery.title)
            told = await _estimate(client, bars, delivery, settings)
            job = await _send(client, bars, delivery, title, content_id)
            if wait:
                async for job in client.follow(job.id):  # noqa: B020
                    bars.job(job)
        report = await client.report(job.id)
        _tell_end(title.id, job, report, time.monotonic() - began, as_json, wait, told)
        if job.state in ("rejected", "failed", "cancelled"):
            sys.exit(1)


async def _estimate(
    client: Client, bars: ProgressBars, delivery: Delivery, settings: service_settings.Settings
) -> Estimate | None:
    """Tell what publishing will take, by what the file says of itself."""
    priority = cast(UploadPriority, delivery.priority)
    film = await film_told(media_tools(settings), delivery.file, priority)
    if film is None:
        return None
    try:
        told = await client.estimate(film)
    except Refused:  # a service of before, or one that cannot tell now: it takes the film
        return None
    bars.say(estimate_sentence(told))
    return told


async def _send(
    client: Client, bars: ProgressBars, delivery: Delivery, title: Title, content_id: ContentId
) -> Job:
    """Send what is to be delivered. Returns the job that publishes it."""
    for language, given in delivery.subtitles.items():
        await client.give_subtitles(given, title, language, content_id=content_id)

    def sent(done: int, total: int) -> None:
        told = f"{done / 1e6:.1f}/{total / 1e6:.1f} MB"
        bars.step(f"Uploading {delivery.file.name}", done, total, told)

    upload_id = await client.upload(
        delivery.file,
        title,
        priority=delivery.priority,
        on_bytes=sent,
        content_id=content_id,
        connections=delivery.connections,
        replaces=delivery.replaces,
        publish=delivery.publish,
    )
    received = await client.received(upload_id)
    return await client.job_of(str(received.master_id))


async def _note_like_names(client: Client, title: Title, name: str) -> None:
    """A name that was mistyped makes a title nobody wanted: that is said before hours of upload."""
    if title.state is not TitleState.DRAFT or name == title.id:
        return
    near = await client.names_like(name)
    if near:
        stderr.print(
            f"This goes to the title {plain(repr(name))} ({title.id}), which has no film yet. You "
            f"also have {plain(', '.join(map(repr, near)))}."
        )


def _tell_end(
    title_id: str,
    job: Job,
    report: JobReport,
    seconds: float,
    as_json: bool,
    waited: bool,
    told: Estimate | None,
) -> None:
    state = job.state
    refusals = [f for f in report.findings if f.severity == "refusal"]
    if as_json:
        line = {
            "title_id": title_id,
            "state": "published" if state == "live" else state,
            "rungs": [
                {
                    "height": r.height,
                    "codec": r.codec,
                    "bitrate_kbps": r.bitrate_kbps,
                    "vmaf": r.vmaf,
                }
                for r in report.rungs
            ],
            "findings": [{"code": f.code, "sentence": f.sentence} for f in refusals],
            "seconds": round(seconds, 2),
            "cpu_s": job.cpu_s,
            "estimate": msgspec.to_builtins(told),
        }
        click.echo(json.dumps(line))
        return
    for finding in report.findings:
        stderr.print(f"[yellow]{finding.code}[/]: {plain(finding.sentence)}")
    if state == "live":
        click.echo(f"Published {title_id} in {seconds:.1f} s: {len(report.rungs)} rungs.")
    elif state == "needs-review":
        click.echo(
            f"Needs review: {title_id}. Decide in the studio, or with `jobs review {job.id}`."
        )
    elif waited:
        click.echo(f"{STATES.get(state, state)}: {title_id}")
    else:
        click.echo(f"Received {title_id}. Follow it in the studio, or use --wait.")


@click.command()
@click.argument("title_id")
@click.option("--seconds", type=float, default=6.0, show_default=True, help="How much to watch.")
@server_option
@account_options("viewer@vitascope.example", "viewer-demo")
@json_option
@click.pass_obj
def play(
    context: CommandContext,
    title_id: str,
    seconds: float,
    server: str,
    email: str,
    password: str,
    as_json: bool,
) -> None:
    """Play a title as a synthetic viewer and report what was seen.

    Shows whether people can watch, and how fast a film starts: signs in, presses play, fetches
    manifest, licence and segments, decrypts and decodes.
    """
    asyncio.run(_play(context.settings(), title_id, seconds, server, email, password, as_json))


async def _play(
    settings: service_settings.Settings, title_id: str, seconds: float, server: str, email: str,
    password: str, as_json: bool,
) -> None:  # fmt: skip
    async with Client(server) as client:
        await client.sign_in(email, password, device="Synthetic viewer")
        await client.choose_profile()
        seen = await watch(client, media_tools(settings), title_id, seconds)
    if as_json:
        click.echo(msgspec.json.encode(seen).decode())
        return
    click.echo(f"{seen.name}: first frame after {seen.first_frame_s:.2f} s")
    click.echo(
        f"  {seen.rung} ({seen.height} lines, {seen.bitrate_kbps} kbit/s) from {seen.edge}, "
        f"{seen.frames} frames, {seen.seconds_watched:.1f} s, {seen.bytes / 1e6:.2f} MB"
    )
    if seen.degraded:
        click.echo(f"  without: {', '.join(seen.degraded)}")
