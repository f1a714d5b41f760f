"""Become a media tool that can do nothing but read what it was given and write where it may.

Run as a program between the service and a tool, where bubblewrap is missing or may not make
namespaces (`LandlockCage` writes its one argument, JSON). Landlock takes every file away but those
that are named, a seccomp filter every socket and what else a decoder has no use for, and a service
that runs as root gives its rights up: the tool is a user that owns nothing. Linux on x86-64 or
ARM64, from 5.13 on; it fails closed, before the tool starts.

The kernel is called by `ctypes`: there is no maintained binding. Nothing of ours is imported here,
so that the start costs some 20 ms.
"""

import ctypes
import json
import os
import platform
import resource
import signal
import struct
import sys
from typing import Any

NOBODY = 65_180  # of the range that systemd keeps for users that exist while a process runs
FIRST_DESCRIPTOR = 4000  # inputs are held open from here downward, above what a service has open
FAILED = 125

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULESET_VERSION = 1
_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_TRUNCATE, _IOCTL = 1 << 14, 1 << 15
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
_RIGHTS_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_TCP_FROM, _SCOPES_FROM = 4, 6  # versions of Landlock that know bind/connect, and scopes
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 1, 38, 22

# What no decoder needs: sockets (and io_uring, which opens them too), other processes, mounts,
# namespaces, keys of the kernel, its modules and its programs.
_REFUSED = {
    "x86_64": (
        *(41, 42, 53, 62, 101, 165, 166, 175, 246, 248, 249, 250, 272, 298, 304, 308, 310, 311),
        *(313, 321, 323, 425, 426, 427, 438),
    ),
    "aarch64": (
        *(198, 199, 203, 129, 117, 40, 39, 105, 104, 217, 218, 219, 97, 241, 265, 268, 270, 271),
        *(273, 280, 282, 425, 426, 427, 438),
    ),
}
_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32 = 0x40000000


def seccomp_program() -> bytes:
    """Returns the filter as the kernel takes it: refused calls answer EPERM; another instruction
    set ends the process. Raises `OSError` on a processor that is not known here."""
    if platform.machine() not in _REFUSED:
        raise OSError(f"no filter of system calls for {platform.machine()}")
    architecture, refused = _ARCHITECTURE[platform.machine()], _REFUSED[platform.machine()]

    def word(code: int, yes: int, no: int, value: int) -> bytes:
        return struct.pack("<HBBI", code, yes, no, value)

    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    kill, refuse, allow = 0x80000000, 0x00050001, 0x7FFF0000
    tests = [word(at_least, len(refused) + 1, 0, _X32)]
    tests += [word(equal, len(refused) - n, 0, call) for n, call in enumerate(refused)]
    head = [word(load, 0, 0, 4), word(equal, 1, 0, architecture), word(answer, 0, 0, kill)]
    ends = [word(answer, 0, 0, allow), word(answer, 0, 0, refuse)]
    return b"".join([*head, word(load, 0, 0, 0), *tests, *ends])


def landlock_version() -> int:
    """Returns the version of Landlock of this kernel, 0 without."""
    return max(0, _syscall(_CREATE_RULESET, None, 0, _RULESET_VERSION, checked=False))


def main(told: dict[str, Any], command: list[str]) -> None:
    _hold_inputs(told["inputs"])
    tool = os.open(command[0], os.O_PATH | os.O_CLOEXEC)
    folder = os.open(told["folder"], os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    allowed = [(place, _READ_FILE | _READ_DIR | _EXECUTE) for place in told["read"]]
    held = [FIRST_DESCRIPTOR - n for n in range(len(told["inputs"]))]
    allowed += [(f"/proc/self/fd/{number}", _READ_FILE | _READ_DIR) for number in held]
    allowed += [("/dev/null", _READ_FILE | _WRITE_FILE), ("/dev/urandom", _READ_FILE)]
    if told["writable"]:
        allowed.append((f"/proc/self/fd/{folder}", -1))
    rules = _ruleset(allowed)
    os.fchdir(folder)
    if os.geteuid() == 0:
        for pipe in told["pipes"]:
            os.fchown(int(pipe), NOBODY, NOBODY)  # it is opened once more, by its path
        _become_nobody()
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != told["parent"]:
        raise OSError("the service that asked for this has ended")
    _syscall(_RESTRICT_SELF, rules, 0)
    _filter()
    os.execve(tool, command, dict(os.environ))


def _hold_inputs(inputs: list[str]) -> None:
    """Open, while it may still be opened, what the tool then finds by `/proc/self/fd`."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most <= FIRST_DESCRIPTOR:
        raise OSError(f"a process may open {most} files only, see ulimit -n")
    resource.setrlimit(resource.RLIMIT_NOFILE, (FIRST_DESCRIPTOR + 1, most))
    for n, path in enumerate(inputs):
        opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        os.dup2(opened, FIRST_DESCRIPTOR - n)
        os.close(opened)


def _ruleset(allowed: list[tuple[str, int]]) -> int:
    version = landlock_version()
    if version < 1:
        raise OSError("this kernel has no Landlock")
    handled = _RIGHTS_BY_ABI[max(known for known in _RIGHTS_BY_ABI if known <= version)]
    wanted = [handled]
    wanted += [3] if version >= _TCP_FROM else []
    wanted += [3] if version >= _SCOPES_FROM else []
    asked = struct.pack(f"<{len(wanted)}Q", *wanted)
    rules = _syscall(_CREATE_RULESET, asked, len(asked), 0)
    for place, rights in allowed:
        try:
            target = os.open(place, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        if not os.path.isdir(f"/proc/self/fd/{target}"):  # noqa: PTH112 (a start of 20 ms)
            rights &= _FILE_RIGHTS
        rule = struct.pack("<Qi", rights & handled, target)
        _syscall(_ADD_RULE, rules, _PATH_BENEATH, rule, 0)
        os.close(target)
    return rules


def _become_nobody() -> None:
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def _filter() -> None:
    program = seccomp_program()
    held = ctypes.create_string_buffer(program, len(program))
    told = struct.pack("<HxxxxxxQ", len(program) // 8, ctypes.addressof(held))
    _prctl(_PR_SET_SECCOMP, 2, ctypes.cast(ctypes.c_char_p(told), ctypes.c_void_p))


def _prctl(*words: Any) -> None:
    if _libc.prctl(*_wide(*words, *[0] * (5 - len(words)))) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _wide(*words: Any) -> list[Any]:
    """What has no declared type is passed as a C int, half as wide as the kernel reads."""
    return [ctypes.c_long(word) if isinstance(word, int) else word for word in words]


def _syscall(number: int, *words: Any, checked: bool = True) -> int:
    done = int(_libc.syscall(*_wide(number, *words)))
    if done < 0 and checked:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return done


_libc = ctypes.CDLL(None, use_errno=True)

if __name__ == "__main__":
    try:
        main(json.loads(sys.argv[1]), sys.argv[2:])
    except OSError as error:
        sys.stderr.write(f"The tool can't be confined: {error}.\n")
        sys.exit(FAILED)
