"""Passwords that were found in breaches, which whoever guesses tries first.

The list is that of zxcvbn: the 30,000 that were seen most. Of zxcvbn no more is used: its estimate
takes 7.7 s for some passwords of 72 characters.
"""

import functools
import string

_ENDS = string.digits + string.punctuation
_LONGEST_END = 6
_SHORTEST_STEM = 5
_LOOKALIKES = str.maketrans("@4301!$5", "aaeoliss")


def is_breached(password: str) -> bool:
    """Returns True if the password is in the list, whatever its case; or one of the list with up
    to six digits and marks behind it, or with lookalikes for letters: `P@ssw0rd2024!`. Blocks for
    a tenth of a second when it is first called."""
    plain = password.casefold()
    stem = plain.rstrip(_ENDS)
    forms = {plain, plain.translate(_LOOKALIKES)}
    if len(stem) >= _SHORTEST_STEM and len(plain) - len(stem) <= _LONGEST_END:
        forms |= {stem, stem.translate(_LOOKALIKES)}
    breached = _breached()
    return any(form in breached for form in forms)


@functools.cache
def _breached() -> dict[str, None]:
    """As the keys of a dictionary: one of plain values is no concern of the garbage collector. Each
    of its full looks, which hold all threads, went through the 93,000 words of zxcvbn's lists."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]

    for name, words in list(FREQUENCY_LISTS.items()):
        FREQUENCY_LISTS[name] = dict.fromkeys(words)
    found: dict[str, None] = FREQUENCY_LISTS["passwords"]
    return found
