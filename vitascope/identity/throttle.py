"""How often one may guess: a pure rule on counted failures.

Some failures are free. After them each further guess must wait twice as long as the last, up to a
ceiling; a quiet time of that length forgets everything. An attempt is counted *before* the password
is looked at and given back when it was right, so that guesses made in parallel count like guesses
made in a row.
"""

import msgspec


class Guesses(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of one subject: an email, an address, both together, or a PIN."""

    failures: int = 0
    last_at_ms: int = 0


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    free: int  # failures that cost no waiting
    ceiling_s: int  # the longest wait, and the quiet time after which all is forgotten


def wait_ms(guesses: Guesses, allowance: Allowance, now_ms: int) -> int:
    """Returns how long until the next guess may be made; 0 is now."""
    current = _fresh(guesses, allowance, now_ms)
    beyond = current.failures - allowance.free
    if beyond < 0:
        return 0
    pause_ms = min(1 << min(beyond, 20), allowance.ceiling_s) * 1000
    return max(0, current.last_at_ms + pause_ms - now_ms)


def counted(guesses: Guesses, allowance: Allowance, now_ms: int) -> Guesses:
    """Returns the guesses after one more."""
    current = _fresh(guesses, allowance, now_ms)
    return Guesses(failures=current.failures + 1, last_at_ms=now_ms)


def _fresh(guesses: Guesses, allowance: Allowance, now_ms: int) -> Guesses:
    quiet = now_ms - guesses.last_at_ms >= allowance.ceiling_s * 1000
    return Guesses() if quiet else guesses
