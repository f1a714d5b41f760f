"""What long work shows on stderr: bars on a terminal, and lines where there is none."""

import io
import re

import pytest
from rich.console import Console

from vitascope.kernel.ids import AccountId, ContentId, JobId, MasterId, TitleId
from vitascope.operations import progress_bars as display
from vitascope.operations.progress_bars import STATES, ProgressBars, estimate_sentence
from vitascope.publishing import Estimate, Job, JobState, StepProgress

JOB = Job(
    id=JobId("job"), master_id=MasterId("mst"), partner_id=AccountId("acc"),
    title_id=TitleId("ttl"), content_id=ContentId("ttl"), file_name="film.mp4", priority="normal",
    state=JobState.ENCODING, created_at_ms=0, updated_at_ms=0,
    steps=(
        StepProgress(name="inspect", state="done"),
        StepProgress(name="encode v720", state="running", done=1, total=4, unit="chunks"),
        StepProgress(name="package", state="waiting"),
    ),
)  # fmt: skip


def test_without_a_terminal_a_step_is_told_when_it_begins_and_when_it_ends(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with ProgressBars() as bars:
        for done in (0, 1, 2, 3, 4, 4):
            bars.step("Uploading film.mp4", done, 4, f"{done} MB")
    said = capsys.readouterr()
    assert said.err.splitlines() == ["Uploading film.mp4: 0%", "Uploading film.mp4: done"]
    assert said.out == ""


def test_what_comes_after_the_end_begins_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, width=100, highlight=False)
    monkeypatch.setattr(display, "Console", lambda **_: terminal)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with ProgressBars() as bars:
        bars.step("Starting the service", 1, 1)
        bars.close()
        terminal.print("ready")
        bars.step("Bringing in the other films", 7, 19)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue())
    _, after = shown.split("ready")
    assert re.search(r"Bringing in the other films .* 37%", after), shown
    assert "Starting the service" not in after


def test_a_job_is_told_by_its_steps_and_rungs_that_have_begun(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with ProgressBars() as bars:
        bars.job(JOB)
    assert capsys.readouterr().err.splitlines() == ["Inspect: done", "Encode v720: 25%"]


def test_on_a_terminal_every_step_has_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, width=100, highlight=False)
    monkeypatch.setattr(display, "Console", lambda **_: terminal)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with ProgressBars() as bars:
        bars.step("Uploading film.mp4", 2_000_000, 4_000_000, "2.0/4.0 MB")
        bars.job(JOB)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue())
    for line in (
        r"Uploading film\.mp4 .* 50% .* 2\.0/4\.0 MB",
        r"Encode v720 .* 25% .* 1/4 chunks",
    ):
        assert re.search(line, shown), shown


def test_every_state_of_a_job_has_words() -> None:
    assert set(STATES) == {state.value for state in JobState}


@pytest.mark.parametrize(
    ("cpu_s", "room", "said"),
    [
        (12.0, 1_234_567, "About a minute of processor time and 1.2 MB of room; "),
        (600.0, 2_345_678_900, "About 10 min of processor time and 2.3 GB of room; "),
        (90_000.0, 5_000_000_000, "About 25.0 h of processor time and 5.0 GB of room; "),
    ],
)
def test_what_a_film_will_take_is_told_in_units_of_its_size(
    cpu_s: float, room: int, said: str
) -> None:
    told = Estimate(
        cpu_s=cpu_s, size=room, room=room, playable_in_ms=30_000, live_in_ms=7_200_000,
        jobs_ahead=1, learned=True, told_at_ms=0,
    )  # fmt: skip
    after = "can be played in a minute, whole in 2.0 h, after 1 film before it."
    assert estimate_sentence(told) == said + after
