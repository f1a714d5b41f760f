"""A sound stream in one form from its beginning to its end.

Broadcasts change from stereo to 5.1 and back in the middle of a stream. ffmpeg then builds its
filters anew, and every filter that counts, measures or pads begins from nothing. So sound is first
decoded into one layout and rate, and read back by a decoder within the same run: filters after
`[dec:N]` see one form throughout, with the times that the file tells.
"""

from collections.abc import Sequence

from vitascope.encoding.contract.master import AudioSource

RATE = 48_000
_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}


def steady(streams: Sequence[AudioSource], layout: str = "") -> list[str]:
    """Returns ffmpeg's arguments by which the streams of its first input can be read as `[dec:0]`,
    `[dec:1]` ..., in 32 bit float at 48 kHz. `layout` is ffmpeg's name; without one each stays in
    its own. Outputs of the caller come after these."""
    graph = ";".join(f"{_chain(stream, layout)}[d{n}]" for n, stream in enumerate(streams))
    args = ["-filter_complex", graph] if streams else []
    for n in range(len(streams)):
        args += ["-map", f"[d{n}]", "-c:a", "pcm_f32le", "-f", "null", "-", "-dec", f"{n}:0"]
    return args


def _chain(stream: AudioSource, layout: str) -> str:
    even = f"aresample={RATE}:async=1:min_hard_comp=0.05"
    form = f"aformat=sample_fmts=fltp:channel_layouts={layout or own_layout(stream)}"
    return f"{_opened(stream)}{even},{form}"


def _opened(stream: AudioSource) -> str:
    if not stream.parts:
        return f"[0:{stream.index}]"
    pads = "".join(f"[0:{part}]" for part in stream.parts)
    places = stream.layout.split("+")
    mapped = "|".join(f"{n}.0-{place}" for n, place in enumerate(places))
    return f"{pads}join=inputs={len(places)}:channel_layout={stream.layout}:map={mapped},"


def own_layout(stream: AudioSource) -> str:
    """Returns a layout that ffmpeg can name: the stream's own, else the usual one of so many
    channels."""
    told = stream.layout if stream.layout and " channels" not in stream.layout else ""
    return told or _LAYOUTS.get(stream.channels, f"{stream.channels}c")
