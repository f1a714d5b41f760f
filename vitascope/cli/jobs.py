"""`jobs`: what was delivered and found, and decisions about masters that need review."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import click
import msgspec

from vitascope.cli.options import account_options, json_option, server_option
from vitascope.client import Client
from vitascope.operations.progress_bars import STATES
from vitascope.publishing import Finding, Job, JobFilter, JobReport

T = TypeVar("T")


@click.group()
def jobs() -> None:
    """List deliveries, show what was found in them, and decide about those that need review.

    With an operator's account: those of all partners.
    """


@jobs.command(name="list")
@click.option(
    "--filter", "which", type=click.Choice([one.value for one in JobFilter]), default="all",
    show_default=True, help="Which of them, newest first, at most 50.",
)  # fmt: skip
@server_option
@account_options("partner@vitascope.example", "partner-demo")
@json_option
def list_jobs(which: str, server: str, email: str, password: str, as_json: bool) -> None:
    """List deliveries."""

    async def ask(client: Client) -> Sequence[Job]:
        return (await client.jobs_in(which)).jobs

    found = asyncio.run(_asked(server, email, password, ask))
    if as_json:
        click.echo(msgspec.json.encode(found))
        return
    for job in found:
        at = datetime.fromtimestamp(job.created_at_ms / 1000, UTC).astimezone()
        click.echo(f"{job.id}  {at:%Y-%m-%d %H:%M}  {STATES[job.state]}: {job.file_name}")


@jobs.command()
@click.argument("job")
@server_option
@account_options("partner@vitascope.example", "partner-demo")
@json_option
def show(job: str, server: str, email: str, password: str, as_json: bool) -> None:
    """Show what was found in the master of JOB (an id), and what was decided about it."""

    async def ask(client: Client) -> JobReport:
        return await client.report(job)

    report = asyncio.run(_asked(server, email, password, ask))
    if as_json:
        click.echo(msgspec.json.encode(report))
        return
    for finding in report.findings:
        click.echo(_line(finding))
    if report.review is not None:
        said = "Approved" if report.review.approved else "Refused"
        click.echo(f"{said} by {report.review.by.name}: {report.review.reason}")


@jobs.command()
@click.argument("job")
@click.option("--approve", "approved", flag_value=True, type=bool, help="Publish it all the same.")
@click.option("--refuse", "approved", flag_value=False, type=bool, help="Refuse the master.")
@click.option("--reason", required=True, help="Why. It is kept in the report, with your name.")
@server_option
@account_options("partner@vitascope.example", "partner-demo")
def review(
    job: str, approved: bool | None, reason: str, server: str, email: str, password: str
) -> None:
    """Decide about the master of JOB (an id), which needs review. The decision is final."""
    if approved is None:
        raise click.UsageError("Say what you decide: --approve or --refuse.")

    async def ask(client: Client) -> Job:
        return await client.review(job, approve=approved, reason=reason)

    after = asyncio.run(_asked(server, email, password, ask))
    click.echo(f"{'Approved' if approved else 'Refused'}: {after.file_name}.")


async def _asked(
    server: str, email: str, password: str, ask: Callable[[Client], Awaitable[T]]
) -> T:
    async with Client(server) as client:
        await client.sign_in(email, password)
        return await ask(client)


def _line(finding: Finding) -> str:
    at = f"  [{_time(finding.from_ms)}]" if finding.from_ms is not None else ""
    return f"{finding.severity}{at}  {finding.sentence} ({finding.code})"


def _time(ms: int) -> str:
    minutes, seconds = divmod(ms / 1000, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02}:{seconds:06.3f}"
