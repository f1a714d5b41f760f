"""Accounts opened, and passwords set anew, by whoever can read the data folder."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from vitascope.assembly.process import Process
from vitascope.engines import wire
from vitascope.identity import (
    Account,
    AccountFilter,
    DeviceDraft,
    DeviceKind,
    Identity,
    ResetCode,
)
from vitascope.kernel.country import Country
from vitascope.kernel.errors import NotFound, Unavailable
from vitascope.kernel.viewer import Role
from vitascope.operations.folder import STAMP
from vitascope.roles.this_machine import at_home
from vitascope.settings import Settings


class NoDataFolder(Unavailable):
    code = "no-data-folder"


async def open_account(
    settings: Settings, *, email: str, name: str, password: str, role: Role
) -> Account:
    """Open an account of any role in the running service. Raises as `Identity.sign_up`, and
    `NoDataFolder`."""
    device = DeviceDraft(name="Command line", kind=DeviceKind.PROBE)
    country = Country(settings.service.country)
    async with _identity_of(settings) as identity:
        opened = await identity.sign_up(email, password, name, device, role=role, country=country)
        return opened.account


async def make_reset_code(settings: Settings, email: str) -> ResetCode:
    """Make a code for a new password in the running service. Raises `NotFound`,
    `NoDataFolder`."""
    wanted = email.strip().lower()
    async with _identity_of(settings) as identity:
        token = None
        while True:
            page = await identity.accounts(AccountFilter(text=wanted), page_token=token, limit=100)
            for account in page.accounts:
                if account.email == wanted:
                    return await identity.reset_code(account.id)
            token = page.next_page_token
            if token is None:
                raise NotFound(f"There is no account with the email {email}.")


@asynccontextmanager
async def _identity_of(settings: Settings) -> AsyncIterator[Identity]:
    """Yields identity of the running service, by the wire's secret in its data folder: whoever can
    read that folder may make operators. Raises `NoDataFolder`."""
    data = Path(settings.service.data)
    if not await asyncio.to_thread((data / STAMP).exists):
        raise NoDataFolder(
            f"{data} is no data folder of Vitascope. Name the service's with --data DIR."
        )
    async with AsyncExitStack() as stack:
        process = Process(at_home(settings), (), stack)
        try:
            yield await process.dialled(Identity)
        except wire.WireRefused:
            raise NoDataFolder(
                f"The running service does not use {data}. Name its folder with --data DIR."
            ) from None
        except Unavailable as error:
            raise NoDataFolder(
                f"{error.detail} Start the service with ./vita up, or name its port with --port N."
            ) from None
