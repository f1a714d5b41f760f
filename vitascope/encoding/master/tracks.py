"""Which streams of a master become its picture, its sound and its subtitles."""

from collections.abc import Mapping, Sequence
from typing import Any

from vitascope.encoding.contract.master import AudioSource, Finding, TextSource
from vitascope.encoding.master.findings import note, refuse, warn
from vitascope.encoding.master.languages import language_of
from vitascope.encoding.master.mixes import Mono, joined
from vitascope.encoding.master.refusals import SOUND, UNHEARD, unsupported_codec, would_be_silent
from vitascope.encoding.master.roles import title_of, told_of
from vitascope.engines import media

_TEXTS = {"subrip", "ass", "ssa", "mov_text", "webvtt", "text", "eia_608"}
_DRAWN_TEXTS = {"hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle", "xsub"}

Stream = dict[str, Any]


def pictures_of(streams: Sequence[Stream]) -> list[Stream]:
    """Returns the streams of video that are not marked as a cover."""
    return [found for found in _of(streams, "video") if not _is_cover(found)]


def picture_of(
    streams: Sequence[Stream], counts: Mapping[int, int] | None = None
) -> tuple[Stream, list[Finding]]:
    """Returns the film's picture (empty when there is none) and what to say about it. `counts` are
    pictures by stream: of several streams, one that moves is the film, whatever their flags say."""
    pictures = pictures_of(streams)
    if not pictures:
        sentence = "The file has no video. Upload the film, not only its sound."
        return {}, [refuse("no-video", sentence)]
    picture = max(pictures, key=lambda found: _fitness(found, counts or {}))
    if str(picture.get("codec_tag_string", "")).startswith("enc"):
        sentence = "The video is encrypted. Upload a master without DRM."
        return picture, [refuse("encrypted-master", sentence)]
    if not media.sees(codec := _codec(picture)):
        return picture, [unsupported_codec(codec)]
    if len(pictures) > 1:
        sentence = f"The file has {len(pictures)} video streams. Stream {picture['index']} is used."
        return picture, [warn("several-pictures", sentence)]
    return picture, []


def of_other_programs(told: Mapping[str, Any], picture: Stream) -> set[int]:
    """Returns sound and subtitles that belong to programmes of a recording in which the film's
    picture is not. `told` is all that ffprobe tells."""
    programs = [
        {stream["index"] for stream in program.get("streams", ())}
        for program in told.get("programs", ())
    ]
    own: set[int] = set().union(*(each for each in programs if picture.get("index") in each))
    others = set[int]().union(*programs) - own if own else set()
    streams = told.get("streams", ())
    heard = {each["index"] for each in streams if each.get("codec_type") in ("audio", "subtitle")}
    return others & heard


def _fitness(stream: Stream, counts: Mapping[int, int]) -> tuple[bool, bool, bool]:
    """Of equals the first one is taken."""
    moves = not counts or counts.get(stream["index"], 0) > 1
    return (moves, media.sees(_codec(stream)), _disposed(stream, "default"))


def sounds_of(streams: Sequence[Stream]) -> tuple[tuple[AudioSource, ...], list[Finding]]:
    heard: list[Mono] = []
    findings: list[Finding] = []
    for stream in _of(streams, "audio"):
        codec, channels = _codec(stream), int(stream.get("channels", 0))
        if not media.hears(codec) or not 1 <= channels <= 16:
            findings.append(warn("sound-left-out", _left_out(stream, codec, channels)))
            continue
        sound = _sound(stream, codec, channels)
        heard.append(Mono(sound=sound, title=title_of(stream)))
    if findings and not heard:
        codecs = {_unread(one) for one in _of(streams, "audio")}
        findings.append(would_be_silent(sorted(codecs)))
    found, guesses = joined(heard)
    findings += guesses
    unnamed = sum(sound.language == "und" for sound in found)
    if unnamed:
        sentence = (
            "The audio has no language tag."
            if len(found) == 1
            else f"{unnamed} of {len(found)} audio tracks have no language tag."
        )
        findings.append(note("language-unknown", sentence))
    return tuple(found), findings


def texts_of(streams: Sequence[Stream]) -> tuple[tuple[TextSource, ...], list[Finding]]:
    found: list[TextSource] = []
    findings: list[Finding] = []
    for stream in _of(streams, "subtitle"):
        codec, language = _codec(stream), _language(stream)
        if codec in _TEXTS:
            found.append(
                TextSource(
                    index=stream["index"],
                    language=language,
                    codec=codec,
                    forced=_disposed(stream, "forced"),
                    closed_captions=_disposed(stream, "hearing_impaired") or codec == "eia_608",
                )
            )
        else:
            is_drawn = codec in _DRAWN_TEXTS
            what = "are images" if is_drawn else "are of a kind that can't be read"
            sentence = (
                f"The subtitles in '{language}' {what} ({codec}) and are left out. "
                "Add them as text, such as SRT, WebVTT or TTML."
            )
            findings.append(
                warn("subtitles-are-pictures" if is_drawn else "subtitles-left-out", sentence)
            )
    return tuple(found), findings


def _sound(stream: Stream, codec: str, channels: int) -> AudioSource:
    language = _language(stream)
    told = told_of(stream, language)
    return AudioSource(
        index=stream["index"],
        language=language,
        channels=channels,
        sample_rate=int(stream.get("sample_rate", 0)),
        codec=codec,
        layout=str(stream.get("channel_layout", "")),
        descriptive=told.role == "description",
        commentary=told.role == "commentary",
        origin=told.origin,
        label=told.label,
        default=_disposed(stream, "default"),
    )


def _left_out(stream: Stream, codec: str, channels: int) -> str:
    if media.hears(codec) and not channels:
        return UNHEARD.format(stream["index"], codec)
    return (
        f"Audio stream {stream['index']} ({codec}, {channels} channels) is left out. "
        f"Use {SOUND}, with 1 to 16 channels."
    )


def _unread(stream: Stream) -> str:
    codec = _codec(stream)
    return codec if stream.get("channels") else f"{codec} with no data at its beginning"


def _codec(stream: Stream) -> str:
    return str(stream.get("codec_name", "unknown"))


def _of(streams: Sequence[Stream], kind: str) -> list[Stream]:
    return [stream for stream in streams if stream.get("codec_type") == kind]


def _is_cover(stream: Stream) -> bool:
    still = _disposed(stream, "attached_pic") or _disposed(stream, "timed_thumbnails")
    return still or stream.get("codec_name") in ("png", "bmp", "gif")


def _disposed(stream: Stream, name: str) -> bool:
    return bool(stream.get("disposition", {}).get(name))


def _language(stream: Stream) -> Any:
    return language_of(_tags(stream).get("language"))


def _tags(stream: Stream) -> dict[str, Any]:
    tags: dict[str, Any] = stream.get("tags", {})
    return tags
