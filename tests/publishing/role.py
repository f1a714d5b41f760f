"""What `vitascope run ROLE... --data DIR --port N --name NAME` does, with an engine or a provider
of the test's own where it names one."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from vitascope import settings as service_settings
from vitascope.assembly.adapters import ADAPTERS, Adapters
from vitascope.assembly.process import Provider
from vitascope.roles import run_roles


def run(
    *roles: str,
    data: Path,
    port: int,
    name: str | None = None,
    adapters: Adapters = ADAPTERS,
    providers: Mapping[str, Provider] | None = None,
) -> None:
    settings = service_settings.load(None, os.environ, data=str(data), port=port)
    running = run_roles(
        settings, frozenset(roles), name=name, adapters=adapters, providers=providers
    )
    asyncio.run(running)
