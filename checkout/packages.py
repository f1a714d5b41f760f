"""Debian's packages that running and testing need, from deploy/debian-packages.txt."""

import os
import shutil
import subprocess
from pathlib import Path

from checkout.web import ROOT, Say
from vitascope.kernel.errors import Unavailable


class ToolsMissing(Unavailable):
    code = "tools-missing"


COMMANDS = {
    "bubblewrap": "bwrap",
    "chromium": "chromium",
    "iproute2": "ip",
    "libnss3-tools": "certutil",
    "memcached": "memcached",
    "postgresql": "postgres",
    "redis-server": "redis-server",
}


def missing_packages() -> list[str]:
    """Of the packages that deploy/debian-packages.txt names, those whose program is not found."""
    named = (ROOT / "deploy" / "debian-packages.txt").read_text().splitlines()
    packages = [line.strip() for line in named if line.strip() and not line.startswith("#")]
    return [name for name in packages if not find_program(COMMANDS[name])]


def find_program(name: str) -> Path | None:
    """Returns a program on the PATH, or where Debian keeps PostgreSQL's servers."""
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
