"""An authority of this installation, made once, and this machine's certificate, signed by it.

Devices are told to trust the authority, so its key must be worth little to a thief: it may sign for
addresses and names of local networks alone (name constraints, which browsers and systems check),
and for nothing that signs others. It lies with the other secrets, 0600.

The certificate holds 397 days, less than every system allows, and is made anew when the machine's
addresses or names have changed, or a month before its end. Devices need not be told of that.
"""

import datetime
import ipaddress
from collections.abc import Sequence

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from vitascope.engines.secrets import Secrets
from vitascope.kernel.errors import NotFound

AUTHORITY, AUTHORITY_KEY = "tls-authority.crt", "tls-authority.key"
CERTIFICATE, KEY = "tls-server.crt", "tls-server.key"

_AUTHORITY_DAYS, _DAYS, _RENEWED_BEFORE_DAYS = 3650, 397, 30
_LOCAL_NETWORKS = (
    *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"),
    *("127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128"),
)
_LOCAL_NAMES = ("localhost", "local", "home.arpa", "internal", "lan")


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """PEM, both."""

    authority: bytes
    certificate: bytes
    left_out: tuple[str, ...] = ()  # names and addresses that this authority may not sign for


async def ensure_certificate(
    secrets: Secrets, names: Sequence[str], addresses: Sequence[str], now_ms: int
) -> Certificate:
    """Returns this machine's certificate for `names` and `addresses`, and its authority's; makes
    what is missing, too old, or for others, and keeps it."""
    now = datetime.datetime.fromtimestamp(now_ms / 1000, datetime.UTC)
    authority, key = await _authority(secrets, names, addresses, now)
    wanted = [*map(x509.DNSName, names), *map(_address, ["127.0.0.1", *addresses])]
    signed = [name for name in wanted if _may_sign(authority, name)]
    left_out = tuple(str(name.value) for name in wanted if name not in signed)
    pem = await _kept(secrets, CERTIFICATE)
    if not pem or not _is_good(x509.load_pem_x509_certificate(pem), authority, signed, now):
        own = ec.generate_private_key(ec.SECP256R1())
        pem = _pem(_signed(authority, key, own, signed, now))
        await secrets.put(KEY, _key_pem(own))
        await secrets.put(CERTIFICATE, pem)
    return Certificate(authority=_pem(authority), certificate=pem, left_out=left_out)


def fingerprint(pem: bytes) -> str:
    """Returns a certificate's SHA-256 as systems show it: `AB:CD:...`."""
    return x509.load_pem_x509_certificate(pem).fingerprint(hashes.SHA256()).hex(":").upper()


def as_der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)


async def _authority(
    secrets: Secrets, names: Sequence[str], addresses: Sequence[str], now: datetime.datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    pem, key_pem = await _kept(secrets, AUTHORITY), await _kept(secrets, AUTHORITY_KEY)
    if pem and key_pem:
        there = x509.load_pem_x509_certificate(pem)
        key = serialization.load_pem_private_key(key_pem, None)
        left = there.not_valid_after_utc - now
        if isinstance(key, ec.EllipticCurvePrivateKey) and left.days > _DAYS:
            return there, key
    key = ec.generate_private_key(ec.SECP256R1())
    made = _authority_of(key, names, addresses, now)
    await secrets.put(AUTHORITY_KEY, _key_pem(key))
    await secrets.put(AUTHORITY, _pem(made))
    return made, key


async def _kept(secrets: Secrets, name: str) -> bytes:
    try:
        return await secrets.get(name)
    except NotFound:
        return b""


def _authority_of(
    key: ec.EllipticCurvePrivateKey,
    names: Sequence[str],
    addresses: Sequence[str],
    now: datetime.datetime,
) -> x509.Certificate:
    host = next((name for name in names if name != "localhost"), "this machine")
    called = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Vitascope"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Vitascope on {host}"),
        ]
    )
    allowed: list[x509.GeneralName] = [
        *(x509.DNSName(name) for name in dict.fromkeys([*_LOCAL_NAMES, *names])),
        *(x509.IPAddress(ipaddress.ip_network(net)) for net in [*_LOCAL_NETWORKS, *addresses]),
    ]
    return (
        _begun(called, called, key, now, _AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.NameConstraints(allowed, None), critical=True)
        .sign(key, hashes.SHA256())
    )


def _signed(
    authority: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    own: ec.EllipticCurvePrivateKey,
    names: Sequence[x509.GeneralName],
    now: datetime.datetime,
) -> x509.Certificate:
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Vitascope")])
    return (
        _begun(called, authority.subject, own, now, _DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
        )
        .sign(key, hashes.SHA256())
    )


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime.datetime,
    days: int,
) -> x509.CertificateBuilder:
    """From a day ago on: clocks of televisions are late."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=days - 1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(**used: bool) -> x509.KeyUsage:
    kinds = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{kind: used.get(kind, False) for kind in kinds})


def _is_good(
    there: x509.Certificate,
    authority: x509.Certificate,
    wanted: Sequence[x509.GeneralName],
    now: datetime.datetime,
) -> bool:
    names = there.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    left = there.not_valid_after_utc - now
    return (
        there.issuer == authority.subject
        and _key_id(there) == _own_id(authority)
        and set(names) == set(wanted)
        and left.days > _RENEWED_BEFORE_DAYS
    )


def _key_id(there: x509.Certificate) -> bytes | None:
    return there.extensions.get_extension_for_class(
        x509.AuthorityKeyIdentifier
    ).value.key_identifier


def _own_id(authority: x509.Certificate) -> bytes:
    return authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest


def _may_sign(authority: x509.Certificate, name: x509.GeneralName) -> bool:
    allowed = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    permitted = allowed.permitted_subtrees or []
    if isinstance(name, x509.IPAddress):
        networks = [ipaddress.ip_network(str(one.value)) for one in permitted if _is_address(one)]
        return any(ipaddress.ip_address(str(name.value)) in network for network in networks)
    return any(
        isinstance(one, x509.DNSName) and f".{name.value}".endswith(f".{one.value}")
        for one in permitted
    )


def _is_address(name: x509.GeneralName) -> bool:
    return isinstance(name, x509.IPAddress)


def _address(text: str) -> x509.IPAddress:
    return x509.IPAddress(ipaddress.ip_address(text))


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
