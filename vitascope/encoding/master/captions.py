"""Whether captions (CEA-608, ATSC A/53) lie inside a picture's stream, which no header says."""

from pathlib import Path

from vitascope.encoding.contract.master import AudioSource, TextSource
from vitascope.encoding.master.languages import language_of
from vitascope.engines import media

_CARRY = {"h264", "hevc", "mpeg2video", "av1"}
_LOOKS = "%+#48"  # two seconds; encoders put them beside every picture, be they empty
_LIMITS = media.Limits(wall_s=300)


async def captions_of(
    tools: media.Media, path: Path, index: int, codec: str, sounds: tuple[AudioSource, ...]
) -> tuple[TextSource, ...]:
    """Returns the captions of the stream `index`, in the language of the first sound: they don't
    say which they are in."""
    if codec not in _CARRY:
        return ()
    wanted = ("-select_streams", str(index), "-show_entries", "frame_side_data=side_data_type")
    try:
        result = await tools.run(
            media.Tool.FFPROBE,
            [
                *("-v", "error", "-read_intervals", _LOOKS, "-show_frames", *wanted),
                *("-print_format", "csv=p=0", "-i", "{in.master}"),
            ],
            inputs={"master": media.Input(path=path)},
            limits=_LIMITS,
        )
    except (media.ToolFailed, media.ToolTimeout):
        return ()
    if b"Closed Captions" not in result.stdout:
        return ()
    language = sounds[0].language if sounds else language_of(None)
    return (TextSource(index=index, language=language, codec="a53", closed_captions=True),)
