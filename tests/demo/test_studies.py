"""The demo's own short films are really rendered, and nobody takes one for another."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vitascope.engines.media import Input, Tool
from vitascope.engines.media.boxed import BoxedMedia
from vitascope.operations.demo import studies
from vitascope.operations.demo.studies import STUDIES, render


async def seen(media: BoxedMedia, film: Path) -> NDArray[np.floating]:
    """A small picture of the film after a second, as numbers from 0 to 255."""
    look = ["-vf", "scale=16:9,format=rgb24", "-frames:v", "1", "-f", "rawvideo", "-"]
    bound = {"film": Input(path=film)}
    taken = await media.run(Tool.FFMPEG, ["-ss", "1", "-i", "{in.film}", *look], inputs=bound)
    return np.frombuffer(taken.stdout, dtype=np.uint8).astype(float)


async def heard(media: BoxedMedia, film: Path) -> NDArray[np.floating]:
    """Its sound in the second second: how strong each of a few thousand frequencies is."""
    listen = ["-map", "0:a", "-ac", "1", "-ar", "8000", "-t", "1", "-f", "f32le", "-"]
    bound = {"film": Input(path=film)}
    taken = await media.run(Tool.FFMPEG, ["-ss", "1", "-i", "{in.film}", *listen], inputs=bound)
    strength = np.abs(np.fft.rfft(np.frombuffer(taken.stdout, dtype=np.float32)[:8000]))
    return strength / float(np.linalg.norm(strength))


async def test_no_two_studies_look_or_sound_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studies, "SECONDS", 2)
    media = BoxedMedia()
    films = [await render(media, study, tmp_path) for study in STUDIES]
    pictures = [await seen(media, film) for film in films]
    sounds = [await heard(media, film) for film in films]
    assert all(picture.size == 16 * 9 * 3 and picture.std() > 10 for picture in pictures)
    for one, other in itertools.combinations(range(len(films)), 2):
        assert np.abs(pictures[one] - pictures[other]).mean() > 10, (films[one], films[other])
        assert sounds[one] @ sounds[other] < 0.9, (films[one], films[other])
