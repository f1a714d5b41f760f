"""How many files and connections this process may have open at once.

The usual limit, 1,024, is for programs that use `select`; the system allows far more to who asks.
"""

import resource

_ENOUGH = 65_536
_OWN_USE = 256  # databases, logs, other processes


def raise_open_files() -> int:
    """Raise this process's limit of open files as far as the system allows. Returns the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def most_connections() -> int:
    """Returns how many connections fit under the limit beside the process's own files."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = _ENOUGH if soft == resource.RLIM_INFINITY else soft
    return max(128, free - _OWN_USE)
