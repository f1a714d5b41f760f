"""A film apart from where it came from: what its package needs to know of it."""

import msgspec


class Programme(msgspec.Struct, frozen=True):
    """`id` is the SHA-256 of the master's bytes, or of the name of a version that was opened: what
    is made of the film is kept below it. `frame_rate` as ffmpeg writes it: "24000/1001"."""

    id: str
    frames: int
    frame_rate: str
    duration_ms: int
