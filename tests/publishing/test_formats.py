"""I6: formats are added to a title while it is live; its pictures are not encoded again."""

from pathlib import Path

import msgspec
import pytest

from tests.publishing.test_pipeline import (
    PARTNER,
    Workers,
    is_in,
    master,
    publishing,
    rows,
    until_job,
    workers,
)
from tests.publishing.test_republish import CONTENT, TITLE, given, live, spoken
from tests.publishing.worker import FlipLog, durable_of
from vitascope.catalog import Asset, TitlePublished
from vitascope.encoding import OpenedPackage, Programme, RenditionRef
from vitascope.kernel.ids import JobId
from vitascope.kernel.media import Codec, Rung
from vitascope.publishing import Change, JobState, NothingPublished, NothingToChange
from vitascope.publishing.durable import DurablePublishing
from vitascope.publishing.formats import fits, not_in
from vitascope.publishing.schedule import asset_of_job

__all__ = ["publishing", "rows", "workers"]  # fixtures

AV1 = Change(formats=("av1",))


def codecs(asset: Asset) -> list[Codec]:
    return [rung.codec for rung in asset.ladder]


@pytest.mark.long
async def test_a_format_is_added_from_the_master_and_no_picture_is_encoded_again(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    FlipLog(data).own(PARTNER)
    chunks = await live(publishing, workers)
    ordered = await publishing.republish(PARTNER, TITLE, CONTENT, AV1)
    assert (ordered.file_name, ordered.kind, ordered.priority) == (
        "format av1",
        "formats",
        "back-catalog",
    )
    job = await until_job(publishing, is_in(JobState.LIVE), ordered.id)
    assert {"trials", "trials near the rungs", "encode"} <= {step.name for step in job.steps}
    assert job.share_done == 1.0
    before, after = FlipLog(data).flips()[-2:]
    assert codecs(before) == [Codec.H264] * 2
    assert codecs(after) == [Codec.H264] * 2 + [Codec.AV1] * 2
    assert after.key_ids == before.key_ids
    assert not after.partial
    new = workers.log("end chunk")[len(chunks) :]
    assert new
    assert all("-av1" in line for line in new), "what was there was encoded again"
    report = await publishing.report(PARTNER, ordered.id)
    assert {rung.codec for rung in report.rungs} == {Codec.AV1}
    told = await publishing.live(PARTNER, TITLE, CONTENT)
    assert [format.name for format in told.formats] == ["h264", "av1"]


@pytest.mark.long
async def test_a_format_that_is_ordered_twice_is_added_once(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    """The second order waits for the first, and finds nothing to do."""
    FlipLog(data).own(PARTNER)
    await live(publishing, workers)
    (data / "hold").write_text("chunk v360-av1")
    first = await publishing.republish(PARTNER, TITLE, CONTENT, AV1)
    second = await publishing.republish(PARTNER, TITLE, CONTENT, AV1)
    await until_job(publishing, is_in(JobState.ENCODING), first.id)
    (data / "hold").unlink()
    await until_job(publishing, is_in(JobState.LIVE), first.id)
    job = await until_job(publishing, is_in(JobState.CANCELLED), second.id)
    assert "already" in job.reason
    assert len(FlipLog(data).flips()[-1].ladder) == 4


@pytest.mark.long
async def test_subtitles_do_not_wait_for_a_format_and_are_in_what_it_publishes(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    FlipLog(data).own(PARTNER)
    await live(publishing, workers)
    (data / "hold").write_text("chunk v360-av1")
    ordered = await publishing.republish(PARTNER, TITLE, CONTENT, AV1)
    await until_job(publishing, is_in(JobState.ENCODING), ordered.id)
    await publishing.receive_subtitles(given("sv"), "e1")
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_e1"))
    assert codecs(FlipLog(data).flips()[-1]) == [Codec.H264] * 2
    (data / "hold").unlink()
    await until_job(publishing, is_in(JobState.LIVE), ordered.id)
    last = FlipLog(data).flips()[-1]
    assert (spoken(last), len(last.ladder)) == (["sv"], 4)


@pytest.mark.long
async def test_what_changes_while_a_format_is_packaged_is_packaged_with_it(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    """A version that another one has overtaken is never published: the newer one is taken."""
    book = FlipLog(data)
    book.own(PARTNER)
    await live(publishing, workers)
    (data / "hold").write_text("package")
    ordered = await publishing.republish(PARTNER, TITLE, CONTENT, AV1)
    await until_job(publishing, is_in(JobState.PACKAGING), ordered.id)
    await until_job(
        publishing,
        lambda job: any(step.name == "package 1" for step in job.steps),
        ordered.id,
    )
    [*_, there] = book.flips()
    other = msgspec.structs.replace(there, version="newer", credits_start_ms=5000)
    await book.publish(TITLE, other)
    (data / "hold").unlink()
    await until_job(publishing, is_in(JobState.LIVE), ordered.id)
    [*_, last] = book.flips()
    assert len(last.ladder) == 4
    assert last.credits_start_ms == 5000, "the newer version was lost"


@pytest.mark.long
async def test_new_keys_meanwhile_do_not_stop_a_format(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    """They make another asset, but of the same master."""
    book = FlipLog(data)
    book.own(PARTNER)
    await live(publishing, workers)
    (data / "hold").write_text("chunk v360-av1")
    ordered = await publishing.republish(PARTNER, TITLE, CONTENT, AV1)
    await until_job(publishing, is_in(JobState.ENCODING), ordered.id)
    change = await publishing.republish(PARTNER, TITLE, CONTENT, Change(new_keys=True))
    await until_job(publishing, is_in(JobState.LIVE), change.id)
    (data / "hold").unlink()
    await until_job(publishing, is_in(JobState.LIVE), ordered.id)
    first, rekeyed, last = (book.flips()[0], *book.flips()[-2:])
    assert rekeyed.id not in (first.id, None)
    assert (last.id, len(last.ladder)) == (rekeyed.id, 4)


@pytest.mark.long
async def test_pictures_of_a_master_never_join_those_of_the_next(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    """Though both have the same frames: the next may be another grade."""
    book = FlipLog(data)
    book.own(PARTNER)
    await live(publishing, workers)
    (data / "hold").write_text("chunk v360-av1")
    ordered = await publishing.republish(PARTNER, TITLE, CONTENT, AV1)
    await until_job(publishing, is_in(JobState.ENCODING), ordered.id)
    await publishing.receive(master("next"))
    other = msgspec.structs.replace(
        book.flips()[-1],
        id=asset_of_job(JobId("job_next")),
        version="other",
        prefix="assets/other",
    )
    await book.publish(TITLE, other)
    (data / "hold").unlink()
    job = await until_job(publishing, is_in(JobState.CANCELLED), ordered.id)
    assert "meanwhile" in job.reason
    assert codecs(book.flips()[-1]) == [Codec.H264] * 2


@pytest.mark.long
async def test_without_its_master_it_says_what_to_do(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    FlipLog(data).own(PARTNER)
    await live(publishing, workers)
    (data / "gone").touch()
    ordered = await publishing.republish(PARTNER, TITLE, CONTENT, AV1)
    job = await until_job(publishing, is_in(JobState.FAILED), ordered.id)
    assert "Deliver it again" in job.reason
    assert codecs(FlipLog(data).flips()[-1]) == [Codec.H264] * 2, "it stays as it was"


@pytest.mark.long
async def test_what_cannot_be_added_is_refused_at_once(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    FlipLog(data).own(PARTNER)
    with pytest.raises(NothingPublished):
        await publishing.republish(PARTNER, TITLE, CONTENT, AV1)
    await live(publishing, workers)
    for wrong in (
        Change(formats=("h264",)),
        Change(formats=("av1", "h264")),
        Change(formats=("av1",), new_keys=True),
    ):
        with pytest.raises(NothingToChange):
            await publishing.republish(PARTNER, TITLE, CONTENT, wrong)


@pytest.mark.long
async def test_every_title_gets_the_formats_that_come_later_once_it_is_live(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    """Heard twice, and heard of its own version, it adds each format once."""
    FlipLog(data).own(PARTNER)
    await live(publishing, workers)
    adding = durable_of(
        publishing._rows, publishing._work, data, later_formats=("h264", "av1", "hevc")
    )
    flipped = FlipLog(data).flips()[-1]
    event = TitlePublished(
        title_id=TITLE,
        content_id=CONTENT,
        asset_id=flipped.id,
        version=flipped.version,
        prefix=flipped.prefix,
    )
    for _ in range(2):
        await adding.receive_published(event, "e9")
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_e9av1"))
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_e9hevc"))
    assert set(codecs(FlipLog(data).flips()[-1])) == {Codec.H264, Codec.AV1, Codec.HEVC}
    await adding.receive_published(event, "e10")
    jobs = (await publishing.jobs(PARTNER)).jobs
    assert sorted(job.id for job in jobs if job.kind == "formats") == ["job_e9av1", "job_e9hevc"]


@pytest.mark.long
async def test_hdr_is_added_in_the_range_of_the_master_and_offered_for_no_other(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    FlipLog(data).own(PARTNER)
    await live(publishing, workers)
    hdr = Change(formats=("hevc-hdr",))
    assert not {o.codec for o in (await publishing.live(PARTNER, TITLE, CONTENT)).offers} & {
        "hevc-hdr",
        "av1-hdr",
    }
    with pytest.raises(NothingToChange, match="SDR"):
        await publishing.republish(PARTNER, TITLE, CONTENT, hdr)

    await publishing.receive(master("two", "hdr.mov"))
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_two"))
    assert {"hevc-hdr", "av1-hdr"} <= {
        offer.codec for offer in (await publishing.live(PARTNER, TITLE, CONTENT)).offers
    }
    ordered = await publishing.republish(PARTNER, TITLE, CONTENT, hdr)
    assert ordered.file_name == "format hevc-hdr"
    await until_job(publishing, is_in(JobState.LIVE), ordered.id)
    asset = FlipLog(data).flips()[-1]
    assert [rung.format.name for rung in asset.ladder if rung.codec is Codec.HEVC] == [
        "hevc-hdr10"
    ] * 2
    told = await publishing.live(PARTNER, TITLE, CONTENT)
    assert "hevc-hdr" not in {offer.codec for offer in told.offers}
    with pytest.raises(NothingToChange, match="already"):
        await publishing.republish(PARTNER, TITLE, CONTENT, hdr)

    adding = durable_of(
        publishing._rows, publishing._work, data, later_formats=("hevc-hdr", "av1-hdr")
    )
    event = TitlePublished(
        title_id=TITLE,
        content_id=CONTENT,
        asset_id=asset.id,
        version=asset.version,
        prefix=asset.prefix,
    )
    await adding.receive_published(event, "e9")
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_e9av1-hdr"))
    assert {rung.format.name for rung in FlipLog(data).flips()[-1].ladder} == {
        *("h264", "hevc-hdr10", "av1-hdr10"),
    }


@pytest.mark.long
async def test_a_first_version_waits_for_the_whole_one(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    FlipLog(data).own(PARTNER)
    (data / "hold").write_text("chunk v360")
    await publishing.receive(master())
    workers.start()
    await until_job(publishing, lambda job: job.playable)
    with pytest.raises(NothingToChange, match="first version"):
        await publishing.republish(PARTNER, TITLE, CONTENT, AV1)
    (data / "hold").unlink()
    await until_job(publishing, is_in(JobState.LIVE))


def rendition(name: str, frames: int, keyframes: tuple[int, ...]) -> RenditionRef:
    rung = Rung(
        name=name, width=16, height=9, codec=Codec.AV1, bitrate_kbps=1, peak_kbps=1, vmaf=None,
        vmaf_model="",
    )  # fmt: skip
    return RenditionRef(
        key=name, sha256=name, rung=rung, frames=frames, keyframes=keyframes, size=1
    )


def test_pictures_of_another_master_do_not_fit() -> None:
    opened = OpenedPackage(
        programme=Programme("00", 60, "25", 2400),
        renditions=(rendition("v240", 60, (0, 30)),),
        audio=(),
        text=(),
        thumbnails=None,
    )
    assert fits(opened, [rendition("v240-av1", 60, (0, 30))])
    assert not fits(opened, [rendition("v240-av1", 60, (0, 30)), rendition("v", 60, (0, 31))])
    assert not fits(opened, [rendition("v240-av1", 61, (0, 30))])


def test_what_an_earlier_try_has_published_is_not_packaged_twice() -> None:
    one, other = (rendition(name, 60, (0, 30)) for name in ("v240-av1", "v360-av1"))
    opened = OpenedPackage(
        programme=Programme("00", 60, "25", 2400),
        renditions=(rendition("v240", 60, (0, 30)), one),
        audio=(),
        text=(),
        thumbnails=None,
    )
    assert not_in(opened, [one, other]) == (other,)
