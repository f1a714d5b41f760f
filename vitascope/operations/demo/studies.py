"""Short abstract films, rendered where the demo is first started: one formula each, with tones.

They are made so that there is something to play that belongs to everybody. Each looks and sounds
different from the others, and each is quiet work for the machine: it gives way to all else.
"""

from pathlib import Path

import msgspec

from vitascope.engines.media import Limits, Media, Tool

SECONDS = 20
_SIZE = "640x360"


class Study(msgspec.Struct, frozen=True, kw_only=True):
    """A picture and a sound, as ffmpeg's filters."""

    picture: str
    sound: str


def _chord(*hertz: float, sway: float = 0.11) -> str:
    """Tones that swell one after the other, a little apart in the two ears."""

    def side(detune: float) -> str:
        return "+".join(
            f"0.11*sin(2*PI*{f * detune:.3f}*t)*(0.55+0.45*sin(2*PI*{sway}*t+{n * 1.7:.1f}))"
            for n, f in enumerate(hertz)
        )

    return f"aevalsrc='{side(1.0)}|{side(1.003)}':s=48000:d={SECONDS}"


STUDIES = {
    "mandelbrot": Study(
        picture=(
            f"mandelbrot=size={_SIZE}:rate=24:maxiter=260:start_x=-0.743643887:"
            f"start_y=-0.131825904:start_scale=2.4:end_scale=0.006:end_pts={24 * SECONDS},"
            "hue=h=200+t*6:s=0.62"
        ),
        sound=f"{_chord(55, 82.4, 110, 164.8)},aecho=0.8:0.7:420|610:0.35|0.2",
    ),
    "life": Study(
        picture=(
            "life=size=128x72:rate=10:ratio=0.28:seed=42:mold=14:life_color=#ffd166:"
            "death_color=#ef476f:mold_color=#101a3a,scale=640:360:flags=neighbor,setsar=1,fps=24"
        ),
        sound=(
            f"aevalsrc='0.2*sin(2*PI*(220+55*floor(mod(t*2,5)))*t)*exp(-6*mod(t,0.5))|"
            f"0.2*sin(2*PI*(330+55*floor(mod(t*2+2,5)))*t)*exp(-5*mod(t+0.25,0.5))':s=48000:"
            f"d={SECONDS},aecho=0.8:0.6:250:0.4"
        ),
    ),
    "gradients": Study(
        picture=(
            f"gradients=size={_SIZE}:rate=24:nb_colors=5:seed=9:speed=0.008:type=circular:"
            "c0=#0b1f3a:c1=#1d7874:c2=#f4c095:c3=#ee2e31:c4=#5b2a86[a];"
            f"gradients=size={_SIZE}:rate=24:nb_colors=4:seed=21:speed=0.012:type=linear:"
            "c0=#202040:c1=#d06080:c2=#60a0c0:c3=#f0e0c0[b];[a][b]blend=all_mode=softlight"
        ),
        sound=_chord(98, 146.8, 196, 246.9, 293.7, sway=0.07),
    ),
    "sierpinski": Study(
        picture=(
            f"sierpinski=size={_SIZE}:rate=24:seed=5:jump=40:type=carpet,"
            "gblur=0.6,pseudocolor=preset=magma"
        ),
        sound=f"{_chord(130.8, 155.6, 196, 233.1, sway=0.21)},tremolo=f=5:d=0.35",
    ),
    "interference": Study(
        picture=(
            "nullsrc=size=320x180:rate=24,geq=lum='128+62*sin(hypot(X-90-22*sin(T/3),Y-90)/4-T*4)"
            "+62*sin(hypot(X-232,Y-90+22*cos(T/4))/4-T*3)':cb=128:cr=128,"
            "scale=640:360:flags=bicubic,setsar=1,pseudocolor=preset=plasma"
        ),
        sound=f"aevalsrc='0.22*sin(2*PI*110*t)|0.22*sin(2*PI*112.5*t)':s=48000:d={SECONDS}",
    ),
}


async def render(media: Media, study: str, folder: Path) -> Path:
    """Returns the study as a master file in `folder`. Raises what media tools raise."""
    recipe = STUDIES[study]
    name = f"{study}.mp4"
    picture, sound = recipe.picture, recipe.sound
    await media.run(
        Tool.FFMPEG,
        [
            *("-filter_complex", f"{picture},format=yuv420p[v];{sound},afade=t=in:d=1.5,"
              f"afade=t=out:st={SECONDS - 2}:d=2[a]"),
            *("-map", "[v]", "-map", "[a]", "-t", str(SECONDS)),
            *("-c:v", "libx264", "-preset", "veryfast", "-crf", "19", "-threads", "1"),
            *("-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"),
            *("-c:a", "aac", "-b:a", "160k", "-movflags", "+faststart", f"{{out}}/{name}"),
        ],
        inputs={},
        output=folder,
        limits=Limits(wall_s=900.0),
        background=True,
    )  # fmt: skip
    return folder / name
