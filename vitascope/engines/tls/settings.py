"""How the service answers over TLS by itself."""

from typing import Annotated

import msgspec


class TlsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """TLS without a proxy in front."""

    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    """Port at which the web app and the API are served over TLS 1.3 too. The edges that `up` starts
    take the ports that follow it. 0 for none; `up --lan` takes 8443 then."""

    certificate_file: str = ""
    """PEM file with this machine's certificate and those that lead to its authority. Empty for one
    by the authority of this installation, which devices must be told to trust: `up` makes both."""

    key_file: str = ""
    """PEM file with the key of `certificate_file`."""
