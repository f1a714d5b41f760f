"""Letters to people."""

from vitascope.engines.mail.contract import Mail
from vitascope.engines.mail.settings import MailSettings

__all__ = ["Mail", "MailSettings"]
