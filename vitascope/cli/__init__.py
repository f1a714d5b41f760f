"""The command line: `vitascope COMMAND`, or `./vita COMMAND` in a checkout.

Answers go to stdout, everything else to stderr. Exit status: 0 well, 1 refused or failed (with a
sentence that says what to do), 2 wrong usage.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import click

from vitascope import __version__
from vitascope.cli import changes, events, films, jobs, running, titles
from vitascope.cli.options import CommandContext, plain, stderr
from vitascope.engines import trace
from vitascope.kernel.errors import VitascopeError
from vitascope.operations.processes import ChildFailed
from vitascope.operations.up import Meanwhile, nothing

Commands = Mapping[str, Sequence[click.Command]]
NO_MORE: Commands = MappingProxyType({})


def main(
    arguments: Sequence[str] | None = None,
    *,
    more: Commands = NO_MORE,
    meanwhile: Meanwhile = nothing,
) -> None:
    """Run a command, and turn an expected refusal into a sentence and exit status 1. `more` are
    further commands by heading; `meanwhile` is done by `up` while the service starts."""
    try:
        command_line({**COMMANDS, **more}).main(
            args=arguments, prog_name="vitascope", standalone_mode=False, obj=meanwhile
        )
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


COMMANDS: Commands = {
    "For operators": (
        running.up,
        running.run,
        running.account,
        running.reset_code,
        running.keys,
        events.events,
        running.doctor,
        running.print_settings,
    ),
    "For partners and viewers": (
        films.ingest,
        changes.republish,
        jobs.jobs,
        titles.catalog,
        films.play,
    ),
}


class GroupedHelp(click.Group):
    """A group whose help lists its commands by who needs them, in the order of their use."""

    headings: Commands = {}

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(len(name) for name in self.commands)
        for heading, commands in self.headings.items():
            with formatter.section(heading):
                formatter.write_dl(
                    [
                        (str(one.name).ljust(width), one.get_short_help_str(formatter.width))
                        for one in commands
                    ]
                )


def command_line(commands: Commands) -> click.Group:
    """Returns the command line with these commands."""

    @click.group(
        cls=GroupedHelp,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    @click.version_option(__version__, prog_name="vitascope")
    @click.option(
        "--settings", "file", type=click.Path(dir_okay=False, path_type=Path),
        envvar="VITASCOPE_SETTINGS",
        help="Settings file (TOML). `vitascope settings` prints a template.",
    )  # fmt: skip
    @click.pass_context
    def vitascope(context: click.Context, file: Path | None) -> None:
        """Vitascope: a video-on-demand streaming service that anyone can run.

        Start it with `up`, open the address it prints, and sign in. Bring in a film with `ingest`.
        """
        trace.configure(level="warning")  # on stderr: stdout is for answers
        context.obj = CommandContext(file, context.obj or nothing)

    vitascope.headings = commands
    for group in commands.values():
        for command in group:
            vitascope.add_command(command)
    return vitascope


cli = command_line(COMMANDS)
