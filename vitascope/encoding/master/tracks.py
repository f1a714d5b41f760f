"""Which streams of a master become its picture, its sound and its subtitles."""

from collections.abc import Sequence
from typing import Any

from vitascope.encoding.contract.master import AudioSource, Finding, TextSource
from vitascope.encoding.master.findings import note, refuse, warn
from vitascope.encoding.master.languages import language_of
from vitascope.encoding.master.refusals import SOUND, unsupported_codec, unsupported_sound

_PICTURES = {
    *("h264", "hevc", "vp8", "vp9", "av1", "mpeg1video", "mpeg2video", "mpeg4", "prores"),
    *("dnxhd", "ffv1", "mjpeg", "rawvideo", "v210", "cfhd"),
}
_SOUNDS = {"aac", "ac3", "eac3", "mp2", "mp3", "opus", "vorbis", "flac", "alac", "dts", "truehd"}
_TEXTS = {"subrip", "ass", "ssa", "mov_text", "webvtt", "text"}

Stream = dict[str, Any]


def picture_of(streams: Sequence[Stream]) -> tuple[Stream, list[Finding]]:
    """Returns the film's picture (empty when there is none) and what to say about it."""
    pictures = [found for found in _of(streams, "video") if not _is_cover(found)]
    if not pictures:
        sentence = "The file has no video. Upload the film, not only its sound."
        return {}, [refuse("no-video", sentence)]
    picture = next((found for found in pictures if _disposed(found, "default")), pictures[0])
    if str(picture.get("codec_tag_string", "")).startswith("enc"):
        sentence = "The video is encrypted. Upload a master without DRM."
        return picture, [refuse("encrypted-master", sentence)]
    if picture.get("codec_name") not in _PICTURES:
        return picture, [unsupported_codec(str(picture.get("codec_name", "unknown")))]
    if len(pictures) > 1:
        sentence = f"The file has {len(pictures)} video streams. Stream {picture['index']} is used."
        return picture, [warn("several-pictures", sentence)]
    return picture, []


def sounds_of(streams: Sequence[Stream]) -> tuple[tuple[AudioSource, ...], list[Finding]]:
    found: list[AudioSource] = []
    findings: list[Finding] = []
    for stream in _of(streams, "audio"):
        codec, channels = str(stream.get("codec_name", "unknown")), int(stream.get("channels", 0))
        if not (codec in _SOUNDS or codec.startswith("pcm_")) or not 1 <= channels <= 16:
            findings.append(warn("sound-left-out", _left_out(stream, codec, channels)))
            continue
        found.append(_sound(stream, codec, channels))
    if findings and not found:
        findings.append(unsupported_sound())
    unnamed = sum(sound.language == "und" for sound in found)
    if unnamed:
        sentence = f"{unnamed} of {len(found)} audio tracks have no language tag."
        findings.append(note("language-unknown", sentence))
    return tuple(found), findings


def texts_of(streams: Sequence[Stream]) -> tuple[tuple[TextSource, ...], list[Finding]]:
    found: list[TextSource] = []
    findings: list[Finding] = []
    for stream in _of(streams, "subtitle"):
        codec, language = str(stream.get("codec_name", "unknown")), _language(stream)
        if codec in _TEXTS:
            found.append(
                TextSource(
                    index=stream["index"],
                    language=language,
                    codec=codec,
                    forced=_disposed(stream, "forced"),
                    closed_captions=_disposed(stream, "hearing_impaired"),
                )
            )
        else:
            sentence = (
                f"The subtitles in '{language}' are images ({codec}) and are left out. "
                "Add them as text: SRT, WebVTT or ASS."
            )
            findings.append(warn("subtitles-are-pictures", sentence))
    return tuple(found), findings


def _sound(stream: Stream, codec: str, channels: int) -> AudioSource:
    title = str(_tags(stream).get("title", "")).lower()
    told = any(_disposed(stream, name) for name in ("visual_impaired", "descriptions"))
    return AudioSource(
        index=stream["index"],
        language=_language(stream),
        channels=channels,
        sample_rate=int(stream.get("sample_rate", 0)),
        codec=codec,
        layout=str(stream.get("channel_layout", "")),
        descriptive=told or "audio description" in title or "descriptive" in title,
        default=_disposed(stream, "default"),
    )


def _left_out(stream: Stream, codec: str, channels: int) -> str:
    return (
        f"Audio stream {stream['index']} ({codec}, {channels} channels) is left out. "
        f"Use {SOUND}, with 1 to 16 channels."
    )


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
