"""DASH and HLS over the same files.

What only the packager knows (where the index of a file lies, its codecs, its protection headers)
is read from the MPDs it wrote; the presentation is put together here. Representations carry the
names of the rungs and tracks. Pictures of different formats, or under different keys, are in sets
of their own, as DASH-IF asks; sets of one format say that a player may switch between them.
"""

import copy
import itertools
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vitascope.encoding.package.naming import sound_names, text_names
from vitascope.encoding.package.static import moved_range, moved_ranges
from vitascope.kernel.media import (
    AudioTrack,
    Codec,
    DynamicRange,
    Format,
    KeyLabel,
    Rung,
    TextTrack,
)

MPD = "urn:mpeg:dash:schema:mpd:2011"
_ROLE = "urn:mpeg:dash:role:2011"
_OWN_ROLE = "urn:vitascope:role"  # there is no value for the original language among the others
_SWITCHING = "urn:mpeg:dash:adaptation-set-switching:2016"
_PURPOSE = "urn:tva:metadata:cs:AudioPurposeCS:2007"
_PREFIXES = {
    "": MPD,
    "cenc": "urn:mpeg:cenc:2013",
    "mspr": "urn:microsoft:playready",
}


# Of ITU-T H.273: what a player of HDR has to know before it fetches anything. One that does not
# know these properties leaves such pictures out.
_CICP = "urn:mpeg:mpegB:cicp:"
_TRANSFERS = {DynamicRange.HDR10: "16", DynamicRange.HLG: "18"}
_RANGES = {DynamicRange.SDR: "SDR", DynamicRange.HDR10: "PQ", DynamicRange.HLG: "HLG"}


class Presentation(msgspec.Struct, frozen=True, kw_only=True):
    """What the manifests tell of."""

    duration_s: float
    rungs: tuple[Rung, ...]
    audio: tuple[AudioTrack, ...]
    text: tuple[TextTrack, ...]
    frame_rate: str
    is_protected: bool = True


class PackagedStream:
    """One file as the packager described it."""

    def __init__(self, found: ET.Element, around: ET.Element, moved: int = 0) -> None:
        self.bandwidth = int(found.get("bandwidth", "0"))
        self.codecs = found.get("codecs", "")
        self.mime = found.get("mimeType", "")
        self.sampling = found.get("audioSamplingRate", "")
        self.segments = _moved(_of(found, "SegmentBase"), moved)
        self.channels = _of(found, "AudioChannelConfiguration")
        self.protection = around.findall(f"{{{MPD}}}ContentProtection")


PackagedStreams = Mapping[str, PackagedStream]


def _of(parent: ET.Element, tag: str) -> ET.Element | None:
    return parent.find(f"{{{MPD}}}{tag}")


def _moved(segments: ET.Element | None, by: int) -> ET.Element | None:
    told = () if segments is None or not by else segments.iter()
    for each in told:
        for name in ("indexRange", "range"):
            if name in each.attrib:
                each.set(name, moved_range(each.attrib[name], by))
    return segments


def read_packager(text: str, moved: Mapping[str, int] | None = None) -> dict[str, PackagedStream]:
    """Returns the packager's streams by the stem of their file. `moved` are bytes by which all
    behind the header of a file has moved since."""
    streams: dict[str, PackagedStream] = {}
    for around in ET.fromstring(text).iter(f"{{{MPD}}}AdaptationSet"):
        for found in around.findall(f"{{{MPD}}}Representation"):
            file = found.findtext(f"{{{MPD}}}BaseURL", "")
            name = file.removesuffix(".mp4")
            streams[name] = PackagedStream(found, around, (moved or {}).get(name, 0))
    return streams


def dash(presentation: Presentation, streams: PackagedStreams) -> str:
    for prefix, uri in _PREFIXES.items():
        ET.register_namespace(prefix, uri)
    root = ET.Element(
        f"{{{MPD}}}MPD",
        profiles="urn:mpeg:dash:profile:isoff-on-demand:2011",
        type="static",
        minBufferTime="PT2S",
        mediaPresentationDuration=f"PT{presentation.duration_s:.3f}S",
    )
    period = _add(root, "Period", id="0", start="PT0S")
    _add_pictures(period, presentation, streams)
    for track in presentation.audio:
        first = presentation.audio[0]
        _add_sound(period, track, streams[track.name], is_first=_is_same_sound(track, first))
    for subtitle in presentation.text:
        _add_text(period, subtitle, streams[subtitle.name])
    for number, added in enumerate(period):
        added.set("id", str(number))
    _name_switches(period, presentation)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _add(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{MPD}}}{tag}", attributes)


def _add_pictures(period: ET.Element, presentation: Presentation, streams: PackagedStreams) -> None:
    labels: Sequence[KeyLabel | None] = list(KeyLabel) if presentation.is_protected else [None]
    for format, label in itertools.product(formats_of(presentation.rungs), labels):
        rungs = [
            rung
            for rung in by_bitrate(presentation.rungs)
            if label in (rung.key_label, None) and rung.format == format
        ]
        if not rungs:
            continue
        around = _add_set(period, "video", streams[rungs[0].name])
        for name, value in _colours_of(format).items():
            _add(around, "EssentialProperty", schemeIdUri=f"{_CICP}{name}", value=value)
        _add(around, "Role", schemeIdUri=_ROLE, value="main")
        for rung in rungs:
            shown = {"width": str(rung.width), "height": str(rung.height), "sar": "1:1"}
            shown["frameRate"] = presentation.frame_rate
            _add_representation(around, rung.name, streams[rung.name], shown)


def _colours_of(format: Format) -> dict[str, str]:
    if format.dynamic_range is DynamicRange.SDR:
        return {}
    transfer = _TRANSFERS[format.dynamic_range]
    named = {"ColourPrimaries": "9", "TransferCharacteristics": transfer}
    return named | {"MatrixCoefficients": "9"}


def _add_sound(
    period: ET.Element, track: AudioTrack, stream: PackagedStream, *, is_first: bool
) -> None:
    around = _add_set(period, "audio", stream)
    around.set("lang", track.language)
    if track.label:
        _add(around, "Label").text = track.label
    if track.descriptive:
        _add(around, "Accessibility", schemeIdUri=_PURPOSE, value="1")
    for scheme, role in _roles_of(track, is_first=is_first):
        _add(around, "Role", schemeIdUri=scheme, value=role)
    _add_representation(around, track.name, stream, {"audioSamplingRate": stream.sampling})


def _roles_of(track: AudioTrack, *, is_first: bool) -> list[tuple[str, str]]:
    """What a sound is for comes first; a player that reads one role reads that."""
    if track.role != "main":
        return [(_ROLE, track.role)]
    roles = [(_ROLE, "main")] if is_first else []
    roles += [(_ROLE, "dub")] if track.origin == "dub" else []
    roles = roles or [(_ROLE, "alternate")]
    return [*roles, *([(_OWN_ROLE, "original")] if track.origin == "original" else [])]


def _is_same_sound(track: AudioTrack, other: AudioTrack) -> bool:
    """Returns True for one sound in other channels."""
    return _sound_of(track) == _sound_of(other)


def _sound_of(track: AudioTrack) -> tuple[object, ...]:
    return track.language, track.role, track.origin, track.label, track.member


def _add_text(period: ET.Element, track: TextTrack, stream: PackagedStream) -> None:
    around = _add_set(period, "text", stream)
    around.set("lang", track.language)
    role = "forced-subtitle" if track.forced else "caption" if track.closed_captions else "subtitle"
    _add(around, "Role", schemeIdUri=_ROLE, value=role)
    _add_representation(around, track.name, stream, {})


def _add_set(period: ET.Element, kind: str, stream: PackagedStream) -> ET.Element:
    around = _add(
        period,
        "AdaptationSet",
        contentType=kind,
        mimeType=stream.mime,
        subsegmentAlignment="true",
        subsegmentStartsWithSAP="1",
    )
    around.extend(copy.deepcopy(stream.protection))
    return around


def _add_representation(
    around: ET.Element, name: str, stream: PackagedStream, attributes: dict[str, str]
) -> None:
    shown = {key: value for key, value in attributes.items() if value}
    made = _add(
        around,
        "Representation",
        id=name,
        bandwidth=str(stream.bandwidth),
        codecs=stream.codecs,
        **shown,
    )
    if stream.channels is not None:
        made.append(copy.deepcopy(stream.channels))
    _add(made, "BaseURL").text = f"{name}.mp4"
    if stream.segments is not None:
        made.append(copy.deepcopy(stream.segments))


def _name_switches(period: ET.Element, presentation: Presentation) -> None:
    """Every picture set names the others of its format, after its protection and its
    colours."""
    formats = {rung.name: rung.format for rung in presentation.rungs}
    pictures = {
        around: formats[found.get("id", "")]
        for around in period
        if (found := _of(around, "Representation")) is not None and found.get("id", "") in formats
    }
    for around, format in pictures.items():
        others = [
            each.get("id", "")
            for each, its in pictures.items()
            if each is not around and its == format
        ]
        if others:
            named = ET.Element(
                f"{{{MPD}}}SupplementalProperty",
                {"schemeIdUri": _SWITCHING, "value": ",".join(others)},
            )
            before = [f"{{{MPD}}}ContentProtection", f"{{{MPD}}}EssentialProperty"]
            around.insert(sum(len(around.findall(tag)) for tag in before), named)


def formats_of(rungs: Iterable[Rung]) -> list[Format]:
    return list(dict.fromkeys(rung.format for rung in rungs))


def by_bitrate(rungs: Iterable[Rung]) -> list[Rung]:
    return sorted(rungs, key=lambda rung: (rung.bitrate_kbps, rung.name))


# -- HLS


def hls_media(text: str, written_uri: str, uri: str, moved: int = 0) -> str:
    """Returns a media playlist with its own key's address and without the packager's remarks; where
    all behind the header of its file has moved, with that."""
    text = moved_ranges(text, moved) if moved else text
    kept = [line for line in text.splitlines() if not line.startswith("## ")]
    return "\n".join(kept).replace(f'"{written_uri}"', f'"{uri}"') + "\n"


def hls_main(presentation: Presentation, streams: PackagedStreams) -> str:
    groups = _groups(presentation.audio)
    lines = ["#EXTM3U", "#EXT-X-VERSION:6", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for group, tracks in groups.items():
        lines += [
            _sound(group, track, name, is_first=track is tracks[0])
            for track, name in zip(tracks, sound_names(tracks), strict=True)
        ]
    names = text_names(presentation.text)
    lines += [_subtitle(track, name) for track, name in zip(presentation.text, names, strict=True)]
    # what is listed first is taken by players that know of no ranges
    in_sdr_first = sorted(
        by_bitrate(_in_hls(presentation.rungs)),
        key=lambda rung: rung.dynamic_range is not DynamicRange.SDR,
    )
    for rung in in_sdr_first:
        for sound in groups or {"": ()}:
            tracks = groups.get(sound, ())
            lines += [
                _variant(rung, sound, tracks, streams, bool(presentation.text)),
                f"{rung.name}.m3u8",
            ]
    return "\n".join(lines) + "\n"


def _in_hls(rungs: Sequence[Rung]) -> list[Rung]:
    """Returns the rungs without those in VP9, which no player of HLS on its own reads, unless there
    is nothing else."""
    return [rung for rung in rungs if rung.codec is not Codec.VP9] or list(rungs)


def _groups(audio: Sequence[AudioTrack]) -> dict[str, tuple[AudioTrack, ...]]:
    """A group for each number of channels. All have the same members (RFC 8216, 4.3.4.1.1): a sound
    that there is only in stereo is offered beside the others' 5.1 as it is."""
    sounds: dict[tuple[object, ...], dict[int, AudioTrack]] = {}
    for track in audio:
        sound = _sound_of(track)
        if track.channels in sounds.get(sound, {}):  # published before these were counted
            sound = (*sound, track.name)
        sounds.setdefault(sound, {})[track.channels] = track
    return {
        f"{audio[0].codec}-{channels}": tuple(
            made.get(channels) or next(iter(made.values())) for made in sounds.values()
        )
        for channels in dict.fromkeys(track.channels for track in audio)
    }


def _sound(group: str, track: AudioTrack, name: str, *, is_first: bool) -> str:
    described = ',CHARACTERISTICS="public.accessibility.describes-video"'
    # What is not chosen by hand must not be a commentary.
    chosen = "NO" if track.commentary and not is_first else "YES"
    return (
        f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{group}",URI="{track.name}.m3u8",'
        f'LANGUAGE="{track.language}",NAME="{name}",'
        f"DEFAULT={'YES' if is_first else 'NO'},AUTOSELECT={chosen},"
        f'CHANNELS="{track.channels}"{described if track.descriptive else ""}'
    )


def _subtitle(track: TextTrack, name: str) -> str:
    captions = (
        ',CHARACTERISTICS="public.accessibility.transcribes-spoken-dialog,'
        'public.accessibility.describes-music-and-sound"'
    )
    forced = ",FORCED=YES" if track.forced else ""
    return (
        f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",URI="{track.name}.m3u8",'
        f'LANGUAGE="{track.language}",NAME="{name}",DEFAULT=NO,AUTOSELECT=YES'
        f"{forced}{captions if track.closed_captions else ''}"
    )


def _variant(
    rung: Rung, group: str, tracks: Sequence[AudioTrack], streams: PackagedStreams, has_text: bool
) -> str:
    sound = [streams[track.name] for track in tracks]
    peak = streams[rung.name].bandwidth + max((each.bandwidth for each in sound), default=0)
    mean = 1000 * (rung.bitrate_kbps + max((track.bitrate_kbps for track in tracks), default=0))
    codecs = ",".join([streams[rung.name].codecs, *sorted({each.codecs for each in sound})])
    return (
        f"#EXT-X-STREAM-INF:BANDWIDTH={max(peak, mean)},AVERAGE-BANDWIDTH={mean},"
        f'CODECS="{codecs}",RESOLUTION={rung.width}x{rung.height},'
        f"FRAME-RATE={rung.frame_rate:.3f},VIDEO-RANGE={_RANGES[rung.dynamic_range]}"
        + (f',AUDIO="{group}"' if group else "")
        + (',SUBTITLES="text"' if has_text else "")
        + ",CLOSED-CAPTIONS=NONE"
    )
