"""Secrets in files: the same for everyone, readable by one user, on disk when the call returns."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from vitascope.engines.secrets.file import FileSecrets
from vitascope.kernel.errors import Invalid, NotFound

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(data: Path) -> Path:
    return data / "secrets"


@pytest.fixture
def secrets(folder: Path) -> FileSecrets:
    return FileSecrets(folder=folder)


async def test_a_secret_is_made_once(secrets: FileSecrets, folder: Path) -> None:
    made = await secrets.get_or_make("wire")
    assert len(made) == 32
    assert await secrets.get_or_make("wire") == made
    assert await FileSecrets(folder=folder).get("wire") == made
    assert await secrets.get_or_make("other", 16) != made


async def test_a_missing_secret_is_not_found(secrets: FileSecrets) -> None:
    with pytest.raises(NotFound, match="no secret wire"):
        await secrets.get("wire")


async def test_what_is_put_replaces(secrets: FileSecrets) -> None:
    await secrets.get_or_make("wire")
    await secrets.put("wire", b"new")
    assert await secrets.get("wire") == b"new"


async def test_only_the_owner_may_read(secrets: FileSecrets, folder: Path) -> None:
    await secrets.get_or_make("made")
    await secrets.put("put", b"x")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert sorted(file.name for file in folder.iterdir()) == ["made", "put"]


async def test_a_file_that_others_may_read_is_closed_to_them(
    secrets: FileSecrets, folder: Path
) -> None:
    await secrets.put("wire", b"x")
    (folder / "wire").chmod(0o644)
    assert await secrets.get("wire") == b"x"
    assert stat.S_IMODE((folder / "wire").stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["", "../wire", "a/b", ".hidden", "A", "x" * 101])
async def test_a_name_that_could_lead_elsewhere_is_refused(secrets: FileSecrets, name: str) -> None:
    for ask in (secrets.get, secrets.get_or_make):
        with pytest.raises(Invalid):
            await ask(name)


RACER = """
import asyncio, sys
from pathlib import Path
from vitascope.engines.secrets.file import FileSecrets
print("ready", flush=True)
sys.stdin.readline()
async def main():
    secrets = FileSecrets(folder=Path(sys.argv[1]))
    made = await asyncio.gather(*(secrets.get_or_make(f"s{n % 5}") for n in range(20)))
    print(b"".join(made[:5]).hex())
asyncio.run(main())
"""


def test_processes_that_make_it_at_once_get_the_same(folder: Path) -> None:
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        for _ in range(3)
    ]
    for racer in racers:
        assert racer.stdout and racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin
        racer.stdin.write("go\n")
        racer.stdin.flush()
    answers = {racer.communicate(timeout=120)[0] for racer in racers}
    assert len(answers) == 1
    assert len(answers.pop().strip()) == 5 * 64
