"""I1 I3 P1: what a stranger does with the command line, and what they are told in trouble."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click
import httpx
import msgspec
import pytest
from click.testing import CliRunner

from checkout import commands
from tests.encoding.master.test_inspect import PLAYLISTS, TEXTS
from tests.journeys.conftest import (
    ALARM_S,
    ROOT,
    Service,
    children_of,
    started,
    until,
)
from tests.journeys.people import OPERATOR, PARTNER, VIEWER, Caller, new_viewer
from tests.ports import free_ports
from vitascope.cli import cli
from vitascope.engines.media.confine import NOBODY

pytestmark = pytest.mark.long

MEDIA = ROOT / "tests" / "media"


def vitascope(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vitascope", *arguments]
    return subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=ALARM_S,
        check=False,
        env={**os.environ, **environment},
    )


def told(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one JSON line of a command."""
    assert done.stdout.count("\n") == 1, done.stdout + done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_up_prints_one_line_when_a_film_can_be_played(service: Service) -> None:
    assert len(service.output) == 1
    assert re.fullmatch(r"ready http://localhost:\d+", service.output[0])
    errors = service.log.read_text()
    steps = ("Starting the service", "Bringing in the first pictures", "Encoding the first film")
    for step in steps:
        assert f"{step}: done" in errors
    for person in (PARTNER, VIEWER, OPERATOR):
        assert re.search(rf"^ +\w+ +{person.email} +{person.password}$", errors, re.MULTILINE)
        Caller(service.url, person).http.close()


def test_without_the_demo_there_are_no_titles(empty: Service) -> None:
    assert empty.output == [f"ready {empty.url}"]
    assert "@" not in empty.log.read_text()
    with Caller(empty.url, new_viewer(empty), "Newcomer") as viewer:
        assert viewer.found("Big Buck Bunny") == []
    with httpx.Client(base_url=empty.url, timeout=ALARM_S) as http:
        for person in (PARTNER, VIEWER, OPERATOR):
            body = {**msgspec.to_builtins(person), "device": {"name": "Caller", "kind": "probe"}}
            assert http.post("/api/sign-in", json=body).status_code == 401


def open_to_others(place: Path) -> bool:
    try:
        found = place.lstat()
    except FileNotFoundError:  # a scratch file of a running job
        return False
    lent = found.st_gid == NOBODY  # to media tools: nobody else is in that group
    mode = stat.S_IMODE(found.st_mode) & ~(0o070 if lent else 0)
    return not stat.S_ISLNK(found.st_mode) and bool(mode & 0o077)


def test_nothing_that_a_service_writes_can_be_read_by_other_users(service: Service) -> None:
    """Not the folder alone: a file that is moved or linked elsewhere takes its rights with it."""
    left_open = [
        str(place) for place in (service.data, *service.data.rglob("*")) if open_to_others(place)
    ]
    assert left_open == []


def test_a_master_is_published_and_can_be_watched(service: Service, tmp_path: Path) -> None:
    clip, words = MEDIA / "bbb_vfr.mp4", tmp_path / "clip.fr.srt"
    words.write_text("1\n00:00:00,500 --> 00:00:01,500\nBonjour !\n")
    beside = ("--subtitles", f"fr={words}")
    done = service.run("ingest", str(clip), "--title", "A clip", *beside, "--wait", "--json")
    published = told(done)
    assert done.returncode == 0
    assert published["state"] == "published"
    assert published["findings"] == []
    assert published["seconds"] > 1
    for rung in published["rungs"]:
        assert set(rung) == {"height", "codec", "bitrate_kbps", "vmaf"}
        assert rung["height"] in (240, 360)
        assert rung["codec"] == "h264"
        assert rung["bitrate_kbps"] > 10
        assert 0 < rung["vmaf"] <= 100
    shown = done.stderr.splitlines()
    assert shown[0].startswith("About ")
    assert f"Uploading {clip.name}: done" in shown
    for step in ("Inspect", "Package", "Verify", "Encode"):
        assert any(line.startswith(step) and line.endswith(": done") for line in shown), shown
    watched = told(service.run("play", published["title_id"], "--seconds", "4", "--json"))
    assert watched["name"] == "A clip"
    assert watched["first_frame_s"] > 0
    assert watched["height"] in (240, 360)
    assert watched["rung"]
    assert watched["edge"].startswith("edge-")
    assert watched["frames"] >= 4 * 20
    assert watched["bytes"] > 10_000
    with Caller(service.url, VIEWER, "Ada") as ada:
        page = ada.ok("GET", f"/api/titles/{published['title_id']}")
    assert page["title"]["text_languages"] == ["fr"]


def test_subtitles_that_cannot_be_meant_are_refused_before_anything_is_sent() -> None:
    for given, sentence in (("film.srt", "LANGUAGE=FILE"), ("fr=nowhere.srt", "no file")):
        done = vitascope("ingest", __file__, "--title", "X", "--subtitles", given)
        assert (done.returncode, sentence in done.stderr) == (2, True), done.stderr


def test_a_refused_master_is_told_with_code_and_sentence_and_makes_no_second_title(
    service: Service, tmp_path: Path
) -> None:
    bad = tmp_path / "notes.txt"
    bad.write_text("not a film\n" * 100)
    done = service.run("ingest", str(bad), "--title", "Notes", "--wait", "--json")
    first = told(done)
    assert done.returncode == 1
    assert (first["state"], first["rungs"]) == ("rejected", [])
    (finding,) = first["findings"]
    assert re.fullmatch(r"[a-z][a-z-]+", finding["code"])
    assert re.fullmatch(r"[A-Z].+ .+\.", finding["sentence"])
    again = service.run("ingest", str(bad), "--title", "Notes", "--wait")
    assert again.returncode == 1
    assert again.stdout == f"Refused: {first['title_id']}\n"
    assert finding["code"] in again.stderr
    assert finding["sentence"] in " ".join(again.stderr.split())


def test_bad_files_are_refused_with_a_code_and_a_sentence(service: Service, tmp_path: Path) -> None:
    """I3: text, a playlist and a script that name a sibling, a bomb, a film that is cut off."""
    scripts = {name: PLAYLISTS[name] for name in ("hls.mp4", "concat.mp4")}
    for name, text in {**scripts, "text.mp4": TEXTS["text.mp4"]}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "sibling.mp4").write_bytes((MEDIA / "bbb_vfr.mp4").read_bytes())
    expected = {
        tmp_path / "text.mp4": "not-media",
        tmp_path / "hls.mp4": "playlist-not-media",
        tmp_path / "concat.mp4": "playlist-not-media",
        MEDIA / "synth_8192x8192_bomb.mp4": "too-large-picture",
        MEDIA / "bbb_truncated.mp4": "truncated",
    }

    def ingest(file: Path) -> subprocess.CompletedProcess[str]:
        return service.run("ingest", str(file), "--title", f"Bad {file.stem}", "--wait", "--json")

    with ThreadPoolExecutor(len(expected)) as together:
        for done, code in zip(together.map(ingest, expected), expected.values(), strict=True):
            answer: Any = told(done)
            assert (done.returncode, answer["state"], answer["rungs"]) == (1, "rejected", [])
            (finding,) = answer["findings"]
            assert finding["code"] == code
            assert finding["sentence"].endswith(".")


def test_playing_what_does_not_exist_says_so(service: Service) -> None:
    done = service.run("play", "ttl_00000000000000000000000000")
    assert done.returncode == 1
    assert re.match(r"vitascope: [A-Z]\w+ .*\.", done.stderr)


def test_a_wrong_password_says_so(service: Service) -> None:
    done = service.run("play", "ttl_x", "--email", "viewer@vitascope.example", "--password", "no")
    assert done.returncode == 1
    assert re.match(r"vitascope: .*password", done.stderr)


def test_no_service_says_how_to_start_one() -> None:
    done = vitascope("play", "ttl_x", "--server", f"http://127.0.0.1:{free_ports(1)}")
    assert done.returncode == 1
    assert "./vita up" in done.stderr
    assert done.stderr.count("\n") == 1, "a sentence stays on its line in a log"


def test_a_taken_port_says_which(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = vitascope("up", "--data", str(tmp_path / "data"), "--port", str(port))
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr
    assert done.stdout == ""


def test_a_folder_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vitascope.json").write_text('{"layout": 99, "version": "9.1"}')
    done = vitascope("up", "--data", str(tmp_path), "--port", str(free_ports(4) + 1))
    assert done.returncode == 1
    assert "newer than this" in done.stderr
    assert "--data DIR" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["vitascope.json"]


def test_a_wrong_setting_is_refused_by_name(tmp_path: Path) -> None:
    done = vitascope("up", "--data", str(tmp_path), VITASCOPE_SERVICE__PORT="many")
    assert done.returncode == 1
    assert "[service] port cannot be 'many'" in done.stderr


def test_a_missing_tool_is_refused_with_what_to_install(tmp_path: Path) -> None:
    done = vitascope(
        "up", "--data", str(tmp_path / "data"), "--port", str(free_ports(4) + 1),
        VITASCOPE_SERVICE__SANDBOX="bubblewrap", PATH=str(tmp_path),
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Install bubblewrap" in " ".join(done.stderr.split())


@pytest.mark.parametrize("port", ["0", "70000"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    done = vitascope("up", "--data", str(tmp_path / "data"), "--port", port)
    assert done.returncode == 1
    assert f"[service] port cannot be {port}" in done.stderr


def test_roles_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    done = vitascope("run", "worker", "edge", "--data", str(tmp_path / "data"))
    assert done.returncode == 1
    assert "processes of their own" in " ".join(done.stderr.split())


def test_an_account_needs_the_service_and_its_folder(tmp_path: Path) -> None:
    def account(port: int) -> str:
        place = ["--data", str(tmp_path), "--port", str(port)]
        done = vitascope("account", "me@example.org", "--password", "a long sentence", *place)
        assert done.returncode == 1
        return " ".join(done.stderr.split())

    port = free_ports(1)
    assert "is no data folder of Vitascope" in account(port)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "vitascope.json").write_text('{"layout": 1, "version": "0.1.0"}')
    assert "Start the service with ./vita up, or name its port with --port N." in account(port)


def test_every_command_has_help_that_helps() -> None:
    told = help_of(cli)
    for name in cli.commands:
        assert f"  {name} " in told
        assert len(help_of(cli, name).splitlines()) >= 5
    assert "  ingest " in vitascope("--help").stdout


def test_a_checkout_has_commands_of_its_own_beside_them() -> None:
    command = [sys.executable, "-m", "checkout", "--help"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in ("up", "ingest", "test", "check", "bench", "openapi"):
        assert f"  {name} " in listing
    for own in (commands.test, commands.check, commands.bench, commands.openapi):
        assert len(help_of(own).splitlines()) >= 5


def help_of(command: click.Command, *names: str) -> str:
    asked = CliRunner().invoke(command, [*names, "--help"])
    assert asked.exit_code == 0
    return asked.output


def test_settings_are_printed_as_a_file_that_can_be_used(tmp_path: Path) -> None:
    file = tmp_path / "vitascope.toml"
    file.write_text(vitascope("settings").stdout)
    again = vitascope("--settings", str(file), "settings")
    assert again.stdout == file.read_text()


def test_the_doctor_looks_at_the_tools() -> None:
    signs = json.loads(vitascope("doctor", "--json").stdout)
    seen = {sign["subject"]: sign for sign in signs}
    assert {"ffmpeg", "ffprobe", "packager", "SQLite", "Sandbox", "Disk"} <= set(seen)
    assert seen["ffmpeg"]["health"] == "good"


def test_a_stop_takes_every_child_along_and_the_next_start_goes_on(tmp_path: Path) -> None:
    """Ctrl-C and SIGTERM stop every child; a kill -9 of any child is mended."""
    data = tmp_path / "data"
    with started(data, "--no-demo") as running:
        until(lambda: "account EMAIL --role" in running.log.read_text(), "what to do next")
        children = children_of(running.pid)
        assert len(children) >= 4  # api, worker, two edges
        person = new_viewer(running, "Stayer")
        os.kill(children[0], signal.SIGKILL)
        until(lambda: is_whole(running, children), "the killed child did not come back")
        stops_with_every_child(running, signal.SIGINT)
    with started(data, "--no-demo") as again:
        with Caller(again.url, person, "Stayer") as stayer:
            assert stayer.ok("GET", "/api/profiles")
        stops_with_every_child(again, signal.SIGTERM)


def is_whole(service: Service, before: list[int]) -> bool:
    now = children_of(service.pid)
    return len(now) == len(before) and before[0] not in now


def stops_with_every_child(service: Service, how: signal.Signals) -> None:
    grown = children_of(service.pid)
    os.kill(service.pid, how)
    alive = [Path(f"/proc/{pid}") for pid in grown]
    until(lambda: not any(place.exists() for place in alive), "a child outlives the service")


def test_a_catalogue_is_imported_as_its_page_says(service: Service, tmp_path: Path) -> None:
    """The lines and the command of docs/how-to/importing-titles.md."""
    page = (ROOT / "docs" / "how-to" / "importing-titles.md").read_text()
    (lines,) = re.findall(r"```jsonl\n(.+?)```", page, re.DOTALL)
    assert "./vita catalog import films.jsonl " in page
    (file := tmp_path / "films.jsonl").write_text(lines)
    first = told(service.run("catalog", "import", str(file), "--json"))
    assert (first["added"], first["changed"], first["unchanged"]) == (2, 0, 0)
    again = service.run("catalog", "import", str(file))
    assert re.fullmatch(
        r"Imported 2 titles in [\d.]+ s: 0 added, 0 changed, 2 unchanged\.\n", again.stdout
    )
    with Caller(service.url, VIEWER, "Ada") as ada:
        until(lambda: bool(ada.found("raya last dragn")), "what was imported is not found")
        assert ada.found("raya last dragn")[0]["name"] == "Raya and the Last Dragon"
        found = [card["id"] for card in ada.found("poison 1991")]
        assert "poison-1991" not in found, "it is not announced"


def test_a_wrong_line_of_a_catalogue_is_named_and_nothing_is_imported(
    service: Service, tmp_path: Path
) -> None:
    file = tmp_path / "films.jsonl"
    file.write_text(
        '{"id": "good-1", "name": "Good"}\n{"id": "bad-1", "name": "Bad", "year": "x"}\n'
    )
    done = service.run("catalog", "import", str(file))
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Line 2: `year` must be int" in done.stderr
    assert "Nothing of the file was imported." in done.stderr
    with Caller(service.url, PARTNER) as partner:
        assert partner.ok("GET", "/api/studio/titles?title_id=good-1")["titles"] == []
