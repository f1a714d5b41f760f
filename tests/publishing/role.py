"""`vitascope run`, with an engine or a provider of the test's own."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import click

from vitascope import settings as service_settings
from vitascope.assembly.adapters import ADAPTERS, Adapters
from vitascope.assembly.process import Provider
from vitascope.roles import run_roles


def run(*, adapters: Adapters = ADAPTERS, providers: Mapping[str, Provider] | None = None) -> None:
    """Run what the command line says: `run ROLE... [--data DIR] [--port N] [--name NAME]`."""

    @click.command()
    @click.argument("roles", nargs=-1)
    @click.option("--data")
    @click.option("--port", type=int)
    @click.option("--name")
    def command(
        roles: tuple[str, ...], data: str | None, port: int | None, name: str | None
    ) -> None:
        place = data or service_settings.load(None).service.data
        settings = service_settings.load(None, data=str(Path(place).absolute()), port=port)
        running = run_roles(
            settings, frozenset(roles[1:]), name=name, adapters=adapters, providers=providers
        )
        asyncio.run(running)

    command()
