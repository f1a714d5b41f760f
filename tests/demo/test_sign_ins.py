"""The demo's known passwords are never good where others reach the service."""

from pathlib import Path

import pytest

from tests.identity.conftest import accounts
from vitascope.engines.secrets.file import FileSecrets
from vitascope.identity import DeviceDraft, Identity, WrongCredentials
from vitascope.identity.rows_identity import RowsIdentity
from vitascope.kernel.viewer import Role
from vitascope.operations.demo.sign_ins import KNOWN, SignIn, replace_known, sign_ins
from vitascope.roles.demo import may_be_known
from vitascope.settings import ServiceSettings, Settings

__all__ = ["accounts"]  # a fixture

HERE = "127.0.0.1"


@pytest.fixture
def secrets(tmp_path: Path) -> FileSecrets:
    return FileSecrets(folder=tmp_path / "secrets")


async def opened(identity: Identity, *accounts: SignIn) -> None:
    for one in accounts:
        device = DeviceDraft(name="First start")
        await identity.sign_up(one.email, one.password, "Somebody", device, role=Role.VIEWER)


async def lets_in(identity: Identity, one: SignIn) -> bool:
    try:
        await identity.sign_in(one.email, one.password, DeviceDraft(name="Somewhere"), HERE)
    except WrongCredentials:
        return False
    return True


async def test_on_a_machine_of_ones_own_they_are_known_and_nothing_is_kept(
    secrets: FileSecrets, tmp_path: Path
) -> None:
    assert await sign_ins(secrets, known=True) == KNOWN
    assert not (tmp_path / "secrets").exists()


@pytest.mark.parametrize(
    ("host", "known"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True)]
    + [(host, False) for host in ("0.0.0.0", "::", "192.168.1.5", "10.0.0.1", "films.example")],
)
def test_they_are_known_on_this_machine_alone_unless_asked_for(host: str, known: bool) -> None:
    settings = Settings(service=ServiceSettings(host=host))
    assert may_be_known(settings, asked=False) is known
    assert may_be_known(settings, asked=True)


async def test_where_others_reach_it_they_are_random_and_stay(secrets: FileSecrets) -> None:
    made = await sign_ins(secrets, known=False)
    assert await sign_ins(secrets, known=False) == made
    assert await sign_ins(secrets, known=True) == made, "the accounts have these"
    passwords = {one.password for one in made.all}
    assert len(passwords) == 3
    assert passwords.isdisjoint({one.password for one in KNOWN.all})
    assert all(len(password) == 19 for password in passwords)


async def test_known_ones_from_before_are_replaced_and_who_came_in_is_signed_out(
    accounts: RowsIdentity, secrets: FileSecrets
) -> None:
    await opened(accounts, *KNOWN.all)
    device = DeviceDraft(name="A stranger")
    inside = await accounts.sign_in(KNOWN.viewer.email, KNOWN.viewer.password, device, HERE)
    made = await sign_ins(secrets, known=False)
    await replace_known(accounts, secrets, made)
    for known, new in zip(KNOWN.all, made.all, strict=True):
        assert not await lets_in(accounts, known)
        assert await lets_in(accounts, new)
    devices = await accounts.devices(inside.account.id)
    assert inside.device.id not in [one.id for one in devices]


async def test_a_password_that_was_changed_is_left_alone(
    accounts: RowsIdentity, secrets: FileSecrets
) -> None:
    own = SignIn(KNOWN.viewer.email, "one of my own 42")
    await opened(accounts, own)
    await replace_known(accounts, secrets, await sign_ins(secrets, known=False))
    assert await lets_in(accounts, own)
    assert (await sign_ins(secrets, known=False)).known_replaced
