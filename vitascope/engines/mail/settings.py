"""What an operator says about the mail server."""

from typing import Annotated, Literal

import msgspec


class MailSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The server by which letters are sent: codes for a forgotten password."""

    server: str = ""
    """Host name of the SMTP server. Empty: nothing is mailed, and operators hand codes on."""

    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 587
    """Its port."""

    security: Literal["starttls", "tls", "none"] = "starttls"
    """`starttls` (mostly port 587), `tls` from the first byte (465), or `none` for a server on the
    same machine."""

    user: str = ""
    """Empty where the server asks for none."""

    password: str = ""
    """Goes with `user`. Better set by `VITASCOPE_MAIL__PASSWORD` than in a file."""

    sender: str = ""
    """The address that letters come from; empty for `vitascope@SERVER`."""

    def __repr__(self) -> str:
        return f"MailSettings(server={self.server!r}, port={self.port})"
