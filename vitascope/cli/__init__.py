"""The command line: `vitascope COMMAND`, or `./vita COMMAND` in a checkout.

Answers go to stdout, everything else to stderr. Exit status: 0 well, 1 refused or failed (with a
sentence that says what to do), 2 wrong usage.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from vitascope import __version__
from vitascope.cli import films, house, source
from vitascope.cli.options import Context, plain, stderr
from vitascope.engines import trace
from vitascope.kernel.errors import VitascopeError
from vitascope.operations.processes import ChildFailed


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
        stderr.print(f"[bold red]vitascope:[/] {plain(refusal.detail)}")
        sys.exit(1)
    except ChildFailed as failure:
        stderr.print(f"[bold red]vitascope:[/] {plain(str(failure))}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


SHELVES = {
    "For whoever runs the service": (
        house.up,
        house.run,
        house.account,
        house.doctor,
        house.print_settings,
    ),
    "For partners and viewers": (films.ingest, films.play),
    "For whoever changes the source": (source.test, source.check, source.bench, source.openapi),
}


class Shelves(click.Group):
    """A group whose help lists its commands by who needs them, in the order of their use."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(len(name) for name in self.commands)
        for heading, commands in SHELVES.items():
            with formatter.section(heading):
                formatter.write_dl(
                    [
                        (str(one.name).ljust(width), one.get_short_help_str(formatter.width))
                        for one in commands
                    ]
                )


@click.group(
    cls=Shelves,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
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


for _commands in SHELVES.values():
    for _command in _commands:
        cli.add_command(_command)
