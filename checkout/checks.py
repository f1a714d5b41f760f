"""Tests, gates and benchmarks: what `./vita test`, `check` and `bench` run."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from checkout.packages import install_packages
from checkout.web import ROOT, WEB, Say, build_web, install_node_modules, node, node_environment


def run_tests(say: Say, arguments: Sequence[str] = (), *, quick: bool = False) -> int:
    """Run the web app's tests, then Python's, or pytest alone with `arguments`. `quick` leaves
    out what takes long and what needs a browser. Returns the exit status."""
    install_packages(say)
    build_web(say)
    if not arguments:
        # before any test's time limit runs; with arguments, the first test that needs it does
        subprocess.run([sys.executable, "-m", "tests.versitygw"], cwd=ROOT, check=True)
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
    """Returns every gate by name: the command and where it runs. `./vita check` and CI run all."""
    programs = Path(sys.executable).parent
    return {
        "ruff": ([str(programs / "ruff"), "check", "."], ROOT),
        "format": ([str(programs / "ruff"), "format", "--check", "."], ROOT),
        "mypy": ([sys.executable, "-m", "mypy"], ROOT),
        "imports": ([str(programs / "lint-imports")], ROOT),
        "dependencies": ([str(programs / "deptry"), "."], ROOT),
        "shape": ([sys.executable, "-m", "pytest", "-q", "tests/shape"], ROOT),
        "openapi": ([sys.executable, "-m", "checkout", "openapi", "--check"], ROOT),
        "api types": (node("npm", "run", "--silent", "types", "--", "--check"), WEB),
        "web": (node("npm", "run", "--silent", "check"), WEB),
    }


def run_gates(report: Callable[[str, bool, str], None]) -> bool:
    """Run every gate, tell `report` (name, passed, output) of each; and return True if all
    passed."""
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
    """Returns the benchmarks there are, by name."""
    return {file.stem: file for file in sorted((ROOT / "benchmarks").glob("*.py"))}


def run_benchmark(file: Path, arguments: Sequence[str]) -> int:
    command = [sys.executable, str(file), *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode
