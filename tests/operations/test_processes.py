"""Children are restarted when they die, and none outlives its supervisor."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from vitascope.operations.processes import Child, ChildFailed, Supervisor

STEADY = """
    import asyncio
    from vitascope.operations.processes import follow_supervisor, say_ready

    async def main():
        stop = asyncio.Event()
        follow_supervisor(stop)
        say_ready()
        await stop.wait()

    asyncio.run(main())
"""


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Child]:
    """Makes children of scripts: `sys.executable` is a shim that runs the script named last."""
    shim = tmp_path / "python"
    shim.write_text(f'#!/bin/sh\nshift 2\nexec {sys.executable} "$@"\n')
    shim.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(shim))

    def make(name: str, text: str) -> Child:
        file = tmp_path / f"{name}.py"
        file.write_text(textwrap.dedent(text))
        return Child(name, [str(file)], tmp_path / f"{name}.log")

    return make


async def test_a_child_that_serves_is_ready(script: Callable[[str, str], Child]) -> None:
    supervisor = Supervisor()
    await supervisor.start(script("steady", STEADY))
    await asyncio.wait_for(supervisor.until_ready(), 120)
    await supervisor.stop()
    assert supervisor.children[0].pid is None


async def test_a_killed_child_comes_back(script: Callable[[str, str], Child]) -> None:
    supervisor = Supervisor()
    child = script("steady", STEADY)
    await supervisor.start(child)
    await asyncio.wait_for(supervisor.until_ready(), 120)
    before = child.pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    while child.restarts == 0:
        await asyncio.sleep(0.05)
    while not child.ready.is_set():
        await asyncio.sleep(0.05)
    assert child.pid not in (None, before)
    await supervisor.stop()


async def test_a_child_that_cannot_start_is_told_with_its_last_words(
    script: Callable[[str, str], Child],
) -> None:
    supervisor = Supervisor()
    await supervisor.start(script("broken", "raise SystemExit('no such database')"))
    with pytest.raises(ChildFailed, match="no such database"):
        await asyncio.wait_for(supervisor.until_ready(), 120)
    await supervisor.stop()


async def test_a_child_that_does_not_listen_is_killed_when_its_grace_is_over(
    script: Callable[[str, str], Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vitascope.operations.processes.GRACE_S", 0.5)
    deaf = STEADY.replace(
        "say_ready()",
        "say_ready()\n        import signal, time\n        "
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n        time.sleep(3600)",
    )
    supervisor = Supervisor()
    child = script("deaf", deaf)
    await supervisor.start(child)
    await asyncio.wait_for(supervisor.until_ready(), 120)
    await supervisor.stop()
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


async def test_no_child_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    """The supervisor gets a kill -9; the child sees its lifeline end and stops by itself."""
    child = tmp_path / "child.py"
    child.write_text(textwrap.dedent(STEADY))
    parent = tmp_path / "parent.py"
    parent.write_text(
        textwrap.dedent(
            f"""
            import asyncio, sys
            from pathlib import Path
            from vitascope.operations.processes import Child, Supervisor

            async def main():
                shim = Path({str(tmp_path)!r}) / "python"
                shim.write_text('#!/bin/sh\\nshift 2\\nexec {sys.executable} "$@"\\n')
                shim.chmod(0o755)
                sys.executable = str(shim)
                supervisor = Supervisor()
                log = Path({str(tmp_path / "c.log")!r})
                await supervisor.start(Child("c", [{str(child)!r}], log))
                await supervisor.until_ready()
                print(supervisor.children[0].pid, flush=True)
                await asyncio.sleep(3600)

            asyncio.run(main())
            """
        )
    )
    process = subprocess.Popen([sys.executable, str(parent)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pid = int(await asyncio.to_thread(process.stdout.readline))
    process.kill()
    process.wait()
    process.stdout.close()
    async with asyncio.timeout(120):
        while _is_alive(pid):
            await asyncio.sleep(0.1)


def _is_alive(pid: int) -> bool:
    try:
        return "zombie" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
