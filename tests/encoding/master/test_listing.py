"""Section 2: listing the packets of a master takes memory and time that have an end."""

import tracemalloc
from pathlib import Path

import pytest

from vitascope.encoding.master import inspect, listing
from vitascope.encoding.master.listing import CrcRows, Listing, TooManyPackets, csv_row
from vitascope.engines import media
from vitascope.engines.media.sandboxed import SandboxedMedia

CLIP = Path(__file__).parents[2] / "media" / "bbb_480p24_6s.mp4"


def rows(count: int, stream: int) -> bytes:
    each = (b"%d,%d.5,N/A,0.02,K__\n" % (stream, number) for number in range(count))
    return b"".join(each)


def test_packets_of_sound_are_not_kept() -> None:
    """Twenty languages are millions of them."""
    piece = rows(2000, 1)
    found = Listing(csv_row, [0])
    found.take(rows(10, 0))
    tracemalloc.start()
    try:
        for _ in range(10):
            found.take(piece)
        assert tracemalloc.get_traced_memory()[0] < 100_000
    finally:
        tracemalloc.stop()
    told = found.packets()
    assert (told[1].end_s, told[1].times) == (1999.52, ())
    assert len(told[0].times) == 10


@pytest.mark.parametrize("what", ["MOST_PACKETS", "MOST_PICTURES"])
def test_a_list_that_goes_on_and_on_is_given_up(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    monkeypatch.setattr(listing, what, 1000)
    found = Listing(csv_row, [0])
    found.take(rows(900, 0))
    with pytest.raises(TooManyPackets):
        found.take(rows(200, 0))


def test_a_line_without_an_end_is_given_up() -> None:
    found = Listing(csv_row, [0])
    with pytest.raises(TooManyPackets):
        for _ in range(100):
            found.take(b"x" * 1000)


async def test_such_a_master_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_PACKETS", 100)
    verdict = await inspect.inspect(SandboxedMedia(), CLIP)
    (found,) = verdict.findings
    assert (verdict.source, found.code) == (None, "too-many-packets")
    assert "Send the film in parts" in found.sentence


async def test_what_a_tool_says_is_heard_and_not_kept() -> None:
    class Heard:
        begun = 0
        lines = 0

        def begin(self) -> None:
            self.begun += 1

        def take(self, piece: bytes) -> None:
            self.lines += piece.count(b"\n")

    heard = Heard()
    entries = ["-v", "error", "-print_format", "csv=p=0", "-show_entries", "packet=pts_time"]
    result = await SandboxedMedia().run(
        media.Tool.FFPROBE,
        [*entries, "-i", "{in.clip}"],
        inputs={"clip": media.Input(path=CLIP)},
        listener=heard,
    )
    assert (result.stdout, heard.begun) == (b"", 1)
    assert heard.lines > 140


def test_pictures_of_a_disc_that_have_no_time_have_that_of_decoding() -> None:
    """Several in one packet have one time between them. They are counted, and follow a keyframe."""
    unset = -(2**63)
    found = Listing(CrcRows([0]), [0])
    found.take(b"#tb 0: 1/90000\n")
    for number, pts in enumerate((3600, unset, unset, 14400)):
        flags = "" if number == 0 else ", F=0x0"
        found.take(f"0, {number * 3600}, {pts}, 3600, 10, 0xaa{flags}\n".encode())
    told = found.packets()[0]
    assert told.times == pytest.approx([0.04, 0.08, 0.12, 0.16])
    assert (told.undecodable, told.keys) == (0, (0.04,))
