"""The doctor tells of every thing it looked at, also when one of them is missing."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from vitascope.cli import cli
from vitascope.engines.media import Tool, ToolMissing, tools
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.operations.doctor import DiagnosisState, examine, need_machine


@pytest.fixture
def without_ffmpeg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As when its package was taken away, or its file may not be run."""
    monkeypatch.setattr(tools, "_ffmpeg", lambda: tmp_path / "ffmpeg")


async def test_a_whole_machine_has_every_tool(tmp_path: Path) -> None:
    await need_machine(SandboxedMedia())
    diagnoses = {
        diagnosis.subject: diagnosis async for diagnosis in examine(SandboxedMedia(), tmp_path)
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
        diagnosis.subject: diagnosis async for diagnosis in examine(SandboxedMedia(), tmp_path)
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
        await need_machine(SandboxedMedia())


@pytest.mark.usefixtures("without_ffmpeg")
def test_what_is_bad_shows_in_the_exit_status() -> None:
    done = CliRunner().invoke(cli, ["doctor", "--json"])
    assert done.exit_code == 1
    assert "bad" in {diagnosis["health"] for diagnosis in json.loads(done.stdout)}


def test_viewers_whom_an_edge_in_a_network_does_not_serve_are_named() -> None:
    environment = {
        "VITASCOPE_EDGE__ISP": "one",
        "VITASCOPE_STEERING__NETWORKS": '{"one": ["192.0.2.0/25"], "two": ["192.0.2.128/25"]}',
    }
    alone = networks_of(environment)
    assert (alone["health"], alone["seen"]) == ("warning", "the edge serves one, and not two")
    assert "set lend_network_edges = true in [steering]" in alone["advice"]
    lending = networks_of({**environment, "VITASCOPE_STEERING__LEND_NETWORK_EDGES": "true"})
    assert (lending["health"], lending["advice"]) == ("good", "")


def networks_of(environment: dict[str, str]) -> dict[str, str]:
    done = CliRunner().invoke(cli, ["doctor", "--json"], env=environment)
    (told,) = (each for each in json.loads(done.stdout) if each["subject"] == "Network")
    return dict(told)
