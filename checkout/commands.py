"""Commands of whoever changes the source: tests, gates, benchmarks, the API's document."""

import sys

import click

from checkout import checks
from checkout.web import WEB
from vitascope import roles
from vitascope.cli.options import stderr


@click.command()
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
    committed = WEB / "openapi.json"
    if committed.read_text(encoding="utf-8") != document:
        stderr.print(
            "web/openapi.json is stale. Run: ./vita openapi > web/openapi.json, "
            "then npm run types in web/."
        )
        sys.exit(1)


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--quick", is_flag=True, help="Skip slow tests and browser tests.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(quick: bool, arguments: tuple[str, ...]) -> None:
    """Run all tests, setting up what they need.

    The web app's, Python's, the structure's, and those in a real browser: about 20 minutes on two
    cores. --quick takes three.

    With ARGUMENTS, run pytest alone with these: ./vita test tests/edge -x
    """

    def say(what: str) -> None:
        stderr.print(f"[bold]vita:[/] {what} ...")

    sys.exit(checks.run_tests(say, arguments, quick=quick))


@click.command()
def check() -> None:
    """Run every gate of the source tree.

    Lint, format, types, imports, dependencies, shape, and whether the web app's API types are
    those of the API.
    """

    def report(name: str, passed: bool, output: str) -> None:
        stderr.print(f"{'[green]✓[/]' if passed else '[red]✗[/]'} {name}")
        if not passed:
            click.echo(output)

    sys.exit(0 if checks.run_gates(report) else 1)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("name", required=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(name: str | None, arguments: tuple[str, ...]) -> None:
    """Run a benchmark, or all of them.

    Each prints its figure, its target, and the ratio to a reference measured in the same run.
    """
    known = checks.benchmarks()
    if name and name not in known:
        raise click.UsageError(f"There is no benchmark {name!r}. There are: {', '.join(known)}.")
    for file in [known[name]] if name else known.values():
        status = checks.run_benchmark(file, arguments)
        if status:
            sys.exit(status)
