"""What a rendition is worth, measured on all of it, and whether the plan was met."""

import msgspec

from vitascope.encoding.contract.encoding import Progress
from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.picture import Assessment, PlannedRung, RenditionRef, ShotPlan
from vitascope.encoding.picture.frames import fitted, picture_of, read_args, stream_of
from vitascope.encoding.picture.vmaf import Reference, Scores, measure
from vitascope.encoding.settings import EncodingSettings
from vitascope.encoding.workbench import Workbench

FURTHEST = 5.0  # CRF steps a correction may take: beyond it the trials told of another film
FINEST_CRF, COARSEST_CRF = 12.0, 45.0


async def assess(
    bench: Workbench,
    source: Source,
    shots: ShotPlan,
    rung: PlannedRung,
    rendition: RenditionRef,
    progress: Progress | None = None,
) -> Assessment:
    settings = bench.settings
    name = await bench.name(source, "assessment", rung, rendition, shots.picture_key, settings)

    async def make() -> Assessment:
        scores = await _measure(bench, source, shots, rendition, progress)
        return judged(rung, rendition, shots, scores, settings)

    return await bench.once(name, Assessment, make)


async def _measure(
    bench: Workbench,
    source: Source,
    shots: ShotPlan,
    rendition: RenditionRef,
    progress: Progress | None,
) -> Scores:
    picture = picture_of(shots)
    async with bench.folder() as folder:
        args, chain = read_args(source, picture, 0, source.frames, name="reference")
        reference = Reference(
            file=await bench.local(picture.key, folder),
            trusted=picture.mezzanine,
            args=args,
            stream=stream_of(source, picture, 1),
            chain=chain,
        )
        encoded = await bench.local(rendition.key, folder)
        display = fitted(source, max(bench.settings.heights))
        return await measure(bench, source, encoded, reference, display, source.frames, progress)


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
        rendition=msgspec.structs.replace(rendition, rung=measured, vmaf_phone=round(phone, 2)),
        vmaf=round(vmaf, 2),
        vmaf_phone=round(phone, 2),
        worst_chunk=index,
        worst_vmaf=round(worst, 2),
        correction=correction_of(rung, vmaf, settings),
    )


def correction_of(rung: PlannedRung, vmaf: float, settings: EncodingSettings) -> PlannedRung | None:
    """The rung with every CRF moved by what the miss is worth; None when it was not missed."""
    if rung.vmaf is None or rung.vmaf_per_crf <= 0:
        return None
    missed = vmaf - rung.vmaf  # above zero: better than planned, so bits were wasted
    if -settings.tolerance_vmaf <= missed <= 2 * settings.tolerance_vmaf:
        return None
    steps = max(-FURTHEST, min(FURTHEST, missed / rung.vmaf_per_crf))
    moved = tuple(min(COARSEST_CRF, max(FINEST_CRF, round(crf + steps, 2))) for crf in rung.crfs)
    return msgspec.structs.replace(rung, crfs=moved) if moved != rung.crfs else None
