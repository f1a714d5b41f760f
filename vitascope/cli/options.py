"""What the commands share: the options they take, and how they speak."""

import datetime
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec
from rich.console import Console

from vitascope import settings as service_settings
from vitascope.operations.up import Meanwhile

F = TypeVar("F", bound=Callable[..., Any])

# in a log a sentence stays on its line
stderr = Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())


def plain(text: str) -> str:
    """Returns `text` with nothing in it that rich would take for a colour."""
    return text.replace("[", r"\[")


def subtitle_files(
    context: click.Context, option: click.Parameter, given: tuple[str, ...]
) -> dict[str, Path]:
    """Returns `{"fr": Path("film.srt")}` for `fr=film.srt`."""
    files: dict[str, Path] = {}
    for each in given:
        language, separator, name = each.partition("=")
        if not separator or not language:
            raise click.BadParameter(f"{each!r} is not LANGUAGE=FILE.", context, option)
        if not Path(name).is_file():
            raise click.BadParameter(f"There is no file {name!r}.", context, option)
        files[language] = Path(name)
    return files


def when(context: click.Context, option: click.Parameter, given: str) -> str:
    """Returns `ready`, `asked`, or a date with its offset: that of this machine where none was
    said."""
    if given in ("ready", "asked"):
        return given
    try:
        return datetime.datetime.fromisoformat(given).astimezone().isoformat()
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(
            f"{given!r} is not 'ready', 'asked' or a date like 2026-12-24T20:00.", context, option
        ) from error


class CommandContext:
    """What the options before the command said, and the settings they lead to."""

    def __init__(self, file: Path | None, meanwhile: Meanwhile) -> None:
        self.file = file
        self.meanwhile = meanwhile  # what `up` does while the service starts

    def settings(self, **service: Any) -> service_settings.Settings:
        settings = service_settings.load(self.file, **service)
        place = str(Path(settings.service.data).absolute())
        return msgspec.structs.replace(
            settings, service=msgspec.structs.replace(settings.service, data=place)
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
    help="URL of the service.",
)  # fmt: skip
json_option = click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.")


def account_options(email: str, password: str) -> Callable[[F], F]:
    """Add --email and --password, by default the demo's account of that kind."""

    def add(command: F) -> F:
        command = click.option(
            "--password", default=password, envvar="VITASCOPE_PASSWORD",
            help="Password of the account (or set VITASCOPE_PASSWORD).",
        )(command)  # fmt: skip
        return click.option(
            "--email", default=email, show_default=True, envvar="VITASCOPE_EMAIL",
            help="Account to sign in as.",
        )(command)  # fmt: skip

    return add
