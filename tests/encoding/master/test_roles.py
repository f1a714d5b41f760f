"""I7: what a sound track of a master is for."""

from typing import Any

import pytest

from vitascope.encoding.contract.master import AudioSource
from vitascope.encoding.master.mixes import Mono, joined
from vitascope.encoding.master.roles import Told, told_of
from vitascope.encoding.master.tracks import sounds_of, texts_of
from vitascope.kernel.media import Language


def stream(title: str = "", *flags: str, language: str = "eng", **more: Any) -> dict[str, Any]:
    told = {"index": 1, "codec_type": "audio", "codec_name": "aac", "channels": 2}
    tags = {"language": language, **({"title": title} if title else {})}
    return {**told, "tags": tags, "disposition": dict.fromkeys(flags, 1), **more}


def told(title: str = "", *flags: str, language: str = "eng") -> Told:
    return told_of(stream(title, *flags, language=language), Language("en"))


@pytest.mark.parametrize(
    "title",
    [
        *("Commentary", "Director's commentary", "Commentaire audio", "Kommentar (Regie)"),
        *("Comentario del director", "Comentário", "Commento del regista", "Audiokommentar"),
        *("Komentarz reżysera", "Komentář", "Yönetmen yorumu", "Комментарий режиссёра"),
        *("コメンタリー", "导评", "코멘터리", "Kommentaarraita", "COMMENTARY 2.0 AC3"),
    ],
)
def test_commentaries_are_known_by_their_titles(title: str) -> None:
    assert told(title).role == "commentary"


@pytest.mark.parametrize(
    "title",
    [
        *("Audio description", "English AD", "Descriptive audio", "Described video", "DVS"),
        *("Audiodescription", "Audio-description", "Audiodeskription", "Hörfilm"),
        *("Audiodescripción", "Audiodescrizione", "Audiodescrição", "Audiodeskrypcja"),
        *("Syntolkning", "Kuvailutulkkaus", "Тифлокомментарий", "音声解説", "화면해설"),
        *("Sesli betimleme", "Version pour malvoyants", "Audio popis / Audiopopis"),
    ],
)
def test_descriptions_are_known_by_their_titles(title: str) -> None:
    assert told(title).role == "description"


@pytest.mark.parametrize(
    "title",
    [
        *("", "English 5.1", "Stereo", "Theatrical mix", "Without commentary", "Ohne Kommentar"),
        *("Sans commentaires", "Dublin concert", "Double mono", "Adventure", "SoundHandler"),
    ],
)
def test_what_says_nothing_of_a_role_is_main(title: str) -> None:
    found = told(title)
    assert (found.role, found.origin) == ("main", "unknown")


@pytest.mark.parametrize(
    ("title", "origin"),
    [
        *(("VF", "dub"), ("Doublage", "dub"), ("Synchronfassung", "dub"), ("Dubbed", "dub")),
        *(("VO", "original"), ("Version originale", "original"), ("Original 5.1", "original")),
        *(("Дубляж", "dub"), ("日本語吹き替え", "dub"), ("Originalton", "original")),
    ],
)
def test_dubbed_and_original_are_known_by_their_titles(title: str, origin: str) -> None:
    assert (told(title).role, told(title).origin) == ("main", origin)


def test_flags_and_broadcasters_codes_count_before_titles() -> None:
    assert told("", "comment").role == "commentary"
    assert told("", "visual_impaired").role == told("", "descriptions").role == "description"
    assert told("", "dub").origin == "dub"
    assert told("", "original").origin == "original"
    assert told(language="qad").role == "description"
    assert told(language="qaa").origin == "original"


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ("English", ""),
        ("English 5.1 (AC-3 @ 640 kbps)", ""),
        ("Surround 7.1 DTS-HD MA", ""),
        ("Theatrical mix", "Theatrical mix"),
        ("Commentary", ""),
        ("Director's commentary", "Director's commentary"),
        ("Audio description", ""),
        ("Audio description (UK)", "Audio description (UK)"),
        ("Apple Sound Media Handler", ""),
    ],
)
def test_a_label_is_what_is_not_said_elsewhere(title: str, label: str) -> None:
    assert told(title).label == label


def mono(index: int, layout: str = "mono", title: str = "", codec: str = "pcm_s24le") -> Mono:
    sound = AudioSource(
        index=index,
        language=Language("und"),
        channels=1,
        sample_rate=48000,
        codec=codec,
        layout=layout,
    )
    return Mono(sound=sound, title=title)


def parts(*streams: Mono) -> list[tuple[int, ...]]:
    return [found.parts or (found.index,) for found in joined(streams)[0]]


def test_left_and_right_are_one_mix() -> None:
    left, right = mono(1, "1 channels (FL)"), mono(2, "1 channels (FR)")
    assert parts(left, right, mono(3, codec="aac")) == [(1, 2), (3,)]
    assert parts(mono(1, title="Left", codec="aac"), mono(2, title="Right", codec="aac")) == [
        (1, 2)
    ]
    assert parts(mono(1, title="Gauche"), mono(2, title="Droite")) == [(1, 2)]
    assert parts(
        mono(1, title="L"), mono(2, title="R"), mono(3, title="L"), mono(4, title="R")
    ) == [
        (1, 2),
        (3, 4),
    ]


def test_channels_without_a_name_are_taken_in_their_usual_order() -> None:
    mixes, (found,) = joined([mono(index) for index in range(1, 9)])
    assert [(mix.parts, mix.channels) for mix in mixes] == [((1, 2, 3, 4, 5, 6), 6), ((7, 8), 2)]
    assert found.code == "mono-joined"
    assert parts(mono(1), mono(2)) == [(1, 2)]


def test_mono_tracks_that_are_something_else_stay_apart() -> None:
    assert parts(mono(1, codec="aac"), mono(2, codec="aac")) == [(1,), (2,)]
    assert parts(mono(1), mono(2), mono(3)) == [(1,), (2,), (3,)]
    assert parts(mono(1, title="English"), mono(2, title="French")) == [(1,), (2,)]
    assert parts(mono(1, "1 channels (FL)"), mono(2)) == [(1,), (2,)]


@pytest.mark.parametrize(
    "codec", ["aac_latm", "pcm_dvd", "pcm_f64be", "adpcm_ms", "mp1", "dts", "amr_nb", "s302m"]
)
def test_sound_is_taken_by_families(codec: str) -> None:
    sounds, findings = sounds_of([stream("", codec_name=codec)])
    assert [sound.codec for sound in sounds] == [codec]
    assert findings == []


def test_what_cannot_be_heard_is_left_out_and_told() -> None:
    odd = stream("", codec_name="adpcm_xa", index=2)
    sounds, findings = sounds_of([stream(), odd])
    assert [sound.index for sound in sounds] == [1]
    assert [(found.code, found.severity) for found in findings] == [("sound-left-out", "warning")]


def test_text_that_cannot_be_read_is_not_said_to_be_images() -> None:
    given: list[dict[str, Any]] = [
        {"index": 2, "codec_type": "subtitle", "codec_name": name, "tags": {}}
        for name in ("dvb_teletext", "hdmv_pgs_subtitle", "eia_608")
    ]
    texts, findings = texts_of(given)
    assert [(text.index, text.closed_captions) for text in texts] == [(2, True)]
    assert [found.code for found in findings] == ["subtitles-left-out", "subtitles-are-pictures"]
