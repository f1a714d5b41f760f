"""I7: TTML (DFXP, IMSC), SCC and EBU STL: text, times, places and what is slanted; hostile ones."""

from collections.abc import Sequence

import pytest

from vitascope.encoding.companions.cues import Cue
from vitascope.encoding.companions.reading import Asked, Reading, read, read_apart

HOUR_MS = 3_600_000
TTML = "http://www.w3.org/ns/ttml"
HEAD = (
    f'<tt xmlns="{TTML}" xmlns:tts="{TTML}#styling" xmlns:ttp="{TTML}#parameter" xml:lang="en"'
    ' ttp:frameRate="25" tts:extent="1280px 720px"><head>'
    '<styling><style xml:id="slanted" tts:fontStyle="italic"/></styling><layout>'
    '<region xml:id="top" tts:origin="10% 5%" tts:extent="80% 20%" tts:displayAlign="before"'
    ' tts:textAlign="center"/>'
    '<region xml:id="low" tts:origin="10% 75%" tts:extent="80% 20%" tts:displayAlign="after"'
    ' tts:textAlign="center"/>'
    '<region xml:id="left" tts:origin="64px 72px" tts:extent="640px 360px"'
    ' tts:displayAlign="center" tts:textAlign="start"/>'
    "</layout></head><body>"
)
SCC = """Scenarist_SCC V1.0

00:00:01:00	9420 9420 94ae 94ae 9470 9470 c8e5 ecec ef80 942c 942c 942f 942f

00:00:03:00	9420 9420 94ae 94ae 91d0 91d0 91ae 91ae d4ef 7080 942c 942c 942f 942f

00:00:05:00	942c 942c
"""


def ttml(body: str) -> str:
    return f"{HEAD}<div>{body}</div></body></tt>"


def reading(raw: str | bytes, duration_ms: int = HOUR_MS) -> Reading:
    data = raw.encode() if isinstance(raw, str) else raw
    return read(Asked(raw=data, language="en", duration_ms=duration_ms))


def shown(raw: str | bytes) -> list[tuple[int, int, str, str]]:
    return [(cue.start_ms, cue.end_ms, cue.text, cue.settings) for cue in reading(raw).cues]


def codes(made: Reading) -> list[str]:
    return [found.code for found in made.findings]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            '<p begin="1s" end="2.5s" region="low">3 &lt; 4 &amp; <span style="slanted">so'
            "</span><br/>two\n   lines</p>",
            (1000, 2500, "3 &lt; 4 &amp; <i>so</i>\ntwo lines", ""),
        ),
        (
            '<p begin="00:00:03:05" end="00:00:04:00" region="top">top</p>',
            (3200, 4000, "top", "line:5%"),
        ),
        (
            '<p begin="5s" dur="1s" region="left"><span tts:fontWeight="bold"'
            ' tts:textDecoration="underline">bu</span> plain</p>',
            (5000, 6000, "<b><u>bu</u></b> plain",
             "line:32% position:5% align:left"),
        ),
        (
            '<p begin="10s" end="11s"><span tts:ruby="container"><span tts:ruby="base">漢字</span>'
            '<span tts:ruby="text">かんじ</span></span>です</p>',
            (10_000, 11_000, "<ruby>漢字<rt>かんじ</rt></ruby>です", ""),
        ),
        (
            '<p begin="1s" end="2s" region="left" tts:direction="rtl">שלום</p>',
            (1000, 2000, "שלום", "line:32% position:55% align:right"),
        ),
        (
            '<p begin="1s" end="2s" style="slanted">all <span tts:fontStyle="normal">but</span>'
            "</p>",
            (1000, 2000, "<i>all </i>but", ""),
        ),
    ],
)  # fmt: skip
def test_ttml_keeps_text_times_places_and_what_is_slanted(
    body: str, expected: tuple[int, int, str, str]
) -> None:
    assert shown(ttml(body)) == [expected]


def test_times_count_from_what_a_paragraph_is_in_and_parts_have_their_own() -> None:
    body = (
        '<div begin="100s"><p begin="1s" end="3s"><span begin="0s" end="1s">one</span>'
        '<span begin="1s">two</span></p><p begin="5s"><span end="1s">three'
        '</span></p></div><div begin="1s"><p tts:display="none">no</p></div>'
    )
    assert [line[:3] for line in shown(ttml(body))] == [
        (101_000, 102_000, "one"),
        (102_000, 103_000, "two"),
        (105_000, 106_000, "three"),
    ]


@pytest.mark.parametrize(
    "was", ["http://www.w3.org/2006/10/ttaf1", "http://www.w3.org/2006/04/ttaf1"]
)
def test_dfxp_of_before_the_standard_is_read(was: str) -> None:
    raw = ttml('<p begin="1s" end="2s" region="top" style="slanted">old</p>').replace(TTML, was)
    assert shown(raw.replace(f"{was}#styling", f"{was}#style")) == [
        (1000, 2000, "<i>old</i>", "line:5%")
    ]


def test_ttml_without_a_namespace_in_utf16_and_with_a_declaration_is_read() -> None:
    declared = '<?xml version="1.0" encoding="UTF-16"?><!-- x -->'
    bare = '<tt><body><p begin="1s" end="2s">Ä</p></body></tt>'
    assert shown((declared + bare).encode("utf-16")) == [(1000, 2000, "Ä", "")]


def test_a_paragraph_with_odd_times_is_told_with_its_line() -> None:
    made = reading(ttml('<p begin="1s" end="2s">good</p>\n<p begin="soon" end="9s">bad <b/></p>'))
    assert [cue.text for cue in made.cues] == ["good"]
    assert "line 2 (bad)" in made.findings[0].sentence
    assert codes(made) == ["subtitle-unreadable-cues"]


def test_a_paragraph_without_end_lasts_as_long_as_reading_takes() -> None:
    made = reading(ttml('<p begin="1s">Hello</p>'))
    assert [(cue.start_ms, cue.end_ms) for cue in made.cues] == [(1000, 2000)]
    assert codes(made) == ["subtitle-no-length"]


BOMB = (
    '<!DOCTYPE tt [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
OUTSIDE = '<!DOCTYPE tt [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (BOMB + ttml('<p begin="1s" end="2s">&i;</p>'), "document type"),
        (OUTSIDE + ttml('<p begin="1s" end="2s">&a;</p>'), "document type"),
        ('<!DOCTYPE tt SYSTEM "http://127.0.0.1/x.dtd">' + ttml(""), "document type"),
        (ttml("<div>" * 4000 + "</div>" * 4000), "too deep"),
        (ttml('<p begin="1s" end="2s">cut')[:-20], "damaged at line 1"),
        (f'<tt xmlns="{TTML}" xmlns:ttp="{TTML}#parameter" ttp:frameRate="0">'
         '<body><div><p begin="0:00:01:01">x</p></div></body></tt>', ""),
    ],
)  # fmt: skip
def test_hostile_ttml_is_a_finding(raw: str, why: str) -> None:
    made = reading(raw)
    assert why in made.findings[0].sentence
    assert not any("root" in cue.text or "haha" in cue.text for cue in made.cues)


KARAOKE = "".join(f'<span begin="{n}ms">x</span>' for n in range(9000))


@pytest.mark.parametrize(
    "raw",
    [
        ttml("".join(f'<p begin="{n}s" end="{n + 1}s" region="top">x</p>' for n in range(9000))),
        ttml(f'<p begin="1s" end="9s">{KARAOKE}</p>'),
        ttml('<p begin="1s" end="9s">' + "<span>x</span>" * 20_000 + "</p>"),
        "Scenarist_SCC V1.0\n\n" + "".join(
            f"00:{n // 60:02}:{n % 60:02}:00\t9420 9470 c8e5 ecec 942f\n\n" for n in range(3000)),
        "Scenarist_SCC V1.0\n\n00:00:01:00\t9420 9470 " + "c8e5 " * 50_000,
        "Scenarist_SCC V1.0\n\n00:00:01:00\t9425 " + "94ad 9470 c8e5 " * 3_000,
        "Scenarist_SCC V1.0\n\n" + "00:00:01:00\tzzzz 9\n" * 20_000,
    ],
)  # fmt: skip
@pytest.mark.long
async def test_long_files_take_a_time_that_grows_with_their_length(raw: str) -> None:
    """Each takes a few seconds of processor time at most, of the 30 that there are."""
    made = await read_apart(Asked(raw=raw.encode(), language="en", duration_ms=10 * HOUR_MS))
    assert not any("too much time" in found.sentence for found in made.findings)
    assert made.cues or made.findings


def test_scc_keeps_text_places_and_what_is_slanted() -> None:
    (hello, top) = reading(SCC).cues
    assert (hello.text, hello.settings) == ("Hello", "position:10% align:left")
    assert (top.text, top.settings.split()[0]) == ("<i>Top</i>", "line:11%")
    assert hello.start_ms == pytest.approx(1368, abs=40)
    assert top.end_ms == pytest.approx(5005, abs=40)


def test_a_programme_that_begins_at_an_hour_is_counted_from_there_and_told() -> None:
    made = reading(SCC.replace("00:00:0", "01:00:0"))
    assert codes(made) == ["subtitle-hours"]
    assert made.cues[0].start_ms == pytest.approx(1368, abs=4000)
    kept = reading(SCC.replace("00:00:0", "01:00:0"), 2 * HOUR_MS)
    assert codes(kept) == [], "a film may be longer than an hour"


def stl(cues: Sequence[tuple[str, str, int, bytes]], *, start: str = "10000000") -> bytes:
    """An EBU STL file at 25 pictures a second: begin, end, vertical place, text."""
    head = b"850STL25.01" + b"1" + b"00" + b"09" + b" " * 208 + b"260101260101" + b"01"
    head += b"%05d%05d001" % (len(cues), len(cues)) + b"40" + b"23" + b"1"
    head += start.encode() + start.encode() + b"11GBR"
    head = head.ljust(1024, b" ")
    blocks = [
        b"\x00" + number.to_bytes(2, "little") + b"\xff\x00"
        + bytes(int(time[at : at + 2]) for time in (begin, end) for at in (0, 2, 4, 6))
        + bytes([row, 2, 0]) + text.ljust(112, b"\x8f")
        for number, (begin, end, row, text) in enumerate(cues)
    ]  # fmt: skip
    return head + b"".join(blocks)


def test_ebu_stl_is_read_from_where_its_programme_begins() -> None:
    raw = stl(
        [
            ("10000100", "10000212", 20, b"\x80Slanted\x81 \xc8u"),
            ("10000300", "10000400", 2, b"One\x8atwo"),
        ]
    )
    (low, high) = reading(raw).cues
    assert (low.start_ms, low.end_ms, low.text) == (1000, 2480, "<i>Slanted</i> ü")
    assert (high.text, high.settings[:5]) == ("One\ntwo", "line:")
    assert low.settings == ""


@pytest.mark.parametrize("cut", [1024, 1030, 1024 + 128, 1024 + 200])
def test_a_cut_stl_file_gives_what_is_whole(cut: int) -> None:
    raw = stl([("10000100", "10000200", 20, b"One"), ("10000300", "10000400", 20, b"Two")])
    made = reading(raw[:cut])
    assert [cue.text for cue in made.cues] == ["One", "Two"][: (cut - 1024) // 128]


def places(raw: str) -> list[str]:
    return [cue.settings for cue in reading(raw).cues]


VTT = "WEBVTT\n\n00:01.000 --> 00:02.000 {}\nx\n"
SRT = "1\n00:00:01,000 --> 00:00:02,000\n{}x\n"
ASS = (
    "[Script Info]\nPlayResX: 1280\nPlayResY: 720\n\n[{}]\n"
    "Format: Name, Fontname, Bold, Italic, Underline, Alignment\n"
    "Style: Default,Arial,0,0,0,2\nStyle: Sign,Arial,0,-1,0,{}\n\n[Events]\n"
    "Format: Layer, Start, End, Style, Text\nDialogue: 0,0:00:01.00,0:00:02.00,{},{}\n"
)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (VTT.format("line:0 align:left"), "line:0 align:left"),
        (VTT.format("align:start position:10%,line-left line:84.66%,end size:35%"),
         "line:78.66% position:10% size:35% align:start"),
        (VTT.format("region:r1 line:101% size:9 align:justify position:x vertical:rl"),
         ""),
        (VTT.format("align:center"), ""),
        (SRT.format("{\\an8}"), "line:0"),
        (SRT.format("{\\an1}"), "align:left"),
        (SRT.format("{\\an5}"), "line:47%"),
        (SRT.format("{\\a6}"), "line:0"),
        (SRT.format(""), ""),
        (ASS.format("V4+ Styles", 8, "Sign", "x"), "line:0"),
        (ASS.format("V4 Styles", 6, "Sign", "x"), "line:0"),
        (ASS.format("V4+ Styles", 8, "Default", "x"), ""),
        (ASS.format("V4+ Styles", 2, "Sign", "{\\an9}x"), "line:0 align:right"),
        (ASS.format("V4+ Styles", 2, "Sign", "{\\pos(640,180)}x"), "line:19%"),
        (ASS.format("V4+ Styles", 2, "Sign", "{\\an7\\pos(128,72)}x"),
         "line:10% position:10% align:left"),
        (ASS.format("V4+ Styles", 2, "Sign", "{\\pos(1.1.1,9)}x"), ""),
    ],
)  # fmt: skip
def test_a_cue_keeps_its_place(raw: str, expected: str) -> None:
    assert places(raw) == [expected]


def test_what_a_style_slants_is_slanted() -> None:
    made = reading(ASS.format("V4+ Styles", 2, "Sign", "a{\\i0}b"))
    assert [cue.text for cue in made.cues] == ["<i>a</i>b"]


def test_a_cue_is_one_value_with_its_place() -> None:
    assert Cue(start_ms=1, end_ms=2, text="x") != Cue(
        start_ms=1, end_ms=2, text="x", settings="line:0"
    )
