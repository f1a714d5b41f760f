"""From a master to a published title, one line a step.

Everything behind `run` is a durable step: what it returned is kept, so that this function can be
run through again on another worker and goes on where it stopped. See `run.py` for what each step
does, and `engines/work` for the rules that this function keeps.
"""

from vitascope.encoding import RenditionRef
from vitascope.engines.work import StepFailed
from vitascope.publishing.contract import JobState
from vitascope.publishing.run import Run


async def publish(run: Run) -> None:
    try:
        await _publish(run)
    except StepFailed as failure:
        await run.fail(failure)
        raise


async def _publish(run: Run) -> None:
    inspection = await run.inspect()
    if inspection.source is None:
        return await run.reject(inspection.findings)
    source = inspection.source
    qc = await run.quality(source, inspection.findings)
    if run.refused(qc.findings):
        return await run.reject((*inspection.findings, *qc.findings))
    audio = await run.audio(source, qc)

    first: list[RenditionRef] = []
    if await run.wants_first_version():
        quick = await run.quick(source)
        first = await run.encode_first(source, quick)
        package = await run.package_first(source, first, audio)
        await run.verify(package, first=True)
        await run.publish(package, first=True)

    shots = await run.shots(source)
    if first:  # it can be seen on home pages by now
        await run.artwork(source, shots, first, JobState.ANALYSING)
    plan_key = await run.file_plan(source, shots)
    trials = await run.plan_trials(source, shots)
    results = await run.trials(plan_key, trials)
    ladder = await run.ladder(source, shots, results)
    renditions = await run.encode(source, shots, ladder)
    text = await run.subtitles(source)
    thumbnails = await run.thumbnails(source, renditions)
    package = await run.package(source, renditions, audio, text, thumbnails)
    await run.verify(package)
    await run.publish(package)
    if not first:
        await run.artwork(source, shots, renditions, JobState.VERIFYING)
    return await run.tidy(source)
