"""What is said of the kinds of files that are taken names every one that is."""

import re
from pathlib import Path

import pytest

from vitascope.encoding.master import refusals
from vitascope.engines.media import ToolFailed
from vitascope.engines.media.allowed import FILM_CONTAINERS

STUDIO = Path(__file__).parents[3] / "web" / "src" / "studio"
# As people call what ffmpeg has names for, and how such files end.
KINDS = {
    "mov": ("MP4", ".mp4"),
    "matroska": ("Matroska|MKV", ".mkv"),
    "webm": ("WebM", ".webm"),
    "mpegts": ("MPEG-TS", ".ts"),
    "mxf": ("MXF", ".mxf"),
    "avi": ("AVI", ".avi"),
    "mpeg": ("MPEG-PS", ".mpg"),
    "dv": ("DV", ".dv"),
    "flv": ("FLV", ".flv"),
    "asf": ("WMV", ".wmv"),
}


def hints() -> list[str]:
    words = (STUDIO / "words.ts").read_text()
    return re.findall(r'dropHint: "(.*?)"', words)


@pytest.mark.parametrize("container", FILM_CONTAINERS)
def test_every_kind_that_is_taken_is_named_and_may_be_chosen(container: str) -> None:
    name, ending = KINDS[container]
    refused = refusals.of_opening(ToolFailed("It failed.", last_lines=[])).sentence
    assert len(hints()) == 2, "one in each language"
    for said in (*hints(), refused):
        assert re.search(rf"\b({name})\b", said), said
    accepted = re.search(r'MASTERS = "(.*?)"', (STUDIO / "DropZone.tsx").read_text())
    assert accepted
    assert ending in accepted[1].split(",")
