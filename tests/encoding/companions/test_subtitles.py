"""I7: subtitles as WebVTT, safe, readable, and inside the film."""

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from vitascope.encoding.companions.charsets import decode
from vitascope.encoding.companions.cues import Cue, fit, read_cues, webvtt
from vitascope.encoding.companions.markup import Kind, clean
from vitascope.encoding.companions.parsed import Unreadable
from vitascope.encoding.companions.reading import Asked, Reading, read, read_apart
from vitascope.encoding.companions.subtitles import (
    TextPlan,
    extracted,
    make_subtitles,
    plan_subtitles,
)
from vitascope.encoding.contract.master import Finding, Source, TextSource
from vitascope.encoding.master.inspect import inspect
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.kernel.media import Language, TextTrack

CLIPS = Path(__file__).parents[2] / "media"
MEDIA = SandboxedMedia()
SRT = "1\n00:00:01,000 --> 00:00:03,500\n{text}\n\n2\n00:00:04,000 --> 00:00:05,000\nzwei\n"


async def multi() -> Source:
    source = (await inspect(MEDIA, CLIPS / "bbb_multi.mkv")).source
    assert source is not None
    return source


def plan(language: str = "en") -> TextPlan:
    text = TextSource(language=Language(language), codec="subrip", key="side.srt")
    return TextPlan(track=TextTrack(name="t-xx", language=text.language), text=text)


def written(raw: bytes, language: str = "en", duration_ms: int = 60_000) -> Reading:
    return read(Asked(raw=raw, language=language, duration_ms=duration_ms))


def texts(raw: bytes | str, language: str = "en") -> list[str]:
    data = raw.encode() if isinstance(raw, str) else raw
    return [cue.text for cue in written(data, language).cues]


def codes(findings: Iterable[Finding]) -> list[str]:
    return [found.code for found in findings]


async def test_embedded_tracks_become_webvtt_inside_the_film(tmp_path: Path) -> None:
    source = await multi()
    for each, word in zip(plan_subtitles(source.text), ("Hello", "Bonjour"), strict=True):
        raw = await extracted(MEDIA, CLIPS / "bbb_multi.mkv", source, each, tmp_path)
        made = await make_subtitles(raw, each, source.duration_ms, tmp_path)
        assert made.path.name == f"{each.track.name}.vtt"
        assert made.path.read_text() == f"WEBVTT\n\n00:00:11.000 --> 00:00:14.000\n{word}\n"
        assert [found.code for found in made.findings] == ["subtitle-outside"]


async def test_a_side_file_is_read_in_its_old_code_page(tmp_path: Path) -> None:
    side = SRT.format(text="Žluťoučký kůň").encode("cp1250")
    made = await make_subtitles(side, plan("cs"), 15_000, tmp_path)
    assert "Žluťoučký kůň" in made.path.read_text()
    assert (made.cues, codes(list(made.findings))) == (2, ["subtitle-charset"])


@pytest.mark.parametrize(
    "charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_unicode_is_recognised(charset: str) -> None:
    spelled = decode(SRT.format(text="Grüße").encode(charset), "de")
    assert "Grüße" in spelled.text
    assert spelled.charset.startswith("utf")


@pytest.mark.parametrize(
    ("language", "word"), [("ru", "Привет"), ("el", "Γειά"), ("fr", "Ça va"), ("tr", "şöyle")]
)
def test_legacy_pages_go_by_language(language: str, word: str) -> None:
    pages = {"ru": "cp1251", "el": "cp1253", "fr": "cp1252", "tr": "cp1254"}
    spelled = decode(word.encode(pages[language]), language)
    assert (spelled.text, spelled.charset) == (word, pages[language])


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("srt", "<i>Hi</i> <b>x &amp; y</b>", "<i>Hi</i> <b>x &amp; y</b>"),
        ("srt", "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("vtt", "<script>alert(1)</script>", "alert(1)"),
        ("vtt", "&lt;script&gt;", "&lt;script&gt;"),
        ("srt", '<font color="red">red</font>', "red"),
        ("srt", "{\\an8}{\\i1}top\\Nline", "<i>top\\Nline</i>"),
        ("ass", "{\\an8}{\\i1}top\\Nline\\h{comment}x", "<i>top\nline x</i>"),
        ("srt", "{laughs} C:\\new folder\\n", "{laughs} C:\\new folder\\n"),
        ("srt", "<John> a <y> b, I <3 you", "&lt;John&gt; a &lt;y&gt; b, I &lt;3 you"),
        ("srt", "R&copy AT&amp;T", "R&amp;copy AT&amp;T"),
        ("ass", "{\\p1}m 0 0 l 9 9{\\p0}said", "said"),
        ("ass", "{\\p1}m 0 0 l 9 9", ""),
        ("srt", "<i>a<b>b</i>c</b>", "<i>a<b>b</b></i>c"),
        ("srt", "3 < 5 --> 7", "3 &lt; 5 --&gt; 7"),
        ("srt", "one\n\n\ntwo", "one\ntwo"),
        ("srt", "\x00\u202egnp.exe\ue0001", "gnp.exe1"),
        ("vtt", "<v Roger>who</v><c.big>c</c><00:01.000>d", "whocd"),
        ("vtt", "<ruby>漢<rt>かん</rt></ruby>", "<ruby>漢<rt>かん</rt></ruby>"),
        ("vtt", "<rt>alone<i>", "<rt>alone<i></i></rt>"),
        ("ass", "{\\i1} indented", "<i>indented</i>"),
        ("srt", "&#xe000;1x&#10;y", "1x\ny"),
        ("srt", "<i></i>", ""),
    ],
)
def test_markup_is_that_of_the_format_and_all_else_is_text(
    kind: Kind, text: str, expected: str
) -> None:
    assert clean(text, kind) == expected


TAGS = {f"<{end}{name}>" for end in ("", "/") for name in ("i", "b", "u", "ruby", "rt")}


@given(
    text=some.text(
        alphabet=some.characters(codec="utf-8") | some.sampled_from("<>&{}\\/#;ibuN-\n")
    ),
    kind=some.sampled_from(["srt", "vtt", "ass"]),
)
def test_nothing_unsafe_survives(text: str, kind: Kind) -> None:
    safe = clean(text, kind)
    assert set(re.findall(r"<[^>]*>", safe)) <= TAGS
    assert "-->" not in safe
    assert "\n\n" not in safe
    assert safe.count("<i>") == safe.count("</i>")
    assert all(ord(letter) >= 32 or letter == "\n" for letter in safe)


cues = some.lists(
    some.builds(
        Cue,
        start_ms=some.integers(-5_000, 70_000),
        end_ms=some.integers(-5_000, 70_000),
        text=some.sampled_from(["a", "two\nlines", "x" * 300]),
        settings=some.sampled_from(["", "line:0", "line:5% position:10% align:left"]),
    )
)


@given(cues=cues, shift=some.integers(-2000, 2000))
def test_cues_fit_the_film_and_can_be_read_back(cues: list[Cue], shift: int) -> None:
    fitted, _ = fit(cues, 60_000, "en", shift)
    assert all(0 <= cue.start_ms < cue.end_ms <= 60_000 for cue in fitted)
    assert [cue.start_ms for cue in fitted] == sorted(cue.start_ms for cue in fitted)
    if fitted:
        again, _ = read_cues(webvtt(fitted).encode(), "en")
        assert again == fitted


def test_odd_cues_are_told() -> None:
    odd = [
        Cue(start_ms=1000, end_ms=3000, text="a"),
        Cue(start_ms=2000, end_ms=3500, text="over"),
        Cue(start_ms=5000, end_ms=4000, text="back"),
        Cue(start_ms=6000, end_ms=6100, text="far too much to read"),
        Cue(start_ms=9500, end_ms=12_000, text="late"),
        Cue(start_ms=20_000, end_ms=21_000, text="out"),
    ]
    fitted, findings = fit(odd, 10_000, "en")
    assert [cue.text for cue in fitted] == ["a", "over", "far too much to read", "late"]
    assert fitted[-1].end_ms == 10_000
    assert codes(findings) == [
        "subtitle-backwards",
        "subtitle-outside",
        "subtitle-cut",
        "subtitle-overlap",
        "subtitle-too-fast",
    ]


@pytest.mark.parametrize(
    "raw", [b"\x00\x01\x02", b"just text", b"<html><body/></html>", b'{"segments": []}']
)
def test_what_is_no_subtitle_is_a_finding(raw: bytes) -> None:
    made = written(raw)
    assert (made.cues, codes(made.findings)) == ((), ["subtitles-unreadable"])


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"WEBVTT\n\n", b"[Script Info]\n[Events]\n"])
def test_an_empty_file_is_said_to_be_empty(raw: bytes) -> None:
    made = written(raw)
    assert (made.cues, codes(made.findings)) == ((), ["subtitles-empty"])
    assert "are empty" in made.findings[0].sentence


@given(some.binary(max_size=300))
def test_any_bytes_end_in_cues_or_a_finding(raw: bytes) -> None:
    for data in (raw, b"WEBVTT\n\n" + raw, b"1\n00:00:01,000 --> 00:00:02,000\n" + raw):
        made = written(data)
        assert made.cues or made.findings


def test_a_huge_file_is_not_parsed() -> None:
    with pytest.raises(Unreadable, match="16 MiB"):
        read_cues(b"x" * (16 * 2**20 + 1), "en")


def test_names_tell_language_and_kind() -> None:
    plain = TextSource(language=Language("pt-BR"), codec="ass")
    texts = tuple(
        msgspec.structs.replace(plain, index=number, **kind)
        for number, kind in enumerate([{}, {"forced": True}, {"closed_captions": True}, {}])
    )
    planned = plan_subtitles(texts)
    names = [each.track.name for each in planned]
    assert names == ["t-pt-br", "t-pt-br-forced", "t-pt-br-cc", "t-pt-br-x2"]


def test_every_text_of_an_odd_file_is_kept() -> None:
    made = written((CLIPS / "text_utf16_last_line_a_number.srt").read_bytes())
    assert [cue.text for cue in made.cues] == [
        "Overlaps; 3 &lt; 5 &amp; a &lt;y&gt; b",
        "<i>Top</i> sign red",
        "Zero long",
        "{laughs} Curly",
        "42",
        "C:\\new folder \\ path",
        "- <b>Who?</b>\n- Me &amp; you",
        "In the year\n1984",
    ] or [cue.text for cue in made.cues]
    assert {"subtitle-outside", "subtitle-no-length"} <= set(codes(made.findings))


TIMES = "00:00:0{}{c}000 {arrow} 00:00:0{}{c}900"


@pytest.mark.parametrize("arrow", ["-->", "->", "—>", "-- >", "=>"])
@pytest.mark.parametrize("comma", [",", ".", ":"])
def test_times_are_read_as_people_write_them(arrow: str, comma: str) -> None:
    times = [TIMES.format(n, n, c=comma, arrow=arrow) for n in (1, 2)]
    assert texts(f"1\n{times[0]}\none\n\n2\n{times[1]}\ntwo") == ["one", "two"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1\n{a}\n1984\n\n2\n{b}\n2001", ["1984", "2001"]),
        ("1\n{a}\nIn\n1984\n2\n{b}\n7", ["In\n1984", "7"]),  # no empty line between
        ("{a}\none\n{b}\ntwo\n3", ["one", "two\n3"]),  # no numbers
        ("1\n{a}\none\n\nstill one\n\n2\n{b}\ntwo", ["one\nstill one", "two"]),
        ("1\n{a} X1:10 Y1:20\none\n\n2\n{b} two\n", ["one", "two"]),
        ("1\n{a}\n\n2\n{b}\ntwo", ["two"]),
        ("WEBVTT\n\n7\n{a} align:left\n1984\n{b}\ntwo\n\nNOTE x\n\nSTYLE\n::cue {{}}",
         ["1984", "two"]),
    ],
)  # fmt: skip
def test_numbers_are_text_where_they_are_text(text: str, expected: list[str]) -> None:
    times = [TIMES.format(n, n, c=".", arrow="-->") for n in (1, 2)]
    assert texts(text.format(a=times[0], b=times[1])) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "1\n00:00:01,000 --> 00:00:02,000\none\n\n2\n00:00:xx,000 --> 00:00:04\ntwo",
        "1\n00:00:01,000 --> 00:00:02,000\none\n\n2\n00:00 --> 4\ntwo",
        "WEBVTT\n\n00:01.000 --> 00:02.000\none\n\n2\n00:00 --> 4\ntwo",
        "[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,D,,0,0,0,,one\nDialogue: 0,x,y,D,,0,0,0,,two",
    ],
)
def test_a_cue_that_cannot_be_read_is_told_or_its_text_is_shown(raw: str) -> None:
    made = written(raw.encode())
    assert "one" in made.cues[0].text
    assert "two" in made.cues[0].text or "subtitle-unreadable-cues" in codes(made.findings)


def test_text_before_the_first_times_is_told() -> None:
    made = written(("lost words\n\n" + SRT.format(text="x")).encode())
    assert "lost words" in made.findings[0].sentence


def test_one_line_in_another_charset_does_not_spoil_the_others() -> None:
    raw = SRT.format(text="Grüße").encode() + "\n3\n00:00:06,000 --> 00:00:07,000\nété\n".encode(
        "latin-1"
    )
    made = written(raw, "fr")
    assert [cue.text for cue in made.cues] == ["Grüße", "zwei", "été"]
    (found,) = made.findings
    assert (found.code, found.from_ms) == ("subtitle-charset-mixed", 6000)


def test_ass_is_read_by_its_own_fields() -> None:
    ass = (
        "[Script Info]\n[Events]\nFormat: Start, End, Style, Text\n"
        "Comment: 0:00:00.00,0:00:09.00,D,hidden\n"
        "Dialogue: 0:00:01.50,0:00:02.00,D,{\\i1}one, two\\Nthree{\\i0}\n"
    )
    (cue,) = written(ass.encode()).cues
    assert (cue.start_ms, cue.end_ms, cue.text) == (1500, 2000, "<i>one, two\nthree</i>")


BOMBS = (
    *("{{", "{\\p1}", "{\\an8", "<i ", "<", "1:", "00:00:01,000 -->", "&#", " 1 ", "-"),
    "\n1\n",
)
HEADS = (
    *("", SRT.format(text=""), "WEBVTT\n\n00:01.000 --> 00:02.000\n"),
    "[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,D,,0,0,0,,",
)


@pytest.mark.parametrize("head", HEADS)
async def test_hostile_text_is_read_within_seconds_of_processor_time(head: str) -> None:
    """300 kB of each; what grows with the square takes minutes."""
    text = "\n".join(head + piece * (300_000 // len(piece)) for piece in BOMBS)
    asked = Asked(raw=text.encode(), language="en", duration_ms=60_000)
    told = [found.sentence for found in (await read_apart(asked)).findings]
    assert not any("too much time" in sentence for sentence in told)


async def test_reading_that_takes_too_much_ends_as_a_finding() -> None:
    asked = Asked(raw=SRT.format(text="x").encode(), language="en", duration_ms=60_000)
    assert (await read_apart(asked)).cues
    late = await read_apart(asked, wall_s=0.0)
    assert (late.cues, codes(late.findings)) == ((), ["subtitles-unreadable"])
    costly = await read_apart(asked, cpu_s=0)
    assert (costly.cues, codes(costly.findings)) == ((), ["subtitles-unreadable"])


@pytest.mark.parametrize(
    ("name", "expected", "codes_told"),
    [
        ("text_one_cue_not_utf8.mkv", ["Hello", "Été", "Bye"], ["subtitle-charset"]),
        ("text_empty_forced_track.mkv", [], ["subtitles-empty"]),
    ],
)
async def test_odd_tracks_of_a_master_are_kept_or_told(
    tmp_path: Path, name: str, expected: list[str], codes_told: list[str]
) -> None:
    source = (await inspect(MEDIA, CLIPS / name)).source
    assert source is not None
    (each,) = plan_subtitles(source.text)
    raw = await extracted(MEDIA, CLIPS / name, source, each, tmp_path)
    made = await make_subtitles(raw, each, source.duration_ms, tmp_path)
    assert all(word in made.path.read_text() for word in expected)
    assert (made.cues, codes(made.findings)) == (len(expected), codes_told)


async def test_a_track_that_cannot_be_taken_out_is_told_and_fails_nothing(tmp_path: Path) -> None:
    source = await multi()
    (first, *_) = plan_subtitles(source.text)
    gone = msgspec.structs.replace(first, text=msgspec.structs.replace(first.text, index=99))
    raw = await extracted(MEDIA, CLIPS / "bbb_multi.mkv", source, gone, tmp_path)
    assert raw is None
    made = await make_subtitles(raw, gone, source.duration_ms, tmp_path)
    assert (made.cues, codes(made.findings)) == (0, ["subtitles-unreadable"])
