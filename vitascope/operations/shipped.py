"""What comes with the code: the web app, built, and the demo. In a wheel they lie in the package,
in a checkout beside it."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def web_app() -> Path:
    """Returns the folder of the built web app. In a checkout it may be missing: `./vita up` builds
    it."""
    return _shipped("_web", "web/dist")


def demo() -> Path:
    """Returns the folder of the demo's titles, pictures and clip."""
    return _shipped("_demo", "demo")


def _shipped(packaged: str, beside: str) -> Path:
    inside = _PACKAGE / packaged
    return inside if inside.exists() else _PACKAGE.parent / beside
