"""A data folder is checked before it is used, and every refusal says what to do."""

import os
import shutil
import socket
import stat
from collections import namedtuple
from pathlib import Path

import pytest

from tests.ports import free_ports
from vitascope.operations import folder
from vitascope.operations.folder import (
    DataFolderFull,
    FolderInUse,
    FolderUnusable,
    NewerFolder,
    PortTaken,
    PortUnusable,
    check_ports,
    hold,
    open_folder,
)
from vitascope.roles import running
from vitascope.settings import Settings


def test_an_empty_folder_is_made_and_stamped(tmp_path: Path) -> None:
    open_folder(tmp_path / "new" / "data")
    open_folder(tmp_path / "new" / "data")
    assert (tmp_path / "new" / "data" / folder.STAMP).exists()


def test_a_folder_that_an_older_version_left_open_is_closed_to_other_users(tmp_path: Path) -> None:
    old = tmp_path / "data"
    for part in ("blobs", "rows", "uploads"):
        (old / part).mkdir(parents=True, mode=0o755)
    (old / "rows" / "catalog.db").write_bytes(b"")
    (old / folder.STAMP).write_text('{"layout": 1, "version": "0.1.0"}')
    old.chmod(0o755)
    open_folder(old)
    modes = {place.name: stat.S_IMODE(place.stat().st_mode) for place in (old, *old.iterdir())}
    assert {mode & 0o077 for mode in modes.values()} == {0}, modes
    assert modes["data"] == modes["rows"] == 0o700


def test_a_new_folder_is_for_its_user_alone(tmp_path: Path) -> None:
    open_folder(tmp_path / "data")
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


class Begun(Exception):
    pass


async def test_what_a_process_writes_is_for_its_user_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From the first lines of a process on, whatever the umask of who started it."""

    def stop(*_: object) -> None:
        raise Begun

    monkeypatch.setattr(running, "_configure_logs", stop)
    before = os.umask(0o022)
    try:
        with pytest.raises(Begun):
            await running.run_roles(Settings(), frozenset({"worker"}))
    finally:
        then = os.umask(before)
    assert then & 0o077 == 0o077


def test_a_folder_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    stamp = tmp_path / folder.STAMP
    stamp.write_text('{"layout": 99, "version": "9.1"}')
    with pytest.raises(NewerFolder, match=r"written by Vitascope 9\.1.*--data DIR"):
        open_folder(tmp_path)
    assert stamp.read_text() == '{"layout": 99, "version": "9.1"}'


def test_a_broken_stamp_is_refused(tmp_path: Path) -> None:
    (tmp_path / folder.STAMP).write_text("{")
    with pytest.raises(FolderUnusable, match="backup"):
        open_folder(tmp_path)


def test_a_file_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(FolderUnusable, match="--data DIR"):
        open_folder(tmp_path / "data")


def test_a_full_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9 - 5_000_000, 5_000_000))
    with pytest.raises(DataFolderFull, match=r"Only 5 MB are free.*Free some space.*--data DIR"):
        open_folder(tmp_path)
    assert not list(tmp_path.iterdir()), "on a disk without room nothing is written"


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    with hold(tmp_path), pytest.raises(FolderInUse, match="Another `vitascope up`"):
        hold(tmp_path)
    hold(tmp_path).close()


def test_a_taken_port_is_named() -> None:
    first = free_ports(2)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first + 1))
        taken.listen()
        check_ports("127.0.0.1", first, 1)
        with pytest.raises(PortTaken, match=rf"Port {first + 1} is taken\. .*--port"):
            check_ports("127.0.0.1", first + 1, 1)
        with pytest.raises(
            PortTaken, match=rf"{first + 1} is taken .*takes {first} to {first + 1}"
        ):
            check_ports("127.0.0.1", first, 2)


@pytest.mark.parametrize(
    ("host", "first", "said"),
    [
        ("127.0.0.1", 65534, "takes ports 65534 to 65536.*--port 65533 or less"),
        ("192.0.2.1", 21_000, "192.0.2.1 cannot be opened.*address of this machine"),
    ],
    ids=["beyond the last port", "an address of another machine"],
)
def test_a_port_that_cannot_be_had_is_not_called_taken(host: str, first: int, said: str) -> None:
    with pytest.raises(PortUnusable, match=said):
        check_ports(host, first, 3)
