"""G11: the media port, over both ways of holding a tool."""

import asyncio
import logging
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clocks import PATIENT_S
from tests.needed import missing
from vitascope.engines.media import (
    Input,
    Limits,
    Tool,
    ToolFailed,
    ToolMissing,
    ToolOutOfMemory,
    ToolProgress,
    ToolTimeout,
    ToolTooBig,
)
from vitascope.engines.media.running import finish
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.engines.media.sandboxes import ToolCommand

CLIPS = Path(__file__).parents[1] / "media"
FILM = CLIPS / "bbb_480p24_6s.mp4"
HOSTILE = ["-i;touch oops;.mp4", "concat:a|b.mp4", "a'b\"c.mp4", "new\nline.mp4", "{out}.mp4"]
ENDLESS = ["-re", "-f", "lavfi", "-i", "testsrc=s=64x64", "-f", "null"]


@pytest.fixture(params=["bubblewrap", "landlock", "limits"])
async def media(request: pytest.FixtureRequest) -> SandboxedMedia:
    tools = SandboxedMedia(sandbox=request.param)
    try:
        await tools.sandbox()
    except ToolMissing as error:
        missing(error.detail)
    return tools


async def probe(media: SandboxedMedia, path: Path, *, trusted: bool = False) -> str:
    args = ["-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0"]
    bound = {"film": Input(path=path, trusted=trusted)}
    return (await media.run(Tool.FFPROBE, [*args, "-i", "{in.film}"], inputs=bound)).stdout.decode()


async def test_a_tool_reads_what_is_bound_and_writes_into_the_output_folder(
    media: SandboxedMedia, tmp_path: Path
) -> None:
    result = await media.run(
        Tool.FFMPEG,
        ["-i", "{in.film}", "-map", "0:a", "-c", "copy", "-t", "1", "{out}/sound.mp4"],
        inputs={"film": Input(path=FILM)},
        output=tmp_path,
    )
    assert [path.name for path in tmp_path.iterdir()] == ["sound.mp4"]
    assert result.seconds > 0
    assert await probe(media, tmp_path / "sound.mp4") == "aac\n"


async def test_without_an_output_folder_nothing_can_be_written(media: SandboxedMedia) -> None:
    with pytest.raises(ValueError, match="not bound"):
        await media.run(Tool.FFMPEG, ["{out}/x.mp4"], inputs={})


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_only_names(
    media: SandboxedMedia, tmp_path: Path, name: str
) -> None:
    hostile = tmp_path / name
    hostile.symlink_to(FILM)
    assert (await probe(media, hostile)).split() == ["h264", "aac"]
    assert not (tmp_path / "oops").exists()


@pytest.mark.parametrize("name", ["-i", "a/b", "../x", "", "Ä"])
async def test_an_input_cannot_be_bound_under_an_odd_name(media: SandboxedMedia, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name an input"):
        await media.run(Tool.FFPROBE, [], inputs={name: Input(path=FILM)})


async def test_a_script_that_names_a_sibling_is_not_followed(
    media: SandboxedMedia, tmp_path: Path
) -> None:
    script = tmp_path / "film.mp4"
    (tmp_path / "sibling.mp4").write_bytes(FILM.read_bytes())
    script.write_text("ffconcat version 1.0\nfile sibling.mp4\n")
    with pytest.raises(ToolFailed):
        await probe(media, script)


async def test_our_own_script_may_name_what_is_bound_beside_it(
    media: SandboxedMedia, tmp_path: Path
) -> None:
    script = tmp_path / "list"
    script.write_text("ffconcat version 1.0\nfile 'chunk-0'\nfile 'chunk-1'\n")
    own = Input(path=FILM, trusted=True)
    joined = await media.run(
        Tool.FFMPEG,
        ["-f", "concat", "-i", "{in.list}", "-map", "0:v", "-c", "copy", "{out}/long.mp4"],
        inputs={
            "list": Input(path=script, trusted=True),
            "chunk-0": own,
            "chunk-1": own,
        },
        output=tmp_path,
    )
    assert (tmp_path / "long.mp4").stat().st_size > 1_000_000
    assert joined.stdout == b""


async def test_the_allow_list_is_what_refuses_the_script(tmp_path: Path) -> None:
    """With its sibling bound it is read when we vouch for it, and only then."""
    media = SandboxedMedia(sandbox="limits")
    script = tmp_path / "film.mp4"
    script.write_text("ffconcat version 1.0\nfile sibling.mp4\n")
    bound = {"film": Input(path=script, trusted=True), "sibling.mp4": Input(path=FILM)}
    result = await media.run(Tool.FFPROBE, ["-i", "{in.film}"], inputs=bound)
    assert "h264" in result.stderr
    with pytest.raises(ToolFailed):
        await media.run(
            Tool.FFPROBE, ["-i", "{in.film}"], inputs={**bound, "film": Input(path=script)}
        )


async def test_a_decompression_bomb_is_not_decoded(media: SandboxedMedia) -> None:
    with pytest.raises(ToolFailed) as caught:
        await media.run(
            Tool.FFMPEG,
            ["-i", "{in.bomb}", "-f", "null", "-"],
            inputs={"bomb": Input(path=CLIPS / "synth_8192x8192_bomb.mp4")},
        )
    assert "exceeds specified max pixel count" in "\n".join(caught.value.extra["last_lines"])


async def test_the_packager_takes_only_what_we_vouch_for(media: SandboxedMedia) -> None:
    with pytest.raises(ValueError, match="trusted inputs only"):
        await media.run(Tool.PACKAGER, ["in={in.a}"], inputs={"a": Input(path=FILM)})


async def test_progress_is_told_until_it_is_done(media: SandboxedMedia) -> None:
    told: list[ToolProgress] = []
    await media.run(
        Tool.FFMPEG,
        ["-i", "{in.film}", "-an", "-vf", "scale=64:-2", "-f", "null", "-"],
        inputs={"film": Input(path=FILM)},
        on_progress=told.append,
    )
    assert told[-1].done
    assert told[-1].frame == 146
    assert abs(told[-1].position_ms - 6083) < 50
    assert [seen.frame for seen in told] == sorted(seen.frame for seen in told)


async def test_a_cancelled_run_leaves_nothing_behind(media: SandboxedMedia, tmp_path: Path) -> None:
    mark = f"comment={tmp_path.name}-{os.getpid()}"
    running = asyncio.create_task(
        media.run(Tool.FFMPEG, [*ENDLESS, "-metadata", mark, "-"], inputs={})
    )
    await until(lambda: bool(alive(mark)))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await until(lambda: not alive(mark))


async def test_what_left_the_group_is_killed_with_the_rest(tmp_path: Path) -> None:
    """As bubblewrap's inner half does; the pipe that it holds would never end."""
    mark = f"300.{os.getpid()}"
    command = ("/bin/sh", "-c", f"setsid sleep {mark}; true")
    started = ToolCommand(argv=command, shown=command, folder=tmp_path)
    running = asyncio.create_task(finish(started, Limits(), None))
    await until(lambda: bool(alive(mark)))
    running.cancel()
    async with asyncio.timeout(120):
        with pytest.raises(asyncio.CancelledError):
            await running
    await until(lambda: not alive(mark))


async def test_lines_that_come_one_at_a_time_are_kept_as_far_as_the_last_mib(
    tmp_path: Path,
) -> None:
    program = (
        "import sys, time\n"
        "for n in range(1000):\n"
        "    time.sleep(0.001)\n"
        "    print('line', n, file=sys.stderr, flush=True)\n"
        "sys.stderr.write('x' * int(sys.argv[1]))\n"
    )

    async def said(more: int) -> str:
        command = (sys.executable, "-c", program, str(more))
        started = ToolCommand(argv=command, shown=command, folder=tmp_path)
        return (await finish(started, Limits(), None)).stderr

    lines = await said(0)
    assert lines.splitlines() == [f"line {n}" for n in range(1000)]
    assert await said(2**20 - len(lines)) == lines + "x" * (2**20 - len(lines))
    assert await said(3 * 2**20) == "x" * 2**20


async def test_a_killed_service_leaves_no_tool_behind(
    media: SandboxedMedia, tmp_path: Path
) -> None:
    mark = f"comment={tmp_path.name}-{os.getpid()}"
    program = (
        "import asyncio, sys\n"
        "from vitascope.engines.media import Tool\n"
        "from vitascope.engines.media.sandboxed import SandboxedMedia\n"
        "media = SandboxedMedia(sandbox=sys.argv[1])\n"
        "asyncio.run(media.run(Tool.FFMPEG, sys.argv[2:], inputs={}))\n"
    )
    argv = [sys.executable, "-c", program, await media.sandbox(), *ENDLESS, "-metadata", mark, "-"]
    service = subprocess.Popen(argv, cwd=Path(__file__).parents[2])
    try:
        await until(lambda: any(name.startswith("ffmpeg-") for name in names(mark)))
        service.send_signal(signal.SIGKILL)
        service.wait()
        await until(lambda: not alive(mark))
    finally:
        service.kill()
        service.wait()


async def test_nothing_is_left_in_the_scratch_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    media = SandboxedMedia(sandbox="limits")
    await probe(media, FILM)
    for pause in (0.0, 0.001, 0.004, 0.02):
        running = asyncio.create_task(probe(media, FILM))
        await asyncio.sleep(pause)
        running.cancel()
        await asyncio.wait([running])
    async with asyncio.timeout(PATIENT_S):  # a thread that removes one is not cancelled
        while list(tmp_path.iterdir()):
            await asyncio.sleep(0.01)


async def test_the_clock_ends_a_run(media: SandboxedMedia) -> None:
    with pytest.raises(ToolTimeout, match=r"longer than 0\.3 s"):
        await media.run(Tool.FFMPEG, [*ENDLESS, "-"], inputs={}, limits=Limits(wall_s=0.3))


async def test_processor_time_ends_a_run(media: SandboxedMedia) -> None:
    busy = ["-f", "lavfi", "-i", "mandelbrot=s=1280x720", "-f", "null", "-"]
    with pytest.raises(ToolTimeout, match="processor time"):
        await media.run(Tool.FFMPEG, busy, inputs={}, limits=Limits(cpu_s=1))


async def test_a_file_cannot_grow_beyond_its_limit(media: SandboxedMedia, tmp_path: Path) -> None:
    big = ["-f", "lavfi", "-i", "testsrc=s=640x360:d=9", "-c:v", "rawvideo", "{out}/raw.nut"]
    with pytest.raises(ToolFailed):
        await media.run(Tool.FFMPEG, big, inputs={}, output=tmp_path, limits=Limits(file_mib=4))
    assert (tmp_path / "raw.nut").stat().st_size <= 4 * 2**20


async def test_a_tool_cannot_say_more_than_its_limit(media: SandboxedMedia) -> None:
    loud = ["-f", "lavfi", "-i", "testsrc=s=640x360:d=9", "-f", "rawvideo", "-"]
    with pytest.raises(ToolTooBig):
        await media.run(Tool.FFMPEG, loud, inputs={}, limits=Limits(stdout_mib=1))


async def test_memory_is_limited(media: SandboxedMedia) -> None:
    greedy = ["-f", "lavfi", "-i", "nullsrc=s=8192x8192:d=2", "-vf", "reverse", "-f", "null", "-"]
    with pytest.raises(ToolOutOfMemory):
        await media.run(Tool.FFMPEG, greedy, inputs={}, limits=Limits(memory_mib=700))


async def test_secrets_stay_out_of_log_command_and_errors(
    media: SandboxedMedia, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    key = "00112233445566778899AABBCCDDEEFF"
    caplog.set_level(logging.DEBUG)
    args = ["-decryption_key", "{secret.key}", "-i", "{in.film}", "{out}/film.nonsense"]
    bound = {"film": Input(path=FILM, trusted=True)}
    with pytest.raises(ToolFailed) as caught:
        await media.run(Tool.FFMPEG, args, inputs=bound, output=tmp_path, secrets={"key": key})
    heard = f"{caught.value.detail} {caught.value.extra} {caplog.text}".lower()
    assert key.lower() not in heard
    assert "film.nonsense" in heard


async def test_the_command_can_be_pasted_in_a_shell(media: SandboxedMedia) -> None:
    args = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", "-i", "{in.film}"]
    result = await media.run(Tool.FFPROBE, args, inputs={"film": Input(path=FILM)})
    pasted = await asyncio.to_thread(
        subprocess.run, ["/bin/sh", "-c", result.command], capture_output=True, check=True
    )
    assert pasted.stdout == result.stdout == b"6.083333\n"
    assert str(FILM) in shlex.split(result.command) or "file:" in result.command


async def test_versions_name_the_tools(media: SandboxedMedia) -> None:
    told = [await media.version(tool) for tool in Tool]
    assert [name.split()[0] for name in told] == ["ffmpeg", "ffprobe", "packager"]
    assert all("unknown" not in name for name in told)


async def test_in_the_sandbox_there_is_no_network_and_no_other_file(media: SandboxedMedia) -> None:
    if await media.sandbox() == "limits":
        pytest.skip("limits alone do not hide files: see docs/decisions/0008")
    callers: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: callers.append(writer), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        for outside in (f"tcp://127.0.0.1:{port}", "/etc/passwd", str(FILM)):
            with pytest.raises(ToolFailed):
                await media.run(Tool.FFPROBE, ["-i", outside], inputs={})
    assert callers == []


def test_an_unknown_sandbox_is_refused() -> None:
    with pytest.raises(ValueError, match="auto, bubblewrap, landlock or limits"):
        SandboxedMedia(sandbox="docker")


def alive(mark: str) -> list[int]:
    """Processes with `mark` among their arguments, zombies aside."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "cmdline").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def names(mark: str) -> list[str]:
    """The programs that `alive` tells of."""
    found = []
    for pid in alive(mark):
        try:
            argv = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        found.append(Path(argv[0].decode()).name)
    return found


async def until(true: Callable[[], bool], within_s: float = 120) -> None:
    for _ in range(int(within_s / 0.02)):
        if await asyncio.to_thread(true):
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"did not come true within {within_s} s")
