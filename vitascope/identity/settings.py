"""What an operator may set about accounts and tokens."""

import msgspec


class IdentitySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Accounts, tokens and passwords."""

    access_token_s: int = 600
    """How long an access token is good for."""

    token_check_s: float = 15.0
    """Seconds after which it is looked up again if a token's device is still signed in, and if
    account and profile are as it says. A revoked device may go on for so long."""

    refresh_token_days: int = 60
    """A device that was silent for so long must sign in again."""

    reuse_grace_s: int = 20
    """A refresh token shown again within so many seconds gets the same answer once more: the first
    one was lost, or two tabs asked at once. Later it counts as stolen and signs the device out."""

    signing_key_days: int = 30
    """The key that signs access tokens is replaced this often; the one before stays valid."""

    password_threads: int = 2
    """Passwords hashed at once. Each takes about 0.1 s of a core and 19 MiB."""

    password_queue: int = 64
    """Sign-ins that may wait for a thread; more are turned away at once."""

    profiles: int = 5
    """Profiles an account may have."""

    failures_per_email_and_address: int = 5
    """Wrong passwords for one email from one address before it has to wait."""

    failures_per_email: int = 50
    """Wrong passwords for one email from anywhere before everybody has to wait."""

    failures_per_address: int = 30
    """Wrong passwords, and emails that are taken, from one address (of IPv6 from one /64) before it
    has to wait. Behind a proxy that is not named in `[gateway] trusted_proxies` all viewers have
    one address."""

    failures_per_device: int = 10
    """Wrong passwords for one email on a device that was signed in with it before. The limits above
    do not hold for it, so that nobody's guesses lock out the owner."""

    failures_per_pin: int = 5
    """Wrong PINs for one profile before it has to wait; so with wrong passwords when one is changed
    by who is signed in."""

    letters_per_email: int = 3
    """Codes for a new password that are mailed to one email before it has to wait."""

    failures_per_account: int = 20
    """Wrong PINs and passwords for any profiles of one account before it has to wait."""

    forget_failures_s: int = 900
    """Failures are forgotten when none was added for so long; also the longest wait."""
