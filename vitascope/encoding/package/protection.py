"""What is protected shows nothing without its key, and what is not asks for none."""

from collections.abc import Collection, Sequence
from pathlib import Path

from vitascope.encoding.contract.package import Check
from vitascope.encoding.package.hashes import Hashes
from vitascope.licensing import ContentKey

LOOKED_AT_LOCKED = 48  # frames
STILL_READABLE = 0.5  # of them that may be equal by chance: black stays black
# bytes of a packet without what stands beside its slices. Schemes leave headers and the ends of
# small packets clear: a black picture of 64x36 in 23 bytes has no block of 16 to be locked
WORTH_LOCKING = 256


def locked_check(name: str, raw: Hashes, clear: Hashes) -> Check:
    """Returns a check of the packets as they lie in the file, without what stands beside their
    slices: none that is worth locking may be a clear one."""
    pairs = list(zip(raw, clear, strict=False))
    worth = sum(packet[0] >= WORTH_LOCKING for packet, _ in pairs)
    open_ = sum(a == b and a[0] >= WORTH_LOCKING for a, b in pairs)
    return Check(
        name="locked",
        subject=name,
        passed=open_ == 0,
        sentence=f"{open_} of {worth} packets of {WORTH_LOCKING} bytes or more lie there clear.",
        value=float(open_),
        wanted=0.0,
    )


def hidden_frames(packets: Hashes, keyframes: Collection[int]) -> list[int]:
    """Returns the first frames that take the key to be seen: from a packet that is large enough to
    be locked to the next keyframe."""
    found: list[int] = []
    hides = False
    for number, (size, _) in enumerate(packets):
        hides = size >= WORTH_LOCKING or (hides and number not in keyframes)
        if hides:
            found.append(number)
        if len(found) == LOOKED_AT_LOCKED:
            break
    return found


def unseen_check(name: str, seen: Hashes, frames: Hashes, hidden: Sequence[int]) -> Check:
    """Returns a check that of the frames `hidden` few come out without the key."""
    equal = sum(number < len(seen) and seen[number] == frames[number] for number in hidden)
    return Check(
        name="unseen",
        subject=name,
        passed=equal <= STILL_READABLE * len(hidden),
        sentence=f"Without the key {equal} of the first {len(hidden)} frames that it hides come "
        "out right."
        if hidden
        else "Its packets are too small to be locked.",
        value=float(equal),
        wanted=0.0,
    )


def key_check(name: str, key: ContentKey, found: str) -> Check:
    right = found == key.key_id
    sentence = f"It asks for key {found or 'none'}; {key.label} is {key.key_id}."
    return Check(name="key", subject=name, passed=right, sentence=sentence)


def open_check(name: str, key_id: str) -> Check:
    """Returns a check of what is not protected: it asks for no key."""
    asks = f"It asks for key {key_id}." if key_id else "It asks for no key."
    return Check(name="open", subject=name, passed=not key_id, sentence=asks)


def default_key_id(file: Path) -> str:
    """Returns the key id in a file's `tenc` box (ISO/IEC 23001-7), as 32 hex digits; empty for
    none."""
    with file.open("rb") as opened:
        head = opened.read(65_536)
    at = head.find(b"tenc")
    return head[at + 12 : at + 28].hex() if at > 0 else ""
