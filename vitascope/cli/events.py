"""Commands of operators about events that could not be handled, through the public API."""

import asyncio
from datetime import UTC, datetime

import click
import msgspec

from vitascope.cli.options import account_options, json_option, server_option, stderr
from vitascope.client import Client, DeadEvent, Replay

operator_options = account_options("operator@vitascope.example", "")


@click.group()
def events() -> None:
    """List and replay events that could not be handled."""


@events.command()
@click.option("--group", metavar="GROUP", help="Only those of this group of handlers.")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=100, show_default=True,
    help="Most events to list.",
)  # fmt: skip
@server_option
@operator_options
@json_option
def dead(
    group: str | None, limit: int, server: str, email: str, password: str, as_json: bool
) -> None:
    """List events that could not be handled, and why."""

    async def ask() -> list[DeadEvent]:
        async with Client(server) as client:
            await client.sign_in(email, password)
            return await client.dead_events(group, limit=limit)

    found = asyncio.run(ask())
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for each in found:
        when = datetime.fromtimestamp(each.given_up_at_ms / 1000, UTC).isoformat(" ", "seconds")
        click.echo(f"{each.group}  {each.id}  {each.type} {each.key}  {when}  {each.error}")
    if not found:
        stderr.print("All events were handled.")


@events.command()
@click.argument("group")
@click.argument("event_id", metavar="ID", required=False)
@click.option(
    "--all", "everything", is_flag=True, help="All events that the group could not handle."
)
@server_option
@operator_options
def replay(
    group: str, event_id: str | None, everything: bool, server: str, email: str, password: str
) -> None:
    """Send an event to its GROUP again by its ID, or all with --all.

    Fix the cause first. An event that fails again returns to the list.
    """
    if (event_id is None) is not everything:
        raise click.UsageError("Name one event by its ID, or give --all.")

    async def ask() -> int:
        async with Client(server) as client:
            await client.sign_in(email, password)
            return await client.replay_events(Replay(group=group, id=event_id))

    count = asyncio.run(ask())
    click.echo(f"{count} {'event is' if count == 1 else 'events are'} sent to {group} again.")
