"""I9: DASH and HLS over the same files, put together from what the packager tells."""

import xml.etree.ElementTree as ET

import msgspec

from vitascope.encoding.package.manifests import (
    Presentation,
    dash,
    hls_main,
    hls_media,
    read_packager,
)
from vitascope.kernel.media import AudioTrack, Codec, Language, Rung, TextTrack

NS = {"m": "urn:mpeg:dash:schema:mpd:2011", "cenc": "urn:mpeg:cenc:2013"}
PROTECTION = (
    '<ContentProtection schemeIdUri="urn:mpeg:dash:mp4protection:2011" value="cbcs" '
    'xmlns:cenc="urn:mpeg:cenc:2013" cenc:default_KID="{}"/>'
)


def written(*files: tuple[str, str, str, str]) -> str:
    """An MPD as the packager writes it: (file, mime type, codecs, key id)."""
    sets = "".join(
        f"<AdaptationSet>{PROTECTION.format(key) if key else ''}"
        f'<Representation id="{n}" bandwidth="{100_000 * (n + 1)}" codecs="{codecs}" '
        f'mimeType="{mime}"><BaseURL>{file}.mp4</BaseURL>'
        f'<SegmentBase indexRange="{n}00-{n}99"><Initialization range="0-{n}99"/></SegmentBase>'
        "</Representation></AdaptationSet>"
        for n, (file, mime, codecs, key) in enumerate(files)
    )
    return f'<MPD xmlns="{NS["m"]}"><Period>{sets}</Period></MPD>'


FILES = (
    ("v480", "video/mp4", "avc1.64001e", "1111"),
    ("v1080", "video/mp4", "avc1.640028", "2222"),
    ("a-en-2", "audio/mp4", "mp4a.40.2", "3333"),
    ("a-en-51", "audio/mp4", "mp4a.40.2", "3333"),
    ("a-fr-2", "audio/mp4", "mp4a.40.2", "3333"),
    ("t-fr", "application/mp4", "wvtt", ""),
)


def rung(name: str, height: int, kbps: int) -> Rung:
    return Rung(
        name=name,
        width=height * 16 // 9,
        height=height,
        codec=Codec.H264,
        bitrate_kbps=kbps,
        peak_kbps=2 * kbps,
        vmaf=90.0,
        vmaf_model="vmaf_v0.6.1",
        frame_rate=24.0,
    )


def sound(name: str, language: str, channels: int) -> AudioTrack:
    return AudioTrack(
        name=name,
        language=Language(language),
        channels=channels,
        codec=Codec.AAC,
        bitrate_kbps=128,
    )


FILM = Presentation(
    duration_s=30.0,
    rungs=(rung("v1080", 1080, 3000), rung("v480", 480, 800)),
    audio=(sound("a-en-2", "en", 2), sound("a-en-51", "en", 6), sound("a-fr-2", "fr", 2)),
    text=(TextTrack(name="t-fr", language=Language("fr"), forced=True),),
    frame_rate="24/1",
)


def sets_of(text: str) -> list[ET.Element]:
    return ET.fromstring(text).findall(".//m:AdaptationSet", NS)


def child(around: ET.Element, path: str) -> ET.Element:
    found = around.find(path, NS)
    assert found is not None, path
    return found


def names_in(around: ET.Element) -> list[str | None]:
    return [each.get("id") for each in around.findall("m:Representation", NS)]


def test_representations_carry_our_names_and_the_packagers_index() -> None:
    sets = sets_of(dash(FILM, read_packager(written(*FILES))))
    assert [names_in(around) for around in sets] == [
        ["v480"],
        ["v1080"],
        ["a-en-2"],
        ["a-en-51"],
        ["a-fr-2"],
        ["t-fr"],
    ]
    assert child(sets[1], ".//m:SegmentBase").get("indexRange") == "100-199"


def test_pictures_under_different_keys_are_apart_and_name_each_other() -> None:
    small, large, *others = sets_of(dash(FILM, read_packager(written(*FILES))))
    key = f"{{{NS['cenc']}}}default_KID"
    keys = [child(around, "m:ContentProtection").get(key) for around in (small, large)]
    assert keys == ["1111", "2222"]
    named = [child(around, "m:SupplementalProperty").get("value") for around in (small, large)]
    assert named == [large.get("id"), small.get("id")]
    assert others[-1].find("m:ContentProtection", NS) is None


def test_the_order_in_which_the_packagers_threads_end_changes_nothing() -> None:
    one = dash(FILM, read_packager(written(*FILES)))
    numbered = {name: n for n, (name, *_) in enumerate(FILES)}
    # the same streams, found in another order
    streams = read_packager(written(*FILES))
    other = {name: streams[name] for name in sorted(streams, key=lambda name: -numbered[name])}
    assert dash(FILM, other) == one
    assert hls_main(FILM, other) == hls_main(FILM, streams)


def test_languages_are_ours_and_forced_subtitles_say_so() -> None:
    sets = sets_of(dash(FILM, read_packager(written(*FILES))))
    assert [around.get("lang") for around in sets[2:]] == ["en", "en", "fr", "fr"]
    roles = [child(around, "m:Role").get("value") for around in sets]
    assert roles == ["main", "main", "main", "main", "alternate", "forced-subtitle"]


def test_hls_offers_every_rung_with_every_kind_of_sound() -> None:
    text = hls_main(FILM, read_packager(written(*FILES)))
    assert text.count("#EXT-X-STREAM-INF") == 4
    assert text.count('GROUP-ID="aac-2"') == 2
    assert text.count('GROUP-ID="aac-6"') == 2, "both have the same members"
    assert 'CODECS="avc1.640028,mp4a.40.2",RESOLUTION=1920x1080' in text
    assert "FORCED=YES" in text
    assert text.count("DEFAULT=YES") == 2, "one default in each group"


def test_hls_without_sound_has_no_audio_group() -> None:
    silent = Presentation(
        duration_s=30.0,
        rungs=FILM.rungs,
        audio=(),
        text=(),
        frame_rate=FILM.frame_rate,
    )
    text = hls_main(silent, read_packager(written(*FILES)))
    assert "AUDIO=" not in text
    assert text.count("#EXT-X-STREAM-INF") == 2


def test_a_playlist_names_its_own_key() -> None:
    text = '#EXTM3U\n## Generated by\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://one-for-all"\n'
    assert hls_media(text, "skd://one-for-all", "skd://abc") == (
        '#EXTM3U\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://abc"\n'
    )


def sounds(*tracks: AudioTrack) -> tuple[list[list[str]], list[str]]:
    """Roles of the DASH sets, and the HLS lines."""
    named = [("v480", "video/mp4", "avc1.64001e", "1")]
    named += [(track.name, "audio/mp4", "mp4a.40.2", "2") for track in tracks]
    film = msgspec.structs.replace(FILM, rungs=FILM.rungs[1:], audio=tracks, text=())
    streams = read_packager(written(*named))
    roles = [
        [role.get("value", "") for role in around.findall("m:Role", NS)]
        for around in sets_of(dash(film, streams))[1:]
    ]
    lines = [line for line in hls_main(film, streams).splitlines() if "TYPE=AUDIO" in line]
    return roles, lines


def test_roles_reach_both_manifests() -> None:
    main, other = sound("a-en-2", "en", 2), sound("a-fr-2", "fr", 2)
    roles, lines = sounds(
        msgspec.structs.replace(main, origin="original"),
        msgspec.structs.replace(other, origin="dub"),
        msgspec.structs.replace(main, name="a-en-ad-2", descriptive=True),
        msgspec.structs.replace(main, name="a-en-co-2", commentary=True, label="Director"),
    )
    assert roles == [["main", "original"], ["dub"], ["description"], ["commentary"]]
    names = [line.partition('NAME="')[2].partition('"')[0] for line in lines]
    assert names == [
        "English (Original)",
        "Français",
        "English (Audio description)",
        "English (Director)",
    ]
    assert ["DEFAULT=YES" in line for line in lines] == [True, False, False, False]
    assert ["AUTOSELECT=YES" in line for line in lines] == [True, True, True, False]
    assert ["describes-video" in line for line in lines] == [False, False, True, False]


def test_tracks_without_a_language_are_told_apart() -> None:
    first = sound("a-und-2", "und", 2)
    _, lines = sounds(first, msgspec.structs.replace(first, name="a-und-2-x2", member=2))
    assert [line.partition('NAME="')[2].partition('"')[0] for line in lines] == [
        "Original",
        "Original 2",
    ]
