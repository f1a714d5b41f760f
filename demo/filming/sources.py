"""Photographs and paintings that others made, from the packages that carry them, kept in `.cache`.
`demo/media/attribution.toml` has their authors and licences."""

import subprocess
import tarfile
import zipfile
from pathlib import Path

from PIL import Image

CACHE = Path(__file__).parents[2] / ".cache" / "filming"
_IMAGES = "usr/share/wallpapers/SafeLanding/contents/images/5120x2880.jpg"


def globe(name: str) -> Image.Image:
    """Returns a map of the Earth: "earth-blue-marble" by day, "earth-night" by night."""
    packed = _fetched("three-globe-2.45.2.tgz", ["npm", "pack", "--silent", "three-globe@2.45.2"])
    with tarfile.open(packed) as files:
        found = files.extractfile(f"package/example/img/{name}.jpg")
        assert found is not None
        return Image.open(found).convert("RGB")


def photograph(name: str) -> Image.Image:
    """Returns a sample picture of scikit-image: "astronaut.png", "hubble_deep_field.jpg"."""
    system = "manylinux_2_28_x86_64"
    wheel = f"scikit_image-0.26.0-cp311-cp311-manylinux_2_24_x86_64.{system}.whl"
    pip = ["pip", "download", "--no-deps", "--python-version=3.11", f"--platform={system}"]
    packed = _fetched(wheel, [*pip, "--only-binary=:all:", "scikit-image==0.26.0"])
    with zipfile.ZipFile(packed) as files, files.open(f"skimage/data/{name}") as found:
        return Image.open(found).convert("RGB")


def safe_landing() -> Image.Image:
    """Returns the painting of that name, 5120 by 2880 pixels, from KDE's wallpapers."""
    name = "plasma-workspace-wallpapers"
    if not (CACHE / _IMAGES).exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "-q", name], cwd=CACHE, check=True)
        package = next(CACHE.glob(f"{name}_*.deb"))
        subprocess.run(["dpkg", "-x", str(package), str(CACHE)], check=True)
        package.unlink()
    return Image.open(CACHE / _IMAGES).convert("RGB")


def _fetched(file: str, command: list[str]) -> Path:
    if not (CACHE / file).exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(command, cwd=CACHE, check=True, stdout=subprocess.DEVNULL)
    return CACHE / file
