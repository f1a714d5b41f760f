"""Mail over SMTP (RFC 5321), by the standard library, in a thread.

How the words map: a letter is a message of plain text in UTF-8, sent in a connection of its own.
Certificates are checked. Permissions: to send as `sender`. Costs: a thread for some seconds.
"""

import asyncio
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from vitascope.engines.mail.settings import MailSettings
from vitascope.kernel.errors import Unavailable

_TIMEOUT_S = 20.0


class SmtpMail:
    """Implements `Mail`."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    async def send(self, to: str, subject: str, text: str) -> None:
        try:
            await asyncio.to_thread(self._send, self._letter(to, subject, text))
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise Unavailable(f"The mail server did not take the letter: {error}") from error

    def _letter(self, to: str, subject: str, text: str) -> EmailMessage:
        letter = EmailMessage()
        sender = self._settings.sender or f"vitascope@{self._settings.server}"
        letter["From"] = Address("Vitascope", addr_spec=sender)
        letter["To"] = Address(addr_spec=to)
        letter["Subject"] = subject
        letter["Date"] = formatdate()
        letter["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(text)
        return letter

    def _send(self, letter: EmailMessage) -> None:
        said = self._settings
        tls = ssl.create_default_context()
        with (
            smtplib.SMTP_SSL(said.server, said.port, timeout=_TIMEOUT_S, context=tls)
            if said.security == "tls"
            else smtplib.SMTP(said.server, said.port, timeout=_TIMEOUT_S)
        ) as server:
            if said.security == "starttls":
                server.starttls(context=tls)
            if said.user:
                server.login(said.user, said.password)
            server.send_message(letter)
