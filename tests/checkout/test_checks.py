"""What `./vita test`, `check` and `bench` do with what they run: no failure is passed over."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from checkout import checks, commands, packages, web
from checkout.packages import ToolsMissing
from tests.needed import missing


def python(status: int, *said: str) -> list[str]:
    """A command that says something and ends with `status`."""
    return [sys.executable, "-c", f"print({' '.join(said)!r}); raise SystemExit({status})"]


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a test run set up, in order; nothing is really installed or built."""
    done: list[str] = []
    monkeypatch.setattr(checks, "install_packages", lambda say: done.append("packages"))
    monkeypatch.setattr(checks, "build_web", lambda say: done.append("web app"))
    return done


@pytest.fixture
def bare_pytest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Runs of pytest begin in a folder without settings, and with the one plugin that their
    arguments need: to load all of the project's takes seconds of processor time each."""
    monkeypatch.setattr(checks, "ROOT", tmp_path)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "xdist.plugin")


def test_a_run_of_all_tests_sets_up_what_they_need_and_stops_at_the_web_s(
    prepared: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "node", lambda *words: python(5, *words))
    told: list[str] = []
    assert checks.run_tests(told.append, []) == 5
    assert prepared == ["packages", "web app"]
    assert told == ["web tests"]
    assert capfd.readouterr().out.startswith("npm test")


@pytest.mark.usefixtures("bare_pytest")
def test_with_arguments_pytest_alone_runs_and_its_end_is_the_run_s(
    prepared: list[str], tmp_path: Path
) -> None:
    failing = tmp_path / "test_failing.py"
    failing.write_text("def test_none():\n    assert False\n")
    assert checks.run_tests(lambda _: None, ["-q", str(failing)]) == 1
    assert checks.run_tests(lambda _: None, ["--version"]) == 0
    assert prepared == ["packages", "web app"] * 2


@pytest.mark.usefixtures("bare_pytest")
def test_a_quick_run_leaves_out_what_is_long_or_needs_a_browser(
    prepared: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    chosen = tmp_path / "test_chosen.py"
    chosen.write_text(
        "import pytest\n\n"
        "def test_quick(): pass\n\n"
        "@pytest.mark.long\ndef test_long(): assert False\n\n"
        "@pytest.mark.browser\ndef test_in_a_browser(): assert False\n"
    )
    assert checks.run_tests(lambda _: None, ["-n", "0", str(chosen)], quick=True) == 0
    assert "1 passed, 2 deselected" in capfd.readouterr().out


def test_missing_packages_are_named_to_who_may_not_install_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packages, "find_program", lambda _: None)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(ToolsMissing, match=r"Missing: bubblewrap, chromium, iproute2, .*apt-get"):
        packages.install_packages(lambda _: None)


def test_every_gate_is_run_and_one_that_fails_fails_the_check(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(checks, "install_node_modules", lambda say: None)
    gates = {
        name: (python(name == "second", name), tmp_path) for name in ("first", "second", "third")
    }
    monkeypatch.setattr(checks, "gates", lambda: gates)
    done = CliRunner().invoke(commands.check)
    assert done.exit_code == 1
    assert done.stdout == "second\n\n"  # only what failed is shown
    assert done.stderr.splitlines() == ["✓ first", "✗ second", "✓ third"]
    del gates["second"]
    assert CliRunner().invoke(commands.check).exit_code == 0


def test_the_gates_are_those_of_the_project() -> None:
    wanted = {"ruff", "format", "mypy", "imports", "dependencies", "shape", "openapi", "api types"}
    assert wanted <= set(checks.gates())
    said = (web.ROOT / ".ci" / "run").read_text().splitlines()
    assert said[-2:] == ["./vita test", "./vita check"]
    exported = [line.partition("#")[0].strip() for line in said]
    assert "export CI=true" in exported, "what a test does not find is skipped, unseen"


@pytest.mark.parametrize(("ci", "ended"), [("", "skipped"), ("true", "failed")])
def test_what_a_test_does_not_find_is_skipped_but_fails_in_ci(
    ci: str, ended: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    expected = pytest.fail.Exception if ended == "failed" else pytest.skip.Exception
    with pytest.raises(expected, match="Install it"):
        missing("There is no such program. Install it.")


def test_benchmarks_run_by_name_or_all_and_a_failure_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    for name in ("rows", "start"):
        (folder / f"{name}.py").write_text(f"import sys; print({name!r}, *sys.argv[1:])")
    monkeypatch.setattr(checks, "ROOT", tmp_path)
    assert CliRunner().invoke(commands.bench).exit_code == 0
    assert capfd.readouterr().out == "rows\nstart\n"
    CliRunner().invoke(commands.bench, ["start", "--runs", "3"])
    assert capfd.readouterr().out == "start --runs 3\n"
    wrong = CliRunner().invoke(commands.bench, ["speed"])
    assert wrong.exit_code == 2
    assert "There is no benchmark 'speed'. There are: rows, start." in wrong.stderr
    (folder / "rows.py").write_text("raise SystemExit(3)")
    assert CliRunner().invoke(commands.bench).exit_code == 3
