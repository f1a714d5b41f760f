"""What a rendition is worth, measured on all of it, and whether the plan was met."""

import msgspec

from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.picture import (
    Assess,
    Assessment,
    PlannedRung,
    RenditionRef,
    ShotPlan,
)
from vitascope.encoding.contract.request import OnProgress
from vitascope.encoding.picture.frames import (
    FramesRead,
    Size,
    display_of,
    frames_read,
    read_args,
    stream_of,
)
from vitascope.encoding.picture.recipes import recipe_of
from vitascope.encoding.picture.vmaf import Reference, Scores, measure
from vitascope.encoding.settings import EncodingSettings
from vitascope.encoding.workspace import Workspace
from vitascope.engines import media

FURTHEST = 5.0  # CRF steps a correction may take: beyond it the trials told of another film


class _AssessmentRead(msgspec.Struct, frozen=True, kw_only=True):
    frames: FramesRead
    rendition: str
    rung: PlannedRung
    chunks: tuple[int, ...]
    display: Size
    vmaf_model: str
    vmaf_subsample: int
    tolerance_vmaf: float
    tool: str


async def assess(
    workspace: Workspace, request: Assess, progress: OnProgress | None = None
) -> Assessment:
    source, shots, settings = request.source, request.shots, workspace.settings
    rung, rendition = request.rung, request.rendition
    read = _AssessmentRead(
        frames=frames_read(source, shots.picture),
        rendition=rendition.sha256,
        rung=rung,
        chunks=tuple(chunk.start for chunk in shots.chunks),
        display=display_of(source, settings.heights),
        vmaf_model=settings.vmaf_model,
        vmaf_subsample=_every(rung, settings),
        tolerance_vmaf=settings.tolerance_vmaf,
        tool=await workspace.version(media.Tool.FFMPEG),
    )
    name = await workspace.name(source.sha256, "assessment", read)

    async def make() -> Assessment:
        every = _every(rung, settings)
        scores = await _measure(workspace, source, shots, rendition, every, progress)
        return judged(rung, rendition, shots, scores, settings)

    return await workspace.once(name, Assessment, make)


async def _measure(
    workspace: Workspace,
    source: Source,
    shots: ShotPlan,
    rendition: RenditionRef,
    every: int,
    progress: OnProgress | None,
) -> Scores:
    picture = shots.picture
    async with workspace.folder() as folder:
        args, chain = read_args(source, picture, 0, source.frames, name="reference")
        reference = Reference(
            file=await workspace.local(picture.key, folder),
            trusted=picture.mezzanine,
            args=args,
            stream=stream_of(source, picture, 1),
            chain=chain,
        )
        encoded = await workspace.local(rendition.key, folder)
        display = display_of(source, workspace.settings.heights)
        return await measure(
            workspace, source, encoded, reference, display, source.frames, progress, every=every
        )


def _every(rung: PlannedRung, settings: EncodingSettings) -> int:
    """What has no plan to be held against, the first version, is measured on fewer frames."""
    return settings.vmaf_subsample if rung.vmaf is not None else settings.quick_vmaf_subsample


def judged(
    rung: PlannedRung,
    rendition: RenditionRef,
    shots: ShotPlan,
    scores: Scores,
    settings: EncodingSettings,
) -> Assessment:
    vmaf = scores.mean(0, rendition.frames)
    phone = scores.phone_mean(0, rendition.frames)
    by_chunk = [(scores.mean(chunk.start, chunk.end), chunk.index) for chunk in shots.chunks]
    worst, index = min(by_chunk)
    measured = msgspec.structs.replace(
        rendition.rung, vmaf=round(vmaf, 2), vmaf_model=settings.vmaf_model
    )
    return Assessment(
        rendition=msgspec.structs.replace(
            rendition, rung=measured, vmaf_phone=round(phone, 2), planned_vmaf=rung.vmaf
        ),
        vmaf=round(vmaf, 2),
        vmaf_phone=round(phone, 2),
        worst_chunk=index,
        worst_vmaf=round(worst, 2),
        correction=correction_of(rung, vmaf, settings),
    )


def correction_of(rung: PlannedRung, vmaf: float, settings: EncodingSettings) -> PlannedRung | None:
    """Returns the rung with every CRF moved by what the miss is worth; None when it was not
    missed."""
    if rung.vmaf is None or rung.vmaf_per_crf <= 0:
        return None
    missed = vmaf - rung.vmaf  # above zero: better than planned, so bits were wasted
    if -settings.tolerance_vmaf <= missed <= 2 * settings.tolerance_vmaf:
        return None
    steps = max(-FURTHEST, min(FURTHEST, missed / rung.vmaf_per_crf))
    finest, coarsest = recipe_of(rung.format).crf_range
    moved = tuple(min(coarsest, max(finest, round(crf + steps, 2))) for crf in rung.crfs)
    return msgspec.structs.replace(rung, crfs=moved) if moved != rung.crfs else None
