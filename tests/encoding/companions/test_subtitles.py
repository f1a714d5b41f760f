"""I7: subtitles as WebVTT, safe, readable, and inside the film."""

import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from vitascope.encoding.companions.cues import (
    Cue,
    Unreadable,
    clean,
    decode,
    fit,
    read_cues,
    webvtt,
)
from vitascope.encoding.companions.subtitles import (
    TextPlan,
    extracted,
    make_subtitles,
    plan_subtitles,
    written,
)
from vitascope.encoding.contract.master import Finding, Source, TextSource
from vitascope.encoding.master.inspect import inspect
from vitascope.engines.media.boxed import BoxedMedia
from vitascope.kernel.media import Language, TextTrack

CLIPS = Path(__file__).parents[2] / "media"
MEDIA = BoxedMedia()
SRT = "1\n00:00:01,000 --> 00:00:03,500\n{text}\n\n2\n00:00:04,000 --> 00:00:05,000\nzwei\n"


async def multi() -> Source:
    source = (await inspect(MEDIA, CLIPS / "bbb_multi.mkv")).source
    assert source is not None
    return source


def plan(language: str = "en") -> TextPlan:
    text = TextSource(language=Language(language), codec="subrip", key="side.srt")
    return TextPlan(track=TextTrack(name="t-xx", language=text.language), text=text)


def codes(findings: list[Finding]) -> list[str]:
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


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_recognised(charset: str) -> None:
    text, name = decode(SRT.format(text="Grüße").encode(charset), "de")
    assert "Grüße" in text
    assert name.startswith("utf")


@pytest.mark.parametrize(
    ("language", "word"), [("ru", "Привет"), ("el", "Γειά"), ("fr", "Ça va"), ("tr", "şöyle")]
)
def test_legacy_pages_go_by_language(language: str, word: str) -> None:
    pages = {"ru": "cp1251", "el": "cp1253", "fr": "cp1252", "tr": "cp1254"}
    assert decode(word.encode(pages[language]), language) == (word, pages[language])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<i>Hi</i> <b>x &amp; y</b>", "<i>Hi</i> <b>x &amp; y</b>"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("&lt;script&gt;", "&lt;script&gt;"),
        ('<font color="red">red</font>', "red"),
        ("{\\an8}{\\i1}top\\Nline", "<i>top\nline</i>"),
        ("<i>a<b>b</i>c</b>", "<i>a<b>b</b></i>c"),
        ("3 < 5 --> 7", "3 &lt; 5 --&gt; 7"),
        ("one\n\n\ntwo", "one\ntwo"),
        ("\x00\u202egnp.exe\ue0001", "gnp.exe1"),
        ("<v Roger>who</v><c.big>c</c>", "whoc"),
        ("<i></i>", ""),
    ],
)
def test_markup_is_dropped_or_escaped(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(some.text(alphabet=some.characters(codec="utf-8") | some.sampled_from("<>&{}\\/ibuN-\n")))
def test_nothing_unsafe_survives(text: str) -> None:
    safe = clean(text)
    assert set(re.findall(r"<[^>]*>", safe)) <= {"<i>", "</i>", "<b>", "</b>", "<u>", "</u>"}
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
    "raw", [b"", b"\x00\x01\x02", b"just text", b"<tt><body/></tt>", b'{"segments": []}']
)
def test_what_is_no_subtitle_is_a_finding(raw: bytes) -> None:
    made, findings = written(raw, plan(), 60_000, 0)
    assert (made, codes(findings)) == ([], ["subtitles-unreadable"])


@given(some.binary(max_size=300))
def test_any_bytes_end_in_cues_or_a_finding(raw: bytes) -> None:
    for data in (raw, b"WEBVTT\n\n" + raw, b"1\n00:00:01,000 --> 00:00:02,000\n" + raw):
        made, findings = written(data, plan(), 60_000, 0)
        assert made or findings


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
