"""From a master to a published title, one line a step.

Everything behind `steps` is durable: what it returned is kept, so that this function can be run
through again on another worker and goes on where it stopped. See `steps.py` for what each step
does, and `engines/work` for the rules that this function keeps.
"""

from vitascope.encoding import RenditionRef
from vitascope.engines.work import StepFailed
from vitascope.publishing.contract import JobState
from vitascope.publishing.judging import JudgeSteps
from vitascope.publishing.running import Running
from vitascope.publishing.steps import PublishSteps
from vitascope.publishing.tasks import JobOrder


async def publish(running: Running, order: JobOrder) -> None:
    try:
        await _publish(PublishSteps(running, order), JudgeSteps(running), order)
    except StepFailed as failure:
        await running.fail(failure)
        raise


async def _publish(steps: PublishSteps, judge: JudgeSteps, order: JobOrder) -> None:
    inspection = await steps.inspect()
    if inspection.source is None:
        return await steps.reject(inspection.findings)
    source = inspection.source
    qc = await steps.quality(source, inspection.findings)
    findings = (*inspection.findings, *qc.findings)
    if order.judged:
        findings = await judge.weighed(findings)
    if order.pictured:
        await judge.picture(source, findings)
    if judge.refused(findings):
        return await steps.reject(findings)
    if judge.needs_review(findings) and not await judge.approved():
        return None  # it was told when it was decided
    source = qc.as_decoded(source)
    audio = await steps.audio(source, qc)

    first: list[RenditionRef] = []
    if await steps.wants_first_version():
        quick = await steps.quick(source)
        first = await steps.encode_first(source, quick)
        package = await steps.package_first(source, first, audio)
        await steps.verify(package, first=True)
        await steps.publish(package, first=True)

    await steps.give_way()
    shots = await steps.shots(source)
    if first:  # it can be seen on home pages by now
        await steps.artwork(source, shots, first, JobState.ANALYSING)
    plan_key = await steps.file_plan(source, shots)
    results = await steps.trials(plan_key, source, shots)
    ladder = await steps.ladder(source, shots, results, made=first)
    renditions = await steps.encode(source, shots, ladder)
    text = await steps.subtitles(source)
    thumbnails = await steps.thumbnails(source, renditions)
    package = await steps.package(source, renditions, audio, text, thumbnails)
    await steps.verify(package)
    waits = order.scheduled and await steps.waits()
    if not first and waits:  # its partner sees it before it is published
        await steps.artwork(source, shots, renditions, JobState.VERIFYING)
    live = await steps.publish(package)
    if not first and live and not waits:
        await steps.artwork(source, shots, renditions, JobState.VERIFYING)
    return await steps.finish(live=live)
