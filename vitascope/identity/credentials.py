"""Changing the password and the email of an account, and what to do when the password is forgotten.

A code stands for a forgotten password, once and for a while: it is mailed, or an operator hands it
on.
"""

import asyncio

from vitascope.engines.mail import Mail
from vitascope.engines.rows import Connection, Rows
from vitascope.engines.trace import get_log
from vitascope.identity import store
from vitascope.identity.administration import Administration
from vitascope.identity.attempts import AttemptCounter
from vitascope.identity.codes import hash_of, new_code
from vitascope.identity.contract import (
    Account,
    EmailTaken,
    ResetCode,
    WrongCode,
    WrongPassword,
)
from vitascope.identity.drafts import LONGEST_PASSWORD, valid_email, valid_password
from vitascope.identity.letters import reset_letter
from vitascope.identity.passwords import Passwords
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Invalid, NotFound, VitascopeError
from vitascope.kernel.ids import AccountId
from vitascope.kernel.viewer import Principal

_MAILED_MS = 3_600_000
_HANDED_ON_MS = 86_400_000
_log = get_log("identity")


class Credentials:
    def __init__(
        self,
        rows: Rows,
        clock: Clock,
        passwords: Passwords,
        attempts: AttemptCounter,
        administration: Administration,
        mail: Mail | None,
        public_url: str,
    ) -> None:
        """Without `mail` codes are handed on by operators alone."""
        self._rows = rows
        self._clock = clock
        self._passwords = passwords
        self._attempts = attempts
        self._administration = administration
        self._mail = mail
        self._public_url = public_url
        self._sending: set[asyncio.Task[None]] = set()

    async def change_password(self, principal: Principal, password: str, new: str) -> None:
        account = await self._proved(principal, password)
        strong = await asyncio.to_thread(valid_password, new, account.email)
        hashed = await self._passwords.hash(strong)

        def work(connection: Connection) -> None:
            store.set_password(connection, account.id, hashed)
            self._administration.end_devices(connection, account.id, but=principal.device_id)

        await self._rows.write(work)

    async def change_email(self, principal: Principal, password: str, email: str) -> Account:
        valid = valid_email(email)
        account = await self._proved(principal, password)

        def work(connection: Connection) -> Account | None:
            other = store.account_by_email(connection, valid)
            if other is not None and other.account.id != account.id:
                raise EmailTaken("Another account has this email.", field="email")
            store.set_email(connection, account.id, valid)
            self._administration.end_devices(connection, account.id, but=principal.device_id)
            return store.account(connection, account.id)

        changed = await self._rows.write(work)
        assert changed is not None
        return changed

    async def forgot(self, email: str, address: str) -> None:
        """Mailing goes on after this returns, so that it takes as long whoever is named."""
        try:
            valid = valid_email(email)
        except Invalid:
            return
        await self._attempts.charge(self._attempts.of_reset(valid, address))
        if self._mail is not None:
            task = asyncio.create_task(self._send(self._mail, valid))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def code(self, account_id: AccountId, *, lasts_ms: int = _HANDED_ON_MS) -> ResetCode:
        made = ResetCode(code=new_code(), expires_at_ms=self._clock.now_ms() + lasts_ms)

        def work(connection: Connection) -> bool:
            if store.account(connection, account_id) is None:
                return False
            store.keep_code(connection, account_id, hash_of(made.code), made.expires_at_ms)
            return True

        if not await self._rows.write(work):
            raise NotFound("There is no such account.")
        return made

    async def reset(self, email: str, code: str, new: str, address: str) -> AccountId:
        """Returns the account. Raises `WrongCode`, `SignInThrottled`, `WeakPassword`."""
        try:
            valid = valid_email(email)
        except Invalid:
            valid = "nobody"
        checked = await asyncio.to_thread(valid_password, new, valid)
        counters = self._attempts.of_sign_in(valid, address)
        await self._attempts.charge(counters)
        hashed = await self._passwords.hash(checked)
        now_ms = self._clock.now_ms()

        def work(connection: Connection) -> AccountId | None:
            row = store.account_by_email(connection, valid)
            if row is None:
                return None
            account_id = row.account.id
            if not store.use_code(connection, account_id, hash_of(code), now_ms):
                return None
            store.set_password(connection, account_id, hashed)
            self._administration.end_devices(connection, account_id)
            return account_id

        account_id = await self._rows.write(work)
        if account_id is None:
            raise WrongCode("This code is wrong or has expired. Ask for another one.")
        await self._attempts.forgive(counters)
        return account_id

    async def close(self) -> None:
        """Give up letters that are not sent yet."""
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def _proved(self, principal: Principal, password: str) -> Account:
        """Returns the account whose password this is. Raises `WrongPassword`,
        `SignInThrottled`."""
        counters = self._attempts.of_password(principal.account_id)
        await self._attempts.charge(counters)

        def work(connection: Connection) -> tuple[Account | None, str | None]:
            account_id = principal.account_id
            account = store.account(connection, account_id)
            return account, store.password_hash(connection, account_id)

        account, known = await self._rows.read(work)
        right = await self._passwords.matches(password[: LONGEST_PASSWORD + 1], known)
        if account is None or not right:
            raise WrongPassword("The password is wrong.", field="password")
        await self._attempts.forgive(counters)
        return account

    async def _send(self, mail: Mail, email: str) -> None:
        row = await self._rows.read(lambda connection: store.account_by_email(connection, email))
        if row is None or row.account.suspended_at_ms is not None:
            return
        try:
            made = await self.code(row.account.id, lasts_ms=_MAILED_MS)
            subject, text = reset_letter(row.account, made.code, self._public_url)
            await mail.send(email, subject, text)
        except VitascopeError as error:
            _log.warning("mail_not_sent", account_id=row.account.id, why=error.detail)
