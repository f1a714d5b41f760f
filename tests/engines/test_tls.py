"""P13: a certificate for this machine's addresses, by an authority that is made once."""

import asyncio
import ssl
import stat
from pathlib import Path

import pytest

from tests.ports import free_port
from vitascope.engines.secrets import Secrets
from vitascope.engines.secrets.file import FileSecrets
from vitascope.engines.tls import (
    AUTHORITY,
    BadCertificate,
    Certificate,
    CertificateFiles,
    TlsSettings,
    addresses,
    ensure_certificate,
    files_of,
    fingerprint,
    is_loopback,
    local_addresses,
    server_context,
)

DAY_MS = 86_400_000
NAMES = ["localhost", "box", "box.local"]


def now_ms() -> int:
    import time

    return int(time.time() * 1000)


@pytest.fixture
def secrets(tmp_path: Path) -> FileSecrets:
    return FileSecrets(folder=tmp_path / "secrets")


async def ensure(secrets: Secrets, *addresses: str, later_days: float = 0) -> Certificate:
    at = now_ms() + round(later_days * DAY_MS)
    return await ensure_certificate(secrets, NAMES, addresses, at)


async def test_the_authority_is_made_once_and_the_certificate_when_it_must(
    secrets: FileSecrets,
) -> None:
    first = await ensure(secrets, "192.168.1.5")
    assert await ensure(secrets, "192.168.1.5") == first
    moved = await ensure(secrets, "192.168.1.5", "10.0.0.7")
    assert (moved.authority, moved.left_out) == (first.authority, ())
    assert moved.certificate != first.certificate
    assert (await ensure(secrets, "192.168.1.5", "10.0.0.7", later_days=360)) == moved
    renewed = await ensure(secrets, "192.168.1.5", "10.0.0.7", later_days=370)
    assert renewed.authority == first.authority
    assert renewed.certificate != moved.certificate


async def test_it_signs_for_local_addresses_and_those_that_it_was_made_with(
    secrets: FileSecrets,
) -> None:
    made = await ensure(secrets, "198.51.100.9")
    assert made.left_out == ()
    moved = await ensure(secrets, "198.51.100.9", "203.0.113.4", "192.168.1.5")
    assert moved.left_out == ("203.0.113.4",)


async def test_keys_are_readable_by_the_service_alone(secrets: FileSecrets, tmp_path: Path) -> None:
    await ensure(secrets)
    kept = list((tmp_path / "secrets").iterdir())
    assert len(kept) == 4
    assert {stat.S_IMODE(file.stat().st_mode) for file in kept} == {0o600}


async def answered_over_tls(data: Path, host: str, **client: ssl.TLSVersion) -> str:
    """The protocol with which a client that trusts the authority is answered."""
    files = await asyncio.to_thread(files_of, TlsSettings(port=1), data)
    port = free_port()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    trusting = ssl.create_default_context(cafile=str(data / "secrets" / AUTHORITY))
    for name, version in client.items():
        setattr(trusting, name, version)
    server = await asyncio.start_server(answer, "127.0.0.1", port, ssl=server_context(files))
    async with server:
        _, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=trusting, server_hostname=host
        )
        spoken: str = writer.get_extra_info("ssl_object").version()
        writer.close()
    return spoken


@pytest.mark.parametrize("host", ["127.0.0.1", "192.168.1.5", "box.local", "localhost"])
async def test_who_trusts_the_authority_trusts_the_service(
    secrets: FileSecrets, tmp_path: Path, host: str
) -> None:
    await ensure(secrets, "192.168.1.5")
    assert await answered_over_tls(tmp_path, host) == "TLSv1.3"


async def test_nothing_older_than_tls_1_3_is_spoken(secrets: FileSecrets, tmp_path: Path) -> None:
    await ensure(secrets, "192.168.1.5")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await answered_over_tls(tmp_path, "localhost", maximum_version=ssl.TLSVersion.TLSv1_2)


async def test_planted_a_certificate_for_the_internet_is_not_believed(
    secrets: FileSecrets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever steals the authority's key can sign anything; devices believe what it may sign."""
    from vitascope.engines.tls import authority

    await ensure(secrets, "192.168.1.5")
    monkeypatch.setattr(authority, "_may_sign", lambda *_: True)
    await ensure_certificate(secrets, ["bank.example"], ["203.0.113.4"], now_ms())
    for host in ("bank.example", "203.0.113.4"):
        with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
            await answered_over_tls(tmp_path, host)


async def test_a_certificate_of_ones_own_is_used_and_a_wrong_one_named(
    secrets: FileSecrets, tmp_path: Path
) -> None:
    await ensure(secrets)
    folder = tmp_path / "secrets"
    own = TlsSettings(
        port=1,
        certificate_file=str(folder / "tls-server.crt"),
        key_file=str(folder / "tls-server.key"),
    )
    assert files_of(own, tmp_path / "elsewhere") == CertificateFiles(
        certificate=folder / "tls-server.crt", key=folder / "tls-server.key"
    )
    wrong = TlsSettings(
        port=1, certificate_file=own.certificate_file, key_file=str(folder / "tls-authority.key")
    )
    for bad in (wrong, TlsSettings(port=1)):
        with pytest.raises(BadCertificate, match=r"\[tls\]"):
            files_of(bad, tmp_path / "elsewhere")


async def test_a_fingerprint_is_shown_as_systems_show_it(secrets: FileSecrets) -> None:
    made = await ensure(secrets)
    parts = fingerprint(made.authority).split(":")
    assert (len(parts), {len(part) for part in parts}) == (32, {2})


def test_loopback_is_told_from_what_others_reach() -> None:
    assert all(map(is_loopback, ["127.0.0.1", "127.1.2.3", "::1", "localhost"]))
    assert not any(map(is_loopback, ["0.0.0.0", "::", "192.168.1.5", "box.local"]))


def test_addresses_that_others_reach_are_no_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    own = local_addresses_with(monkeypatch, "")
    assert not any(map(is_loopback, own))
    if own:
        assert local_addresses_with(monkeypatch, own[-1])[0] == own[-1], "the way out comes first"


def local_addresses_with(monkeypatch: pytest.MonkeyPatch, way_out: str) -> list[str]:
    monkeypatch.setattr(addresses, "_way_out", lambda: way_out)
    return local_addresses()
