"""Whose files are opened where no sandbox works: those of operators, and of nobody else.

A decoder that a film has taken over may then do all that the service may. Which workers have a
sandbox they say themselves.
"""

from collections.abc import Awaitable, Callable, Sequence

from vitascope.engines.http import AnyRequest, require
from vitascope.kernel.errors import Forbidden
from vitascope.kernel.ids import AccountId
from vitascope.kernel.viewer import Role

WorkersWithoutSandbox = Callable[[], Awaitable[Sequence[str]]]
"""Returns the workers that are there and have no sandbox, by name."""


class NoSandbox(Forbidden):
    """A worker opens files without a sandbox: only operators' files are taken. `extra["workers"]`
    are those that have none."""

    code = "no-sandbox"


async def none_without() -> Sequence[str]:
    """Returns no workers: each has a sandbox."""
    return ()


NO_SANDBOX = (
    "Files of partners are opened in a sandbox only, and {} has none. Ask the operator to install "
    "bubblewrap there (Debian: apt install bubblewrap), or to use Linux 5.13 or newer with "
    "Landlock, and to start the worker again."
)


def is_operator(request: AnyRequest) -> bool:
    return require(request, *Role).role is Role.OPERATOR


async def supplier(request: AnyRequest, without_sandbox: WorkersWithoutSandbox) -> AccountId:
    """Returns the account whose files are to be opened. Raises `RoleNeeded`, and `NoSandbox` for a
    partner while a worker has no sandbox."""
    who = require(request, Role.PARTNER, Role.OPERATOR)
    if who.role is Role.PARTNER and (workers := list(await without_sandbox())):
        raise NoSandbox(NO_SANDBOX.format(", ".join(workers)), workers=workers)
    return who.account_id
