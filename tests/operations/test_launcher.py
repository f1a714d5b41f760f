"""`./vita`: an environment from a lock file with hashes, made once; and a sentence without Python.

The launcher is the real one, in a folder of its own; Python and uv are scripts that write down how
they were called.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("sh", "basename", "cmp", "cp", "dirname", "id", "mkdir", "readlink", "rm", "tail")
PYTHON = """#!/bin/sh
echo "python $*" >> "{log}"
case "$1 $2" in
  "-m venv") mkdir -p "$4/bin" && cp "$0" "$4/bin/python" && cp "{folder}/uv" "$4/bin/uv" ;;
  "-m pip") [ "$3" = --version ] || exit {pip} ;;
  "-m checkout") shift 2 && echo "ran: $*" ;;
  "-c "*) exit {fit} ;;
esac
"""
UV = """#!/bin/sh
echo "uv $*" >> "{log}"
"""


class Launcher:
    """A checkout with nothing but the launcher and its locks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"
        shutil.copy(ROOT / "vita", folder / "vita")
        for program in PROGRAMS:
            (folder / program).symlink_to(str(shutil.which(program)))
        for lock in ("requirements.lock", "requirements-dev.lock", "requirements-uv.lock"):
            (folder / lock).write_text(lock)
        self.provide()

    def provide(self, *, fit: int = 0, pip: int = 0) -> None:
        """A Python whose version is `fit` (0 for yes), and whose installs end with `pip`."""
        for name, text in (("python3", PYTHON), ("uv", UV)):
            script = self.folder / name
            script.write_text(text.format(log=self.log, folder=self.folder, fit=fit, pip=pip))
            script.chmod(0o755)

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        self.log.write_text("")
        return subprocess.run(
            [self.folder / "vita", *arguments],
            env={"PATH": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )

    def installs(self) -> list[str]:
        return [
            line
            for line in self.log.read_text().splitlines()
            if "pip install" in line or "pip sync" in line
        ]


@pytest.fixture
def launcher(tmp_path: Path) -> Launcher:
    return Launcher(tmp_path)


def test_the_first_start_installs_by_hash_and_the_second_nothing(launcher: Launcher) -> None:
    done = launcher("up", "--port", "9000")
    assert (done.returncode, done.stdout) == (0, "ran: up --port 9000\n"), done.stderr
    installs = launcher.installs()
    assert len(installs) == 2
    assert all("--require-hashes" in line for line in installs)
    assert installs[-1].endswith("/requirements.lock")
    again = launcher("up")
    assert (again.stdout, again.stderr) == ("ran: up\n", "")
    assert launcher.installs() == []


def test_tests_need_more_than_the_service_and_the_service_is_content_with_more(
    launcher: Launcher,
) -> None:
    launcher("up")
    launcher("test")
    assert launcher.installs()[-1].endswith("/requirements-dev.lock")
    launcher("up")
    assert launcher.installs() == []


def test_a_lock_that_changed_is_installed(launcher: Launcher) -> None:
    launcher("up")
    (launcher.folder / "requirements.lock").write_text("newer")
    launcher("up")
    assert launcher.installs()[-1].endswith("/requirements.lock")


def test_without_a_python_it_says_what_to_install(launcher: Launcher) -> None:
    launcher.provide(fit=1)
    done = launcher("up")
    assert done.returncode == 1
    assert "needs Python 3.11 to 3.14" in done.stderr
    assert "apt install python3" in done.stderr
    assert done.stdout == ""


def test_without_a_network_it_says_so_and_does_not_take_the_rest_for_installed(
    launcher: Launcher,
) -> None:
    launcher.provide(pip=1)
    done = launcher("up")
    assert done.returncode == 1
    assert "could not be downloaded. Is the network up" in done.stderr
    launcher.provide()
    shutil.copy(launcher.folder / "python3", launcher.folder / ".venv" / "bin" / "python")
    assert launcher("up").stdout == "ran: up\n"
    assert launcher.installs()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_package_of_a_lock_has_its_hash(lock: str) -> None:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    named = [n for n, line in enumerate(lines) if "==" in line and not line.startswith(("#", " "))]
    assert len(named) > 20
    assert all("--hash=sha256:" in lines[n + 1] for n in named)
