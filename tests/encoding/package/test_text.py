"""I7, I9: what a cue says and where it stands outlast packaging."""

from pathlib import Path

from vitascope.encoding.companions.cues import Cue, webvtt
from vitascope.encoding.companions.wvtt import read_wvtt
from vitascope.engines.media import Input, Tool
from vitascope.engines.media.sandboxed import SandboxedMedia

SETTINGS = (
    *("", "line:5%", "line:32% position:5% align:left", "line:0 align:right", "line:-2"),
    "line:78.66% position:10% size:35% align:start",
)
TEXTS = (
    "<i>x</i> &lt;b&gt; &amp; y\n<b>z</b>",
    "<ruby>漢<rt>かん</rt></ruby>です",
    "שלום <u>1</u>",
)


async def test_text_and_place_outlast_packaging(tmp_path: Path) -> None:
    cues = [
        Cue(start_ms=1000 * at + 500, end_ms=1000 * at + 2100, text=text, settings=settings)
        for at, (settings, text) in enumerate((each, text) for each in SETTINGS for text in TEXTS)
    ]
    (tmp_path / "text.vtt").write_text(webvtt(cues))
    made = "in={in.text},stream=text,format=vtt+mp4,output={out}/text.mp4"
    await SandboxedMedia().run(
        Tool.PACKAGER,
        [made, "--segment_duration", "1", "--mpd_output", "{out}/x.mpd"],
        inputs={"text": Input(path=tmp_path / "text.vtt", trusted=True)},
        output=tmp_path,
    )
    assert read_wvtt((tmp_path / "text.mp4").read_bytes()) == cues
