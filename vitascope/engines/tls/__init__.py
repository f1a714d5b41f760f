"""TLS without a proxy: this machine's addresses, and certificates for them by an authority that an
installation makes once."""

from vitascope.engines.tls.addresses import is_loopback, local_addresses, local_names
from vitascope.engines.tls.authority import (
    AUTHORITY,
    Certificate,
    as_der,
    ensure_certificate,
    fingerprint,
)
from vitascope.engines.tls.files import BadCertificate, CertificateFiles, files_of, server_context
from vitascope.engines.tls.settings import TlsSettings

__all__ = [
    "AUTHORITY",
    "BadCertificate",
    "Certificate",
    "CertificateFiles",
    "TlsSettings",
    "as_der",
    "ensure_certificate",
    "files_of",
    "fingerprint",
    "is_loopback",
    "local_addresses",
    "local_names",
    "server_context",
]
