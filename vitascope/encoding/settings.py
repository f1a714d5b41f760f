"""How titles are encoded, unless an operator says otherwise."""

from typing import Annotated, Literal

import msgspec

from vitascope.encoding.contract.effort import Effort
from vitascope.kernel.media import FormatName, Scheme


class EncodingSettings(msgspec.Struct, frozen=True, kw_only=True):
    effort: Effort = "balanced"
    """How much is spent on a title. `fast` tries nothing and predicts ladders from how complex the
    shots are, for a home server; `balanced` tries samples of each film; `best` tries more, with
    slower presets, and adds AV1, HEVC and VP9 when a title is live, and HDR of masters in HDR. It
    sets those of the settings below that are not changed from their defaults. A job keeps the
    effort it began with."""

    formats: tuple[FormatName, ...] = ("h264",)
    """Formats of the picture, a ladder each: `h264`, `vp9`, `hevc`, `av1`; and of masters in HDR,
    beside one in SDR, `hevc-hdr` and `av1-hdr`. The first playable version, and what thumbnails are
    taken from, is in the first one named that is in SDR; players take what they can play. None
    named is H.264."""

    preset: Literal[
        "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower",
        "veryslow",
    ] = "veryfast"  # fmt: skip
    """x264's preset, for trials and renditions alike: a trial only tells of its own preset."""

    heights: tuple[int, ...] = (240, 360, 480, 720, 1080, 2160)
    """Lines of the 16:9 boxes that rungs are fitted into; none is used above the master's size. Of
    those above 1080 each has one rung, whatever the score, which is for a display of 1080 lines."""

    trial_crfs: Annotated[tuple[float, ...], msgspec.Meta(min_length=4)] = (18.0, 24.0, 31.0, 38.0)
    """Qualities tried at each height. At least four: the curve between them is a cubic."""

    vp9_speed: Annotated[int, msgspec.Meta(ge=0, le=8)] = 4
    """libvpx's `-cpu-used`: 0 is slowest and smallest."""

    vp9_trial_crfs: Annotated[tuple[float, ...], msgspec.Meta(min_length=4)] = (
        24.0, 33.0, 43.0, 55.0,
    )  # fmt: skip
    """Qualities tried at each height for VP9; its scale goes to 63."""

    vp9_bits: Literal[8, 10] = 8
    """Bits of a sample: 8 is profile 0, 10 is profile 2, which some decoders in hardware lack."""

    hevc_preset: Literal[
        "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower",
        "veryslow",
    ] = "veryfast"  # fmt: skip
    """x265's preset, for trials and renditions alike. This one costs three times what x264's
    `veryfast` does."""

    hevc_bits: Literal[8, 10] = 10
    """Bits of a sample: 8 is Main, 10 is Main 10. Ten need fewer bits for the same picture and have
    no bands in skies; nearly all that decodes HEVC decodes both."""

    hevc_trial_crfs: Annotated[tuple[float, ...], msgspec.Meta(min_length=4)] = (
        19.0, 25.0, 32.0, 40.0,
    )  # fmt: skip
    """Qualities tried at each height for HEVC."""

    av1_preset: Annotated[int, msgspec.Meta(ge=0, le=12)] = 8
    """SVT-AV1's preset: 0 is slowest and smallest. 8 costs twice what x264's `veryfast` does, 6
    four times."""

    av1_bits: Literal[8, 10] = 10
    """Bits of a sample. Every decoder of AV1's main profile reads both."""

    av1_trial_crfs: Annotated[tuple[float, ...], msgspec.Meta(min_length=4)] = (
        21.0, 33.0, 46.0, 58.0,
    )  # fmt: skip
    """Qualities tried at each height for AV1; its scale goes to 63."""

    sample_s: float = 1.0
    """Seconds taken from the middle of each sampled shot."""

    sample_every_s: float = 4.0
    """One sample for so many seconds of film, at least three; bounds what the search costs."""

    max_samples: int = 16
    """Samples at most; shots without one follow the sampled shots as complex as they are. With 0
    nothing is tried, and ladders are predicted."""

    wide_sample_every_s: float = 10.0
    """Of these, one for so many seconds of film is tried at every size and over all qualities, at
    least three; the others near the rungs that these lead to."""

    max_wide_samples: int = 6
    """Samples of that kind at most."""

    top_vmaf: float = 95.0
    """Mean VMAF the best rung aims at; bits beyond it are hard to see."""

    rung_step_vmaf: float = 6.5
    """VMAF between neighbouring rungs, about one just noticeable difference."""

    rung_step_rate: float = 1.4
    """Neighbouring rungs differ at least by this factor in bitrate."""

    rung_widest_rate: float = 2.2
    """And at most by about this, however little quality is lost: players need a step to take."""

    min_kbps: float = 235.0
    """No rung is planned below this bitrate, unless the title is easy (see `easy_reach`)."""

    easy_reach: float = 4.0
    """An easy title's ladder reaches down to its best rung's bitrate divided by this."""

    max_kbps: float = 16_000.0
    """No rung is planned above this bitrate."""

    max_rungs: int = 6
    """Rungs in a ladder at most."""

    crf_spread: float = 4.0
    """How far a shot's CRF may lie from what one CRF for the whole title would be."""

    sd_vmaf: float = 62.0
    """VMAF on a large display that the best rung of at most 576 lines must be planned for: about
    80 on a phone, and what a viewer whose plan withholds HD gets."""

    peak_factor: float = 2.5
    """The encoder's rate buffer caps a rung at its planned bitrate times this."""

    shot_max_s: float = 4.0
    """Longer shots get keyframes at equal splits, so that no segment is longer than this."""

    shot_min_s: float = 1.0
    """Shorter shots are merged with a neighbour."""

    chunk_max_s: float = 12.0
    """Longer shots are several chunks: what a killed worker has to encode again."""

    scene_threshold: float = 10.0
    """Score of ffmpeg's `scdet` (0 to 100) from which a frame begins a new shot."""

    quick_heights: tuple[int, ...] = (480,)
    """Rungs of the first playable version."""

    quick_crf: float = 25.0
    """Quality of the first playable version."""

    vp9_quick_crf: float = 36.0
    """The same, where that is VP9."""

    hevc_quick_crf: float = 27.0
    """The same, where that is HEVC."""

    av1_quick_crf: float = 38.0
    """The same, where that is AV1."""

    quick_keyframe_s: float = 2.0
    """Distance of keyframes in the first playable version."""

    quick_chunk_s: float = 30.0
    """Length of its chunks."""

    vmaf_model: str = "vmaf_v0.6.1"
    """Stored with every score; scores of different models are never compared."""

    vmaf_subsample: int = 7
    """Every how many frames of a rung VMAF is computed: 3, 5 or 7 (6 moved a grainy clip by
    1.6)."""

    vmaf_window_s: float = 0.0
    """Only so many seconds of each chunk are measured, from its beginning; 0 is all of it. At
    effort `fast` 4."""

    long_vmaf_subsample: int = 13
    """The same for films of more than two minutes, where as many frames tell as much."""

    trial_vmaf_subsample: int = 7
    """The same for trials, which are a second long."""

    quick_vmaf_subsample: int = 25
    """The same for the first playable version, which is measured while somebody waits for it."""

    tolerance_vmaf: float = 1.0
    """A rung that missed its planned VMAF by more is encoded once more."""

    hd_vmaf: float = 93.0
    """The best rung must reach this where the master has 720 lines or more, or its plan to within
    three times `tolerance_vmaf`: a title that can't be better is not kept from its own ladder."""

    phone_vmaf: float = 80.0
    """The rung for phones (the best of at most 576 lines) must reach this under the phone model, or
    its plan as above."""

    damaged_part: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.02
    """The part of a master, of its pictures or of a sound track, that may be damaged or missing: it
    is told with time codes. More is refused."""

    scheme: Scheme = "cbcs"
    """How titles are protected that do not say: `cbcs`, `cenc`, or `none` for a catalogue that
    anybody may copy. What is not protected plays on every player, and over plain HTTP."""

    protection_systems: tuple[str, ...] = ("Widevine", "PlayReady", "FairPlay")
    """DRM systems that a package signals, beside ClearKey, which needs no signal."""

    segment_s: float = 4.0
    """Length of sound and subtitle segments; those of the picture go from keyframe to keyframe."""

    sound_length_s: float = 1.0
    """Seconds by which a sound track that is delivered by itself may be longer or shorter than the
    picture: it is cut, or silence is added. One that differs by more is refused."""

    key_uri: str = "skd://{key_id}"
    """What HLS playlists name as a key's address; playback replaces it per session."""

    threads: int = 2
    """Threads of one encoder. Fixed, because x264's output depends on it: a chunk encoded again
    on another machine must be the same chunk."""

    ranges_gib: float = 20.0
    """What a worker keeps of masters that lie in an object store, for the chunks to come."""

    parallel: int = 2
    """Media tools running at once in one process."""

    keep_free_gib: Annotated[float, msgspec.Meta(ge=0)] = 0.5
    """What stays free of a worker's disk. With less, nothing is begun: jobs wait, and go on by
    themselves when there is room again. Uploads are refused at `[ingest] keep_free_gib`, which is
    more, so that what was taken can be encoded."""

    tool_memory_mib: Annotated[int, msgspec.Meta(ge=256)] = 16384
    """Address space that one run of a media tool may take. A chunk for which that is not enough is
    tried once more rung by rung."""

    stall_s: Annotated[float, msgspec.Meta(ge=1)] = 600.0
    """An encoder that brings no frame for this long is ended, and tried once more."""
