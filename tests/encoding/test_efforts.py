"""Effort: a value that a job keeps, and settings that follow from it."""

from pathlib import Path
from typing import get_args

import msgspec
import pytest

from tests.encoding.steps import SMALL, encoder_in, inspected, runs_of
from vitascope.encoding import Chunk, Effort, Encode, EncodeChunk, Picture
from vitascope.encoding.efforts import EFFORTS, LATER_FORMATS, settings_at
from vitascope.encoding.picture.recipes import wanted
from vitascope.encoding.settings import EncodingSettings
from vitascope.kernel.media import DynamicRange, FormatName, format_named

USUAL = EncodingSettings()


def test_balanced_is_what_the_settings_say() -> None:
    assert settings_at(USUAL, None) == settings_at(USUAL, "balanced") == USUAL


def test_fast_tries_nothing_and_best_tries_more_with_slower_presets() -> None:
    fast, best = settings_at(USUAL, "fast"), settings_at(USUAL, "best")
    assert fast.max_samples == fast.max_wide_samples == 0 and fast.preset == USUAL.preset
    assert best.max_samples > USUAL.max_samples
    assert best.av1_preset < USUAL.av1_preset and best.vp9_speed < USUAL.vp9_speed
    assert {best.preset, best.hevc_preset} == {"medium"}


@pytest.mark.parametrize("effort", list(EFFORTS))
def test_a_setting_that_was_changed_stays_at_every_effort(effort: Effort) -> None:
    own = EncodingSettings(preset="slower", max_samples=5, vmaf_subsample=3, effort=effort)
    found = settings_at(own, None)
    assert (found.preset, found.max_samples, found.vmaf_subsample) == ("slower", 5, 3)
    assert found.effort == effort


@pytest.mark.parametrize("effort", list(EFFORTS))
def test_values_are_those_of_settings_and_differ_from_their_defaults(effort: Effort) -> None:
    for name, value in EFFORTS[effort].items():
        assert value != getattr(USUAL, name), f"{name} is no change"
    msgspec.convert(msgspec.to_builtins(settings_at(USUAL, effort)), EncodingSettings)


def test_best_has_every_format_that_there_is() -> None:
    hdr = DynamicRange.HDR10
    first = {recipe.format for recipe in wanted(USUAL, hdr)}
    later = {format_named(name, hdr) for name in LATER_FORMATS["best"]}
    assert first | later == {format_named(name, hdr) for name in get_args(FormatName)}


@pytest.mark.long
async def test_another_effort_in_the_settings_leaves_a_job_under_way_as_it_is(
    tmp_path: Path,
) -> None:
    before, blobs = encoder_in(tmp_path, msgspec.structs.replace(SMALL, preset="veryfast"))
    source = await inspected(before, blobs, "bbb_480p24_6s.mp4")
    chunk = EncodeChunk(
        source=source,
        picture=Picture(key=source.master_key, mezzanine=False),
        chunk=Chunk(index=0, start=0, end=12, keyframes=(0,)),
        encodes=(Encode(width=214, height=120, crf=30.0),),
        effort="balanced",
    )
    (first,) = await before.run(chunk)
    now = msgspec.structs.replace(SMALL, preset="veryfast", effort="best")
    after, _ = encoder_in(tmp_path, now)
    assert await after.run(chunk) == (first,)
    assert runs_of(after) == [], "it was encoded again"
    (other,) = await after.run(msgspec.structs.replace(chunk, effort="best"))
    assert other.key != first.key and runs_of(after)
