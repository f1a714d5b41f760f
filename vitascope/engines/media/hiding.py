"""Secrets on their way into a tool: through a pipe, never among its arguments.

Every user of a machine may list the arguments of every process. So an argument that holds
`{secret.NAME}` is taken out, and what takes its place is a file that the tool alone can open:

* the packager reads flags from a file (`--flagfile`);
* ffmpeg has no such thing for a demuxer's option, but a concat script of one file may name
  options. `inpoint 0` and `-copyts` leave every time stamp as it is: packets, frames and what is
  copied are the same to the byte as with `-decryption_key` (measured with H.264 and AAC, cbcs).
"""

import re
from collections.abc import Mapping, Sequence

import msgspec

from vitascope.engines.media.contract import Tool

HIDDEN = "{hidden}"
_SECRET = re.compile(r"\{secret\.([a-z0-9_.-]+)\}")
_FORMATS = "-format_whitelist"
_OPENED = ("-safe", "0", "-auto_convert", "0", "-copyts", "-f", "concat", "-i", f"file:{HIDDEN}")


class Hidden(msgspec.Struct, frozen=True, kw_only=True):
    """What the file says at whose place stands `HIDDEN`; it may name inputs."""

    text: str


def hide(
    tool: Tool, words: Sequence[str], secrets: Mapping[str, str]
) -> tuple[list[str], Hidden | None]:
    """Returns the words without their secrets, and what is to be read in their place. Raises
    `ValueError` for a secret that is not given, or at a place where it would be seen."""
    if not any(_SECRET.search(word) for word in words):
        return list(words), None
    kept, text = (_for_packager if tool is Tool.PACKAGER else _for_ffmpeg)(list(words))
    if any(_SECRET.search(word) for word in kept):
        raise ValueError(f"a secret can't be hidden there: {' '.join(kept)}")
    return kept, Hidden(text=_SECRET.sub(lambda match: _given(match, secrets), text))


def _given(match: re.Match[str], secrets: Mapping[str, str]) -> str:
    value = secrets.get(match[1])
    if value is None:
        raise ValueError(f"{match[0]} is not given")
    if not re.fullmatch(r"[\w.=+/-]+", value):
        raise ValueError(f"{match[0]} has characters that would be read as more than a value")
    return value


def _for_packager(words: list[str]) -> tuple[list[str], str]:
    kept, lines = list[str](), list[str]()
    for word in words:
        if not _SECRET.search(word):
            kept.append(word)
        elif kept and kept[-1].startswith("--") and not word.startswith("--"):
            lines.append(f"{kept.pop()}={word}")
        else:
            lines.append(word)
    return [*kept, f"--flagfile={HIDDEN}"], "\n".join(lines) + "\n"


def _for_ffmpeg(words: list[str]) -> tuple[list[str], str]:
    """`-decryption_key SECRET [allow-lists] -i file:{in.NAME}`. The formats that are allowed are
    those of the file inside the script."""
    at = words.index("-decryption_key")
    opened = words.index("-i", at)
    between = words[at + 2 : opened]
    lines = ["ffconcat version 1.0", f"file '{words[opened + 1]}'", "inpoint 0"]
    lines.append(f"option decryption_key {words[at + 1]}")
    if _FORMATS in between:
        place = between.index(_FORMATS) + 1
        lines.append(f"option format_whitelist {between[place]}")
        between[place] = "concat"
    return [*words[:at], *between, *_OPENED, *words[opened + 2 :]], "\n".join(lines) + "\n"
