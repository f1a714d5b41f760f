"""A part of the service in a process of its own, forked from one that has imported everything, so
that thirty of them start in the time of a few."""

import asyncio
import os
from collections.abc import Mapping
from multiprocessing.connection import Connection

from vitascope import settings as service_settings
from vitascope.operations.processes import LIFELINE_FD, READY_FD
from vitascope.roles import run_roles


def run(
    part: str,
    name: str,
    port: int,
    environment: Mapping[str, str],
    ready: Connection,
    lifeline: Connection,
    log: str,
) -> None:
    """What `vitascope run PART --name NAME --port PORT` does; several parts have "+" between them.
    Writes to `ready` when it serves, and ends when the other end of `lifeline` does."""
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.update(environment)
    os.environ[READY_FD] = str(os.dup(ready.fileno()))
    os.environ[LIFELINE_FD] = str(os.dup(lifeline.fileno()))
    settings = service_settings.load(None, os.environ, port=port)
    asyncio.run(run_roles(settings, frozenset(part.split("+")), name=name))
