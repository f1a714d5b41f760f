"""The doctor tells of every thing it looked at, also when one of them is missing."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from vitascope.cli import cli
from vitascope.engines.media import Tool, ToolMissing, tools
from vitascope.engines.media.boxed import BoxedMedia
from vitascope.operations.doctor import DiagnosisState, examine, need_tools


@pytest.fixture
def without_ffmpeg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As when its package was taken away, or its file may not be run."""
    monkeypatch.setattr(tools, "_ffmpeg", lambda: tmp_path / "ffmpeg")


async def test_a_whole_machine_has_every_tool(tmp_path: Path) -> None:
    await need_tools(BoxedMedia())
    diagnoses = {
        diagnosis.subject: diagnosis async for diagnosis in examine(BoxedMedia(), tmp_path)
    }
    assert [diagnoses[tool].health for tool in Tool] == [DiagnosisState.GOOD] * 3
    assert all(
        diagnosis.advice
        for diagnosis in diagnoses.values()
        if diagnosis.health is not DiagnosisState.GOOD
    )


@pytest.mark.usefixtures("without_ffmpeg")
async def test_a_missing_tool_is_told_and_the_others_are_looked_at(tmp_path: Path) -> None:
    diagnoses = {
        diagnosis.subject: diagnosis async for diagnosis in examine(BoxedMedia(), tmp_path)
    }
    assert (diagnoses["ffmpeg"].health, diagnoses["ffmpeg"].seen) == (DiagnosisState.BAD, "missing")
    assert "remove .venv and start ./vita again" in diagnoses["ffmpeg"].advice
    assert diagnoses["packager"].seen == "not tried without ffmpeg"
    assert {"Python", "Processor", "Disk", "ffprobe", "Sandbox", "SQLite", "Web app"} <= set(
        diagnoses
    )


@pytest.mark.usefixtures("without_ffmpeg")
async def test_the_service_does_not_start_without_a_tool() -> None:
    with pytest.raises(ToolMissing, match="ffmpeg is not installed here"):
        await need_tools(BoxedMedia())


@pytest.mark.usefixtures("without_ffmpeg")
def test_what_is_bad_shows_in_the_exit_status() -> None:
    done = CliRunner().invoke(cli, ["doctor", "--json"])
    assert done.exit_code == 1
    assert "bad" in {diagnosis["health"] for diagnosis in json.loads(done.stdout)}
