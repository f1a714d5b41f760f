"""What a decoder that a master has taken over could do: nothing, in every sandbox there is.

In the place of the packager runs perl (Debian always has it), which knows sockets and processes
without reading a module.
"""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from tests.needed import missing
from vitascope.engines.media import Input, Limits, Tool, ToolMissing, confine, sandboxes
from vitascope.engines.media.sandboxed import SandboxedMedia

FILM = Path(__file__).parents[1] / "media" / "bbb_480p24_6s.mp4"
READ = 'open(F, "<", "{}") or do {{ print "no: $!"; exit }}; read(F, $b, 32); print "read $b"'
WRITE = 'open(F, ">", "{}") or do {{ print "no: $!"; exit }}; print "written"'
SOCKETS = 'for $f (1, 2, 10, 16) { for $t (1, 2, 3) { print socket(S, $f, $t, 0) ? "open" : "-" } }'
SIGNAL = 'print kill(0, {0}) ? "seen" : "-"; print syscall(101, 16, {0}, 0, 0) == 0 ? "seen" : "-"'


@pytest.fixture(params=["bubblewrap", "landlock"])
def sandbox(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def told(sandbox: str, script: str, *, output: Path | None = None, **bound: Path) -> str:
    """What an attacker's script prints in this sandbox."""
    media = SandboxedMedia(sandbox=sandbox)
    try:
        await media.sandbox()
    except ToolMissing as error:
        missing(error.detail)
    perl = shutil.which("perl")
    if perl is None:
        missing("perl is missing (on Debian: apt install perl-base).")
    media._binaries[Tool.PACKAGER] = Path(perl).resolve()
    inputs = {name: Input(path=path, trusted=True) for name, path in bound.items()}
    done = await media.run(
        Tool.PACKAGER, ["-e", script], inputs=inputs, output=output, limits=Limits(stdout_mib=1)
    )
    return done.stdout.decode()


async def test_it_is_not_root(sandbox: str, tmp_path: Path) -> None:
    said = await told(sandbox, 'print "$< $> ", (split / /, $()[0]')
    assert "0" not in said.split()
    await told(sandbox, WRITE.format("{out}/mine"), output=tmp_path)
    owner = (tmp_path / "mine").stat()
    if os.geteuid() == 0:  # to the machine too, not only in its own eyes
        assert 0 not in (owner.st_uid, owner.st_gid)


async def test_what_it_is_given_it_can_read_though_nobody_else_may(
    sandbox: str, tmp_path: Path
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "master").write_text("a film")
    (closed / "master").chmod(0o600)
    closed.chmod(0o700)
    assert (
        await told(sandbox, READ.format("{in.master}"), master=closed / "master") == "read a film"
    )
    assert await told(sandbox, READ.format("{in.all}/master"), all=closed) == "read a film"
    assert not (closed / "master").stat().st_mode & 0o007


@pytest.mark.parametrize("mode", [0o600, 0o644])
async def test_it_cannot_read_the_secrets(sandbox: str, tmp_path: Path, mode: int) -> None:
    secret = tmp_path / "secrets" / "wrapping-1"
    secret.parent.mkdir(mode=0o755)
    secret.write_text("the key of all keys")
    secret.chmod(mode)
    said = await told(sandbox, READ.format(secret), film=FILM)
    assert said.startswith("no: ")
    # beside what it was given, and by the way in which it was given
    (tmp_path / "film").write_bytes(b"film")
    for way in ("{in.film}/../secrets/wrapping-1", "{in.all}/../secrets/wrapping-1"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        said = await told(
            sandbox, READ.format(way), film=tmp_path / "film", all=tmp_path / "empty"
        )  # fmt: skip
        assert said.startswith("no: ")
    # and a check of this check: without a sandbox it can be read
    assert await told("limits", READ.format(secret)) == "read the key of all keys"


async def test_it_can_write_nowhere_but_where_it_may(sandbox: str, tmp_path: Path) -> None:
    beside, out = tmp_path / "beside", tmp_path / "out"
    beside.mkdir()
    out.mkdir()
    beside.chmod(0o777)
    assert (await told(sandbox, WRITE.format(beside / "x"), output=out)).startswith("no: ")
    said = await told(sandbox, WRITE.format("{in.film}"), film=FILM, output=out)
    assert said.startswith("no: ")
    assert await told(sandbox, WRITE.format("{out}/x"), output=out) == "written"
    assert list(beside.iterdir()) == []


async def test_it_can_open_no_socket_of_any_kind(sandbox: str) -> None:
    assert set(await told(sandbox, SOCKETS)) == {"-"}
    assert "open" in await told("limits", SOCKETS)


async def test_it_sees_no_other_process(sandbox: str) -> None:
    other = await asyncio.create_subprocess_exec("sleep", "600")
    try:
        assert await told(sandbox, SIGNAL.format(other.pid)) == "--"
    finally:
        other.kill()
        await other.wait()


async def test_the_best_that_works_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandboxes, "programs", lambda: (None, None))
    assert await SandboxedMedia().sandbox() == "landlock"
    monkeypatch.setattr(confine, "__file__", "/nonexistent")  # as on an older kernel
    assert await SandboxedMedia().sandbox() == "limits"
    with pytest.raises(ToolMissing, match="Landlock"):
        await SandboxedMedia(sandbox="landlock").sandbox()
