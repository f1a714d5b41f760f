"""Content keys on their way into a tool: nobody on the machine can read them as arguments."""

import asyncio
import subprocess
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from tests.needed import missing
from vitascope.engines.media import Input, Tool, ToolMissing, tools
from vitascope.engines.media.hiding import hide
from vitascope.engines.media.sandboxed import SandboxedMedia

pytestmark = pytest.mark.long

FILM = Path(__file__).parents[1] / "media" / "bbb_480p24_6s.mp4"
KEY = "00112233445566778899aabbccddeeff"
KEYS = f"label=SD:key_id=11112222333344445555666677778888:key={{secret.key}}:iv={'0' * 32}"


@pytest.fixture(params=["bubblewrap", "landlock", "limits"])
async def media(request: pytest.FixtureRequest) -> SandboxedMedia:
    made = SandboxedMedia(sandbox=request.param)
    try:
        await made.sandbox()
    except ToolMissing as error:
        missing(error.detail)
    return made


async def encrypted(media: SandboxedMedia, out: Path) -> None:
    streams = [f"in={{in.film}},stream={kind},output={{out}}/{kind}.mp4,drm_label=SD"
               for kind in ("video", "audio")]  # fmt: skip
    args = [*streams, "--enable_raw_key_encryption", "--keys", KEYS, "--clear_lead", "0"]
    args += ["--protection_scheme", "cbcs", "--temp_dir", "{out}"]
    bound = {"film": Input(path=FILM, trusted=True)}
    await media.run(Tool.PACKAGER, args, inputs=bound, output=out, secrets={"key": KEY})


async def decrypted(
    media: SandboxedMedia, file: Path, out: Path, *, before: tuple[str, ...], trusted: bool = True
) -> None:
    args = [*before, "-decryption_key", "{secret.key}", "-i", "{in.film}"]
    args += ["-map", "0", "-c", "copy", "-f", "framemd5", "{out}/packets"]
    args += ["-map", "0", "-f", "framemd5", "{out}/frames"]
    bound = {"film": Input(path=file, trusted=trusted)}
    await media.run(Tool.FFMPEG, args, inputs=bound, output=out, secrets={"key": KEY})


def arguments_of_all() -> list[bytes]:
    told = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                told.append((process / "cmdline").read_bytes())
            except OSError:
                continue
    return told


async def seen_meanwhile(work: Coroutine[Any, Any, None], mark: bytes) -> list[bytes]:
    """The arguments of every process that had `mark` among them while the work ran."""
    running = asyncio.create_task(work)
    seen: set[bytes] = set()
    while not running.done():
        seen |= {told for told in await asyncio.to_thread(arguments_of_all) if mark in told}
    await running
    return sorted(seen)


async def test_the_packager_has_no_key_among_its_arguments(
    media: SandboxedMedia, tmp_path: Path
) -> None:
    seen: list[bytes] = []
    while not any(b"flagfile" in told or KEY.encode() in told for told in seen):
        seen = await seen_meanwhile(encrypted(media, tmp_path), b"enable_raw_key_encryption")
    assert not [told for told in seen if KEY.encode() in told.lower()]
    assert b"encv" in (tmp_path / "video.mp4").read_bytes()


async def test_ffmpeg_has_no_key_among_its_arguments(media: SandboxedMedia, tmp_path: Path) -> None:
    await encrypted(media, tmp_path)
    seen: list[bytes] = []
    while not seen:  # where a busy machine gives the look no turn, it is done again
        work = decrypted(media, tmp_path / "audio.mp4", tmp_path, before=("-readrate", "12"))
        seen = await seen_meanwhile(work, b"-readrate")
    assert not [told for told in seen if KEY.encode() in told.lower()]


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("kind", ["video", "audio"])
async def test_what_is_decrypted_is_the_same_as_with_the_key_as_an_argument(
    media: SandboxedMedia, tmp_path: Path, kind: str, trusted: bool
) -> None:
    await encrypted(media, tmp_path)
    await decrypted(media, tmp_path / f"{kind}.mp4", tmp_path, before=(), trusted=trusted)
    ffmpeg = await asyncio.to_thread(tools.locate, Tool.FFMPEG)
    shown = ["-decryption_key", KEY, "-i", str(tmp_path / f"{kind}.mp4")]
    outputs = ["-map", "0", "-c", "copy", "-f", "framemd5", str(tmp_path / "packets.seen")]
    outputs += ["-map", "0", "-f", "framemd5", str(tmp_path / "frames.seen")]
    command = [str(ffmpeg), "-v", "error", *shown, *outputs]
    await asyncio.to_thread(subprocess.run, command, check=True)
    for what in ("packets", "frames"):
        hidden = (tmp_path / what).read_text()
        assert hidden == (tmp_path / f"{what}.seen").read_text()
        assert hidden.count("\n") > 100


def test_a_secret_where_it_would_be_seen_is_refused() -> None:
    for args in (["-i", "{secret.key}"], ["-metadata", "title={secret.key}", "-i", "file:x"]):
        with pytest.raises(ValueError):
            hide(Tool.FFMPEG, args, {"key": KEY})
    with pytest.raises(ValueError, match="not given"):
        hide(Tool.PACKAGER, ["--keys", "{secret.key}"], {})
    with pytest.raises(ValueError, match="more than a value"):
        hide(Tool.PACKAGER, ["--keys", "{secret.key}"], {"key": "0\n--other=1"})
