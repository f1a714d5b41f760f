"""Whose files are opened where no sandbox works: those of operators, and of nobody else.

A decoder that a film has taken over may then do all that the service may. Which workers have a
sandbox they say themselves; a partner's file goes only to those that have one, so it is taken as
long as there is one.
"""

from collections.abc import Awaitable, Callable, Sequence

from vitascope.engines.http import AnyRequest, require
from vitascope.kernel.errors import Forbidden
from vitascope.kernel.ids import AccountId
from vitascope.kernel.viewer import Role

NoneHasSandbox = Callable[[], Awaitable[Sequence[str]]]
"""Returns the workers that are there, by name, if none of them has a sandbox; else nothing."""


class NoSandbox(Forbidden):
    """No worker has a sandbox: only operators' files are taken. `extra["workers"]` are the
    workers."""

    code = "no-sandbox"


async def some_has_sandbox() -> Sequence[str]:
    """Returns no workers: partners' files are taken."""
    return ()


NO_SANDBOX = (
    "Files of partners are opened in a sandbox only, and no worker has one ({}). Ask the operator "
    "to install bubblewrap there (Debian: apt install bubblewrap), or to use Linux 5.13 or newer "
    "with Landlock, and to start the worker again."
)


def is_operator(request: AnyRequest) -> bool:
    return require(request, *Role).role is Role.OPERATOR


async def supplier(request: AnyRequest, none_has_sandbox: NoneHasSandbox) -> AccountId:
    """Returns the account whose files are to be opened. Raises `RoleNeeded`, and `NoSandbox` for a
    partner while no worker has a sandbox."""
    who = require(request, Role.PARTNER, Role.OPERATOR)
    if who.role is Role.PARTNER and (workers := list(await none_has_sandbox())):
        raise NoSandbox(NO_SANDBOX.format(", ".join(workers)), workers=workers)
    return who.account_id
