from tests.playback.conftest import house

__all__ = ["house"]
