from tests.playback.conftest import setup

__all__ = ["setup"]
