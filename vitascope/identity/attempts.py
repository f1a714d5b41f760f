"""Counting guesses in the database, so that neither a restart nor a second process forgets them."""

from collections.abc import Mapping

from vitascope.engines.rows import Connection, Rows
from vitascope.identity import store
from vitascope.identity.contract import SignInThrottled
from vitascope.identity.settings import IdentitySettings
from vitascope.identity.throttle import Allowance, Guesses, counted, wait_ms
from vitascope.kernel.clock import Clock
from vitascope.kernel.ids import AccountId, DeviceId, ProfileId
from vitascope.kernel.networks import network_of


class AttemptCounter:
    def __init__(self, rows: Rows, clock: Clock, settings: IdentitySettings) -> None:
        self._rows = rows
        self._clock = clock
        self._settings = settings

    def of_sign_in(
        self, email: str, address: str, known: DeviceId | None = None
    ) -> dict[str, Allowance]:
        """Returns the counters that one attempt to sign in moves. A device that is `known` for the
        account has one of its own, and waits for no one else's guesses."""
        if known is not None:
            return {f"email {email} on {known}": self._allow(self._settings.failures_per_device)}
        network = network_of(address)
        return {
            f"email {email} from {network}": self._allow(
                self._settings.failures_per_email_and_address
            ),
            f"email {email}": self._allow(self._settings.failures_per_email),
            f"address {network}": self._allow(self._settings.failures_per_address),
        }

    def of_password(self, account_id: AccountId) -> dict[str, Allowance]:
        """Returns the counter of wrong passwords given by who is signed in."""
        return {f"password {account_id}": self._allow(self._settings.failures_per_pin)}

    def of_reset(self, email: str, address: str) -> dict[str, Allowance]:
        """Returns the counters that asking for a code moves."""
        return {
            f"reset {email}": self._allow(self._settings.letters_per_email),
            f"reset from {network_of(address)}": self._allow(self._settings.failures_per_address),
        }

    def of_code(self, address: str) -> dict[str, Allowance]:
        """Returns the counter that a code by which a device signs in moves."""
        return {f"address {network_of(address)}": self._allow(self._settings.failures_per_address)}

    def of_sign_up(self, address: str) -> dict[str, Allowance]:
        """Returns the counter that an email moves which is taken: whoever asks which are. None for
        whoever has no address, as the command line."""
        if not address:
            return {}
        network = network_of(address)
        return {f"address {network}": self._allow(self._settings.failures_per_address)}

    def of_pin(self, account_id: AccountId, profile_id: ProfileId) -> dict[str, Allowance]:
        return {
            f"pin {profile_id}": self._allow(self._settings.failures_per_pin),
            f"pins of {account_id}": self._allow(self._settings.failures_per_account),
        }

    async def charge(self, counters: Mapping[str, Allowance]) -> None:
        """Count one guess before it is looked at. Raises `SignInThrottled`, and counts nothing."""
        if not counters:
            return
        now_ms = self._clock.now_ms()

        def work(connection: Connection) -> int:
            state = store.guesses_of(connection, list(counters))
            wait = max(wait_ms(state[s], allow, now_ms) for s, allow in counters.items())
            if wait == 0:
                after = {s: counted(state[s], allow, now_ms) for s, allow in counters.items()}
                store.save_guesses(connection, after)
            return wait

        wait = await self._rows.write(work)
        if wait > 0:
            raise SignInThrottled(
                "Too many failed attempts. Wait a moment, then try again.",
                retry_after_s=-(-wait // 1000),
            )

    async def forgive(self, counters: Mapping[str, Allowance], *, clear: bool = True) -> None:
        """Give back what a right guess cost, and clear the counter of exactly this pair (or PIN).
        An address does not get its other failures forgiven."""
        if not counters:
            return
        now_ms = self._clock.now_ms()
        cleared = next(iter(counters)) if clear else None

        def work(connection: Connection) -> None:
            state = store.guesses_of(connection, list(counters))
            after = {s: _refunded(state[s], clear=s == cleared) for s in counters}
            store.save_guesses(connection, after)
            store.forget_guesses(connection, now_ms - self._settings.forget_failures_s * 1000)

        await self._rows.write(work)

    def _allow(self, free: int) -> Allowance:
        return Allowance(free=free, ceiling_s=self._settings.forget_failures_s)


def _refunded(state: Guesses, *, clear: bool) -> Guesses:
    failures = 0 if clear else max(0, state.failures - 1)
    return Guesses(failures=failures, last_at_ms=state.last_at_ms)
