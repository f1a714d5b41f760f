"""Are the master's pictures in what viewers get?

Counted on both sides by themselves: the master as it was decoded for quality control, whatever
rate was decided, and a rendition as it is packaged. All rungs have the same frames, so the one with
the lowest bitrate of those in SDR stands for all: in HDR a change is of other levels.
"""

from vitascope.encoding.contract.package import Check, Package
from vitascope.encoding.picture.changes import SEEN, WATCHED, read_changes
from vitascope.encoding.workspace import Workspace
from vitascope.engines import media
from vitascope.kernel.media import DynamicRange

_KEPT = 0.97  # of the pictures that clearly differ from the one before


async def pictures_checks(workspace: Workspace, package: Package) -> list[Check]:
    """Returns a check of how many pictures differ from the one before; none where the master is not
    there any more, or was not counted."""
    source = package.source
    if source is None or source.clear_changes is None or not package.ladder:
        return []
    plain = [rung for rung in package.ladder if rung.dynamic_range is DynamicRange.SDR]
    name = (plain or package.ladder)[0].name
    async with workspace.folder() as folder:
        file = await workspace.local(package.clear[name], folder)
        result = await workspace.run(
            media.Tool.FFMPEG,
            [
                *("-i", "{in.file}", "-filter_complex", f"[0:v:0]{WATCHED}[v]"),
                *("-map", "[v]", "-fps_mode", "passthrough", "-f", "null", "-"),
            ],
            {"file": media.Input(path=file, trusted=True)},
            frames=package.frames,
        )
    places = min(1.0, package.frames / max(1, source.pictures or package.frames))
    found = read_changes(result.stdout).above(SEEN)
    return [pictures_check(name, found, round(source.clear_changes * places))]


def pictures_check(name: str, found: int, wanted: int) -> Check:
    return Check(
        name="pictures",
        subject=name,
        passed=found >= int(wanted * _KEPT) - 1,
        sentence=f"{found} frames differ from the one before; {wanted} pictures of the master "
        "clearly do.",
        value=float(found),
        wanted=float(wanted),
    )
