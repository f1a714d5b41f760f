"""Commands of partners and viewers, through the public API: bring a film in, and watch it."""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

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
)
from vitascope.client import Client
from vitascope.operations.probe import watch
from vitascope.operations.progress_bars import STATES, ProgressBars


@click.command()
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False
)
@click.option(
    "--title",
    metavar="NAME",
    required=True,
    help="The title's name, or its id. With FILE, a title is created if you have none with this "
    "name.",
)
@click.option(
    "--priority", type=click.Choice(["new-release", "normal", "back-catalog"]), default="normal",
    show_default=True, help="Encoding priority.",
)  # fmt: skip
@click.option(
    "--subtitles", metavar="LANGUAGE=FILE", multiple=True, callback=subtitle_files,
    help="SRT or WebVTT file for a language, such as fr=film.fr.srt. Repeat for each language.",
)  # fmt: skip
@server_option
@account_options("partner@vitascope.example", "partner-demo")
@click.option(
    "--wait", is_flag=True, help="Wait until the title is published or refused, and show progress."
)
@json_option
def ingest(
    file: Path | None,
    title: str,
    priority: str,
    subtitles: dict[str, Path],
    server: str,
    email: str,
    password: str,
    wait: bool,
    as_json: bool,
) -> None:
    """Upload a master and publish it.

    The upload resumes after a lost connection. With --wait you see every step and rung.
    Without FILE, --subtitles adds subtitles to an existing title; if it is published, they are
    published at once.
    """
    if file is None:
        if not subtitles:
            raise click.UsageError("Name the film's FILE, or subtitles for a title: --subtitles.")
        return asyncio.run(_give(title, subtitles, server, email, password, wait, as_json))
    return asyncio.run(
        _ingest(file, title, priority, subtitles, server, email, password, wait, as_json)
    )


async def _give(
    name: str,
    subtitles: dict[str, Path],
    server: str,
    email: str,
    password: str,
    wait: bool,
    as_json: bool,
) -> None:
    async with Client(server) as client:
        await client.sign_in(email, password)
        title = await client.title_there(name)
        await changes.change(client, title, changes.Wishes(subtitles=subtitles), wait, as_json)


async def _ingest(
    file: Path,
    name: str,
    priority: str,
    subtitles: dict[str, Path],
    server: str,
    email: str,
    password: str,
    wait: bool,
    as_json: bool,
) -> None:
    began = time.monotonic()
    async with Client(server) as client:
        with ProgressBars() as bars:
            await client.sign_in(email, password)
            title = await client.title_named(name)
            await _note_like_names(client, title, name)
            for language, given in subtitles.items():
                await client.give_subtitles(given, title, language)

            def sent(done: int, total: int) -> None:
                bars.step(
                    f"Uploading {file.name}", done, total, f"{done / 1e6:.1f}/{total / 1e6:.1f} MB"
                )

            upload_id = await client.upload(file, title, priority=priority, on_bytes=sent)
            received = await client.received(upload_id)
            job = await client.job_of(str(received.master_id))
            if wait:
                async for job in client.follow(job.id):  # noqa: B020
                    bars.job(job)
        report = await client.report(job.id)
        _tell_end(title.id, job.state, report, time.monotonic() - began, as_json, wait)
        if job.state in ("rejected", "failed", "cancelled"):
            sys.exit(1)


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
    title_id: str, state: str, report: Any, seconds: float, as_json: bool, waited: bool
) -> None:
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
        }
        click.echo(json.dumps(line))
        return
    for finding in report.findings:
        stderr.print(f"[yellow]{finding.code}[/]: {plain(finding.sentence)}")
    if state == "live":
        click.echo(f"Published {title_id} in {seconds:.1f} s: {len(report.rungs)} rungs.")
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
