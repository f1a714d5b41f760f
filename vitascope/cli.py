"""The command line: `vitascope COMMAND`, or `./vita COMMAND` in a checkout.

Answers go to stdout, everything else to stderr. Exit status: 0 well, 1 refused or failed (with a
sentence that says what to do), 2 wrong usage.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec
from rich.console import Console
from rich.table import Table

from vitascope import __version__, roles
from vitascope import settings as house_settings
from vitascope.assembly.process import media_tools
from vitascope.engines import trace
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.viewer import Role
from vitascope.operations import doctor as doctors
from vitascope.operations import workshop
from vitascope.operations.bars import STATES, Bars
from vitascope.operations.client import Client
from vitascope.operations.probe import watch
from vitascope.operations.processes import ChildFailed
from vitascope.operations.up import up as start_all

F = TypeVar("F", bound=Callable[..., Any])

stderr = Console(stderr=True, highlight=False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command, and turn an expected refusal into a sentence and exit status 1."""
    try:
        cli.main(args=arguments, prog_name="vitascope", standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except VitascopeError as refusal:
        stderr.print(f"[bold red]vitascope:[/] {_plain(refusal.detail)}")
        sys.exit(1)
    except ChildFailed as failure:
        stderr.print(f"[bold red]vitascope:[/] {_plain(str(failure))}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _plain(text: str) -> str:
    return text.replace("[", r"\[")


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


class Context:
    """What the options before the command said, and the settings they lead to."""

    def __init__(self, file: Path | None) -> None:
        self.file = file

    def settings(self, **house: Any) -> house_settings.Settings:
        settings = house_settings.load(self.file, **house)
        place = str(Path(settings.house.data).absolute())
        return msgspec.structs.replace(
            settings, house=msgspec.structs.replace(settings.house, data=place)
        )


data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Data folder (default: ./data).",
)
port_option = click.option(
    "--port", type=int, help="Port of the web app and the API (default: 8400)."
)
server_option = click.option(
    "--server", default="http://localhost:8400", show_default=True, envvar="VITASCOPE_SERVER",
    help="The service to speak to.",
)  # fmt: skip
json_option = click.option("--json", "as_json", is_flag=True, help="Answer with one line of JSON.")


def account_options(email: str, password: str) -> Callable[[F], F]:
    """--email and --password, by default the demo's account of that kind."""

    def add(command: F) -> F:
        command = click.option(
            "--password", default=password, envvar="VITASCOPE_PASSWORD",
            help="Its password (better given as VITASCOPE_PASSWORD).",
        )(command)  # fmt: skip
        return click.option(
            "--email", default=email, show_default=True, envvar="VITASCOPE_EMAIL",
            help="Account to sign in as.",
        )(command)  # fmt: skip

    return add


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="vitascope")
@click.option(
    "--settings", "file", type=click.Path(dir_okay=False, path_type=Path),
    envvar="VITASCOPE_SETTINGS", help="Settings file (TOML). `vitascope settings` prints one.",
)  # fmt: skip
@click.pass_context
def cli(context: click.Context, file: Path | None) -> None:
    """Vitascope: a video-on-demand streaming service that anyone can run.

    Start it with `up`, open the address it prints, and sign in. Bring in a film with `ingest`.
    """
    trace.configure(level="warning")  # on stderr: stdout is for answers
    context.obj = Context(file)


@cli.command()
@data_option
@port_option
@click.option("--no-demo", is_flag=True, help="Start empty: no demo titles, no demo accounts.")
@click.pass_obj
def up(context: Context, data: Path | None, port: int | None, no_demo: bool) -> None:
    """Start everything on this machine, and stop it with Ctrl-C.

    Prints one line, `ready http://localhost:PORT`, when a film can be played. What it keeps lies in
    the data folder; the next start goes on where this one was.
    """
    settings = context.settings(data=str(data) if data else None, port=port)
    house = settings.house
    folder = Path(house.data).absolute()
    options = ["--settings", str(context.file.absolute())] if context.file else []
    with Bars() as bars:

        def ready(url: str, sign_ins: list[tuple[str, str, str]]) -> None:
            bars.close()
            click.echo(f"ready {url}")
            for who, email, password in sign_ins:
                click.echo(f"  {who:<10} {email:<32} {password}", err=True)
            stderr.print("[dim]Ctrl-C stops it.[/]")

        roles.tell_children(settings, folder)
        _run(
            start_all(
                data=folder,
                host=house.host,
                port=house.port,
                workers=house.workers,
                edges=house.edges,
                options=tuple(options),
                seed=None if no_demo else roles.demo_seed(settings, folder),
                display=bars,
                ready=ready,
            )
        )


@cli.command()
@click.argument(
    "chosen", metavar="ROLE...", nargs=-1, required=True, type=click.Choice(list(roles.ROLES))
)
@data_option
@port_option
@click.option("--name", help="Name of this worker or edge; keep it the same over restarts.")
@click.pass_obj
def run(
    context: Context, chosen: tuple[str, ...], data: Path | None, port: int | None, name: str | None
) -> None:
    """Run some roles in this process, and dial the others.

    Where the others are is said by the settings [wire] api, licensing and steering. Roles: api,
    licensing, steering, worker, edge.
    """
    settings = context.settings(data=str(data) if data else None, port=port)
    _run(roles.run_roles(settings, frozenset(chosen), name=name))


@cli.command()
@click.argument("email")
@click.option("--role", type=click.Choice(["viewer", "partner", "operator"]), default="viewer")
@click.option("--name", help="The person's name; by default the e-mail's first part.")
@click.option("--password", envvar="VITASCOPE_PASSWORD", prompt=True, hide_input=True)
@data_option
@port_option
@click.pass_obj
def account(
    context: Context,
    email: str,
    role: str,
    name: str | None,
    password: str,
    data: Path | None,
    port: int | None,
) -> None:
    """Open an account in the running service on this machine.

    Viewers can sign up by themselves; partners and operators are made here, by whoever can read
    the data folder.
    """
    settings = context.settings(data=str(data) if data else None, port=port)
    made = _run(
        roles.open_account(
            settings,
            email=email,
            name=name or email.partition("@")[0],
            password=password,
            role=Role(role),
        )
    )
    click.echo(f"{made.role} {made.email} {made.id}")


@cli.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--title", required=True, help="Name of the title; made if you have none of that name."
)
@click.option(
    "--priority", type=click.Choice(["new-release", "normal", "back-catalog"]), default="normal"
)
@server_option
@account_options("partner@vitascope.example", "partner-demo")
@click.option("--wait", is_flag=True, help="Stay until the title is published or refused.")
@json_option
def ingest(
    file: Path,
    title: str,
    priority: str,
    server: str,
    email: str,
    password: str,
    wait: bool,
    as_json: bool,
) -> None:
    """Upload a master and publish it.

    The upload goes on after a broken connection. With --wait you see every step and rung.
    """
    _run(_ingest(file, title, priority, server, email, password, wait, as_json))


async def _ingest(
    file: Path,
    name: str,
    priority: str,
    server: str,
    email: str,
    password: str,
    wait: bool,
    as_json: bool,
) -> None:
    began = time.monotonic()
    async with Client(server) as client:
        with Bars() as bars:
            await client.sign_in(email, password)
            title = await client.title_named(name)

            def sent(done: int, total: int) -> None:
                bars.step(
                    f"Uploading {file.name}", done, total, f"{done / 1e6:.1f}/{total / 1e6:.1f} MB"
                )

            upload_id = await client.upload(file, title, priority=priority, on_bytes=sent)
            master = next(u.master_id for u in await client.uploads() if u.id == upload_id)
            job = await client.job_of(str(master))
            if wait:
                async for job in client.follow(job.id):  # noqa: B020
                    bars.job(job)
        report = await client.report(job.id)
        _tell_end(title.id, job.state, report, time.monotonic() - began, as_json, wait)
        if job.state in ("rejected", "failed", "cancelled"):
            sys.exit(1)


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
        stderr.print(f"[yellow]{finding.code}[/]: {_plain(finding.sentence)}")
    if state == "live":
        click.echo(f"Published {title_id} in {seconds:.1f} s: {len(report.rungs)} rungs.")
    elif waited:
        click.echo(f"{STATES.get(state, state)}: {title_id}")
    else:
        click.echo(
            f"Received {title_id}. Its way to the screen shows in the studio, or with --wait."
        )


@cli.command()
@click.argument("title_id")
@click.option("--seconds", type=float, default=6.0, show_default=True, help="How much to watch.")
@server_option
@account_options("viewer@vitascope.example", "viewer-demo")
@json_option
@click.pass_obj
def play(
    context: Context,
    title_id: str,
    seconds: float,
    server: str,
    email: str,
    password: str,
    as_json: bool,
) -> None:
    """Watch a title as a synthetic viewer.

    Can people watch, and how fast does it start?
    Signs in, presses play, fetches manifest, licence and segments, decrypts and decodes.
    """
    _run(_play(context.settings(), title_id, seconds, server, email, password, as_json))


async def _play(
    settings: house_settings.Settings, title_id: str, seconds: float, server: str, email: str,
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


@cli.command()
@data_option
@json_option
@click.pass_obj
def doctor(context: Context, data: Path | None, as_json: bool) -> None:
    """Examine this machine and this installation."""
    settings = context.settings(data=str(data) if data else None)
    bad = _run(_doctor(settings, as_json))
    sys.exit(1 if bad else 0)


async def _doctor(settings: house_settings.Settings, as_json: bool) -> bool:
    signs = [s async for s in doctors.examine(media_tools(settings), Path(settings.house.data))]
    if as_json:
        click.echo(msgspec.json.encode(signs).decode())
    else:
        marks = {"good": "[green]✓[/]", "warning": "[yellow]![/]", "bad": "[red]✗[/]"}
        table = Table(box=None, show_header=False, pad_edge=False)
        for sign in signs:
            table.add_row(
                marks[sign.health],
                sign.subject,
                _plain(sign.seen),
                f"[dim]{_plain(sign.advice)}[/]",
            )
        Console(highlight=False).print(table)
    return any(sign.health == "bad" for sign in signs)


@cli.command("settings")
@click.pass_obj
def print_settings(context: Context) -> None:
    """Print the effective settings.

    Each with its documentation, as a file that you can edit.
    """
    click.echo(house_settings.shown(house_settings.load(context.file)))


@cli.command()
@click.option(
    "--check", is_flag=True, help="Fail when the committed document is not the present one."
)
def openapi(check: bool) -> None:
    """Print the API's OpenAPI document.

    The web app's types are generated from it.
    """
    document = roles.openapi_document()
    if not check:
        click.echo(document, nl=False)
        return
    committed = workshop.WEB / "openapi.json"
    if committed.read_text(encoding="utf-8") != document:
        stderr.print(
            "web/openapi.json is stale. Run: ./vita openapi > web/openapi.json, "
            "then npm run types in web/."
        )
        sys.exit(1)


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(arguments: tuple[str, ...]) -> None:
    """Run all tests, setting up what they need.

    The web app's, Python's, the shape of the house, and a real browser's.

    With ARGUMENTS, run pytest alone with these: ./vita test tests/edge -x
    """
    sys.exit(workshop.run_tests(lambda said: stderr.print(f"[bold]vita:[/] {said} ..."), arguments))


@cli.command()
def check() -> None:
    """Run every gate of the source tree.

    Lint, format, types, imports, dependencies, shape, and whether the web app's API types are
    those of the API.
    """

    def report(name: str, passed: bool, output: str) -> None:
        stderr.print(f"{'[green]✓[/]' if passed else '[red]✗[/]'} {name}")
        if not passed:
            click.echo(output)

    sys.exit(0 if workshop.run_gates(report) else 1)


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("name", required=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(name: str | None, arguments: tuple[str, ...]) -> None:
    """Run a benchmark, or all of them.

    Each prints its figure, its target, and the ratio to a reference measured in the same run.
    """
    known = workshop.benchmarks()
    if name and name not in known:
        raise click.UsageError(f"There is no benchmark {name!r}. There are: {', '.join(known)}.")
    for file in [known[name]] if name else known.values():
        status = workshop.run_benchmark(file, arguments)
        if status:
            sys.exit(status)
