"""Commands of partners for many titles at once, through the public API."""

import asyncio
import gzip
import io
import json
import time
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NamedTuple

import click
import msgspec

from vitascope.catalog import Saved
from vitascope.cli.options import account_options, json_option, server_option
from vitascope.client import Client, Refused, ServerUnreachable
from vitascope.kernel.errors import Invalid, Unavailable, VitascopeError
from vitascope.operations.progress_bars import ProgressBars
from vitascope.publishing import Reviewers

LINES = 500
BYTES = 2 * 1024 * 1024
"""Of one request: whichever is full first. One line more may exceed the bytes."""

_GZIP = b"\x1f\x8b"


class BadFile(Invalid):
    code = "bad-file"


class ImportBrokenOff(Unavailable):
    """Some lines are imported and others are not."""

    code = "import-broken-off"


class Batch(NamedTuple):
    first_line: int
    lines: int
    content: bytes
    read: int  # bytes of the file up to here


@click.group()
def catalog() -> None:
    """Import titles, open a partner's catalogue to others, and judge its masters."""


@catalog.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@server_option
@account_options("partner@vitascope.example", "partner-demo")
@json_option
def import_titles(file: Path, server: str, email: str, password: str, as_json: bool) -> None:
    """Add or change titles from a file, one title a line as JSON (.jsonl or .jsonl.gz).

    All lines are checked first: if one is wrong, it is named and nothing is imported. A title
    whose id is already there is changed, so you can repeat an import that was interrupted.
    Fields: id, name (both required), kind, year, synopsis, genres, credits (name, role,
    character), countries, maturity, announced.
    """
    asyncio.run(_import(file, server, email, password, as_json))


@catalog.command()
@click.argument("partner")
@click.option("--with", "other", metavar="EMAIL", required=True, help="The other partner.")
@click.option("--withdraw", is_flag=True, help="End it, at once.")
@server_option
@account_options("operator@vitascope.example", "operator-demo")
def share(partner: str, other: str, withdraw: bool, server: str, email: str, password: str) -> None:
    """Let another partner see and change the titles of PARTNER (an email).

    The other one chooses the catalogue in the studio, or by the header X-Catalogue.
    """
    asyncio.run(_share(partner, other, withdraw, server, email, password))


@catalog.command()
@click.argument("partner")
@click.option(
    "--rule", "rules", metavar="RULE", multiple=True,
    help="What a finding weighs, such as 'black >= 10 review'. Repeat for each rule; they take the "
    "place of the catalogue's earlier ones.",
)  # fmt: skip
@click.option(
    "--reviewers", type=click.Choice(["partner", "operator"]),
    help="Who decides about masters that need review.",
)  # fmt: skip
@click.option("--clear", is_flag=True, help="Judge by the rules of the service again.")
@server_option
@account_options("operator@vitascope.example", "operator-demo")
@json_option
def rules(
    partner: str,
    rules: tuple[str, ...],
    reviewers: Reviewers | None,
    clear: bool,
    server: str,
    email: str,
    password: str,
    as_json: bool,
) -> None:
    """Show, or set, by which rules the masters of PARTNER (an email) are judged.

    A rule is the code of a finding, perhaps a bound of its value or its seconds, and a severity:
    note, warning, review or refusal.
    """
    if clear and (rules or reviewers):
        raise click.UsageError("--clear goes with no --rule and no --reviewers.")
    asyncio.run(_rules(partner, rules, reviewers, clear, server, email, password, as_json))


async def _rules(
    partner: str,
    rules: tuple[str, ...],
    reviewers: Reviewers | None,
    clear: bool,
    server: str,
    email: str,
    password: str,
    as_json: bool,
) -> None:
    async with Client(server) as client:
        await client.sign_in(email, password)
        told = await client.rules(partner)
        if clear:
            told = await client.set_rules(partner, (), None)
        elif rules or reviewers:
            own = told.own
            who = reviewers or own.reviewers
            told = await client.set_rules(partner, rules or own.rules, who)
    if as_json:
        click.echo(msgspec.json.encode(told))
        return
    for text in told.rules:
        click.echo(f"{text}{'  (its own)' if text in told.own.rules else ''}")
    deciding = "its own people, and operators" if told.reviewers == "partner" else "operators alone"
    click.echo(f"Who decides about masters that need review: {deciding}.")


async def _share(
    partner: str, other: str, withdraw: bool, server: str, email: str, password: str
) -> None:
    async with Client(server) as client:
        await client.sign_in(email, password)
        await client.share_catalogue(partner, other, withdraw=withdraw)
    said = "No longer open" if withdraw else "Open"
    click.echo(f"{said}: the catalogue of {partner}, to {other}.")


async def _import(file: Path, server: str, email: str, password: str, as_json: bool) -> None:
    began = time.monotonic()
    async with Client(server) as client:
        with ProgressBars() as bars:
            await client.sign_in(email, password)
            await send(client, bars, file, dry_run=True)
            saved = await send(client, bars, file, dry_run=False)
    seconds = time.monotonic() - began
    counts = {"added": saved.added, "changed": saved.changed, "unchanged": saved.unchanged}
    if as_json:
        click.echo(json.dumps({**counts, "seconds": round(seconds, 2)}))
        return
    said = ", ".join(f"{count} {name}" for name, count in counts.items())
    click.echo(f"Imported {sum(counts.values())} titles in {seconds:.1f} s: {said}.")


async def send(client: Client, bars: ProgressBars, file: Path, *, dry_run: bool) -> Saved:
    """Send the whole file, in batches. Returns what became of them all."""
    step = f"{'Checking' if dry_run else 'Importing'} {file.name}"
    size = (await asyncio.to_thread(file.stat)).st_size
    added = changed = unchanged = 0
    bars.step(step, 0, size)
    async for batch in _batches(file):
        try:
            saved = await client.import_titles(
                batch.content, first_line=batch.first_line, dry_run=dry_run
            )
        except (ServerUnreachable, Refused) as error:
            if dry_run:
                raise
            raise _broken_off(error, batch) from error
        added, changed = added + saved.added, changed + saved.changed
        unchanged += saved.unchanged
        lines = batch.first_line + batch.lines - 1
        bars.step(step, min(batch.read, size - 1), size, f"{lines} lines")
    bars.step(step, size, size)
    return Saved(added=added, changed=changed, unchanged=unchanged)


def _broken_off(error: VitascopeError, batch: Batch) -> ImportBrokenOff:
    done = batch.first_line - 1
    whole = f"Lines 1 to {done} were imported. " if done else ""
    last = batch.first_line + batch.lines - 1
    return ImportBrokenOff(
        f"{error.detail} {whole}Of lines {batch.first_line} to {last}, all were imported or none; "
        "of later ones, none. Run the same command again: it goes on from there."
    )


async def _batches(file: Path) -> AsyncIterator[Batch]:
    """Never more of the file in memory than one batch."""
    batches = read_batches(file)
    while (batch := await asyncio.to_thread(next, batches, None)) is not None:
        yield batch


def read_batches(file: Path) -> Iterator[Batch]:
    """Raises `BadFile` where a compressed file is damaged."""
    with file.open("rb") as raw:
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        lines: io.BufferedIOBase = gzip.GzipFile(fileobj=raw) if packed else raw
        first_line = 1
        try:
            while batch := _batch(lines):
                yield Batch(first_line, len(batch), b"".join(batch), raw.tell())
                first_line += len(batch)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise BadFile(
                f"{file.name} is damaged after line {first_line - 1}: {error}. Make it again. "
                "Nothing of it was imported."
            ) from error


def _batch(lines: io.BufferedIOBase) -> list[bytes]:
    batch: list[bytes] = []
    size = 0
    while len(batch) < LINES and size < BYTES and (line := lines.readline(BYTES)):
        batch.append(line)
        size += len(line)
    return batch
