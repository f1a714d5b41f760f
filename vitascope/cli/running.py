"""Commands of whoever runs the service: start it, open accounts, examine it."""

import asyncio
import sys
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from vitascope import roles
from vitascope import settings as service_settings
from vitascope.assembly.adapters import media_tools
from vitascope.assembly.domains import ROLES
from vitascope.assembly.reach import in_local_network, where_reached
from vitascope.cli.options import (
    CommandContext,
    data_option,
    json_option,
    plain,
    port_option,
    stderr,
)
from vitascope.kernel.viewer import Role
from vitascope.operations import doctor as doctors
from vitascope.operations.progress_bars import ProgressBars
from vitascope.operations.reached import Reached, told
from vitascope.operations.up import up as start_all


@click.command()
@data_option
@port_option
@click.option("--no-demo", is_flag=True, help="Start without the demo titles and accounts.")
@click.option(
    "--lan", is_flag=True, help="Let other devices of this network in: over HTTP, and over TLS at "
    "a port 43 higher. Prints an address and a QR code.",
)  # fmt: skip
@click.option(
    "--known-passwords", is_flag=True, help="Give the demo's accounts their known passwords even "
    "where others reach the service.",
)  # fmt: skip
@click.pass_obj
def up(
    context: CommandContext,
    data: Path | None,
    port: int | None,
    no_demo: bool,
    lan: bool,
    known_passwords: bool,
) -> None:
    """Start the whole service on this machine. Stop it with Ctrl-C.

    Prints one line, `ready http://localhost:PORT`, when a film can be played. Everything is kept
    in the data folder, and the next start continues from there.
    """
    settings = context.settings(data=str(data) if data else None, port=port)
    settings = in_local_network(settings) if lan else settings
    service = settings.service
    folder = Path(service.data).absolute()
    options = ["--settings", str(context.file.absolute())] if context.file else []
    if no_demo:
        seed = roles.demo_closed(settings, folder)
    else:
        seed = roles.demo_seed(settings, folder, known_passwords=known_passwords)
    found: list[Reached | None] = []

    async def fit() -> None:
        await doctors.need_machine(media_tools(settings))
        found.append(await where_reached(settings, folder))

    with ProgressBars() as bars:

        def ready(url: str, sign_ins: list[tuple[str, str, str]]) -> None:
            bars.close()
            click.echo(f"ready {url}")
            for who, email, password in sign_ins:
                click.echo(f"  {who:<10} {email:<32} {password}", err=True)
            if no_demo:
                click.echo("  Make accounts with `account EMAIL --role partner`.", err=True)
            if reached := found[0]:
                click.echo(told(reached), err=True)
            stderr.print("[dim]Ctrl-C stops it.[/]")

        roles.tell_children(settings, folder)
        asyncio.run(
            start_all(
                data=folder,
                host=service.host,
                port=service.port,
                inner=service_settings.inner_address(settings),
                workers=service.workers,
                edges=service.edges,
                options=tuple(options),
                fit=fit,
                seed=seed,
                meanwhile=context.meanwhile,
                display=bars,
                ready=ready,
                tls_port=settings.tls.port,
            )
        )


@click.command()
@click.argument(
    "chosen", metavar="ROLE...", nargs=-1, required=True, type=click.Choice(list(ROLES))
)
@data_option
@port_option
@click.option("--name", help="Name of this worker or edge. Keep it the same over restarts.")
@click.option("--tls-port", type=int, help="Port for TLS, in place of that of [tls].")
@click.pass_obj
def run(
    context: CommandContext,
    chosen: tuple[str, ...],
    data: Path | None,
    port: int | None,
    name: str | None,
    tls_port: int | None,
) -> None:
    """Run some parts of the service in this process.

    A role is a domain, or one of erasure, gateway, origin, worker and edge; api stands for all
    but worker and edge. The settings [discovery] and [wire] say where the other parts run.
    """
    settings = context.settings(data=str(data) if data else None, port=port)
    if tls_port is not None:
        tls = msgspec.structs.replace(settings.tls, port=tls_port)
        settings = msgspec.structs.replace(settings, tls=tls)
    asyncio.run(roles.run_roles(settings, frozenset(chosen), name=name))


@click.command()
@click.argument(
    "chosen", metavar="ROLE...", nargs=-1, required=True, type=click.Choice(list(ROLES))
)
@click.option(
    "--to", "folder", required=True, type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write them in; it becomes `secrets` in that machine's data folder.",
)  # fmt: skip
@data_option
@click.pass_obj
def keys(context: CommandContext, chosen: tuple[str, ...], folder: Path, data: Path | None) -> None:
    """Write the keys that a machine needs to run some roles.

    A machine with these keys, and without the secret from which all keys are derived, can make
    the calls of these roles and no others. So can whoever steals them.
    """
    settings = context.settings(data=str(data) if data else None)
    for name in asyncio.run(roles.give_keys(settings, chosen, folder)):
        click.echo(name)


@click.command()
@click.argument("email")
@click.option(
    "--role", type=click.Choice(["viewer", "partner", "operator"]), default="viewer",
    show_default=True, help="What the account may do.",
)  # fmt: skip
@click.option("--name", help="The person's name. Default: the first part of the email.")
@click.option(
    "--password", envvar="VITASCOPE_PASSWORD", prompt=True, hide_input=True,
    help="The password. Prompted for when not given and VITASCOPE_PASSWORD is not set.",
)  # fmt: skip
@data_option
@port_option
@click.pass_obj
def account(
    context: CommandContext,
    email: str,
    role: str,
    name: str | None,
    password: str,
    data: Path | None,
    port: int | None,
) -> None:
    """Create an account in the service that runs on this machine.

    Viewers can sign up on the web page. Partners and operators are created here, by anyone who can
    read the data folder.
    """
    settings = context.settings(data=str(data) if data else None, port=port)
    made = asyncio.run(
        roles.open_account(
            settings,
            email=email,
            name=name or email.partition("@")[0],
            password=password,
            role=Role(role),
        )
    )
    click.echo(f"{made.role} {made.email} {made.id}")


@click.command("reset-code")
@click.argument("email")
@data_option
@port_option
@click.pass_obj
def reset_code(context: CommandContext, email: str, data: Path | None, port: int | None) -> None:
    """Make a code for a new password, for whoever forgot theirs.

    It works once, within a day. Give it to the account's owner, who enters it on the page /reset.
    """
    settings = context.settings(data=str(data) if data else None, port=port)
    click.echo(asyncio.run(roles.make_reset_code(settings, email)).code)


@click.command()
@data_option
@json_option
@click.pass_obj
def doctor(context: CommandContext, data: Path | None, as_json: bool) -> None:
    """Check this machine and this installation."""
    settings = context.settings(data=str(data) if data else None)
    bad = asyncio.run(_doctor(settings, as_json))
    sys.exit(1 if bad else 0)


async def _doctor(settings: service_settings.Settings, as_json: bool) -> bool:
    diagnoses = [
        s async for s in doctors.examine(media_tools(settings), Path(settings.service.data))
    ]
    if proxies := await doctors.proxies(roles.at_home(settings).wire.api):
        diagnoses.append(proxies)
    if isp := settings.edge.isp:
        lends = settings.steering.lend_network_edges
        diagnoses.append(doctors.network(isp, settings.steering.networks, lends=lends))
    if as_json:
        click.echo(msgspec.json.encode(diagnoses).decode())
    else:
        marks = {"good": "[green]✓[/]", "warning": "[yellow]![/]", "bad": "[red]✗[/]"}
        table = Table(box=None, show_header=False, pad_edge=False)
        for diagnosis in diagnoses:
            table.add_row(
                marks[diagnosis.health],
                diagnosis.subject,
                plain(diagnosis.seen),
                f"[dim]{plain(diagnosis.advice)}[/]",
            )
        Console(highlight=False).print(table)
    return any(diagnosis.health == "bad" for diagnosis in diagnoses)


@click.command("settings")
@click.pass_obj
def print_settings(context: CommandContext) -> None:
    """Print the effective settings.

    The output is a documented TOML file that you can edit and use with --settings.
    """
    click.echo(service_settings.shown(service_settings.load(context.file)))
