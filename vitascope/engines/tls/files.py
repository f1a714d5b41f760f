"""The certificate that a listener shows, as files."""

import ssl
from pathlib import Path

import msgspec

from vitascope.engines.tls.authority import CERTIFICATE, KEY
from vitascope.engines.tls.settings import TlsSettings
from vitascope.kernel.errors import Unavailable


class BadCertificate(Unavailable):
    code = "bad-certificate"


class CertificateFiles(msgspec.Struct, frozen=True, kw_only=True):
    certificate: Path
    key: Path


def files_of(settings: TlsSettings, data: Path) -> CertificateFiles:
    """Returns the operator's certificate, or the one that `up` made in the data folder. Raises
    `BadCertificate` when they cannot be used."""
    if settings.certificate_file or settings.key_file:
        files = CertificateFiles(
            certificate=Path(settings.certificate_file), key=Path(settings.key_file)
        )
        advice = "See [tls] certificate_file and key_file."
    else:
        secrets = data / "secrets"
        files = CertificateFiles(certificate=secrets / CERTIFICATE, key=secrets / KEY)
        advice = "Start with ./vita up once, which makes one, or name yours in [tls]."
    try:
        server_context(files)
    except (OSError, ssl.SSLError) as error:
        raise BadCertificate(
            f"The certificate {files.certificate} with the key {files.key} cannot be used: "
            f"{error}. {advice}"
        ) from None
    return files


def server_context(files: CertificateFiles) -> ssl.SSLContext:
    """Returns what an asyncio server needs. TLS 1.3 and nothing older."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(files.certificate, files.key)
    return context
