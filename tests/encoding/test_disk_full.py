"""The disk runs full, for real: a file system of a few megabytes, in a namespace of mounts that one
process has to itself."""

import asyncio
import ctypes
import os
from pathlib import Path

import msgspec
import pytest

from tests.encoding.steps import SMALL, CountingMedia, inspected
from tests.forked import Forked
from tests.needed import missing
from vitascope.encoding import Chunk, Encode, EncodeChunk, NoRoom
from vitascope.encoding.contract.picture import Picture
from vitascope.encoding.local import LocalEncoding
from vitascope.engines.blobs.disk import DiskBlobs

pytestmark = pytest.mark.long

FILM = "bbb_480p24_6s.mp4"
SIZE = 6 * 2**20
_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MS_REC, _MS_PRIVATE = 0x4000, 1 << 18
NO_MOUNT = 77


def mounted(place: Path) -> None:
    """Put a small file system on `place`, which this process alone sees. Raises `OSError`."""
    libc = ctypes.CDLL(None, use_errno=True)
    mine = os.geteuid()
    flags = _CLONE_NEWNS | (_CLONE_NEWUSER if mine else 0)
    _done(libc.unshare(flags))
    if mine:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {mine} 1")
        Path("/proc/self/gid_map").write_text(f"0 {os.getegid()} 1")
    _done(libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None))
    size = f"size={SIZE},mode=0777".encode()
    _done(libc.mount(b"tmpfs", str(place).encode(), b"tmpfs", 0, size))


def _done(status: int) -> None:
    if status != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def encode_on_full_disk(folder: Path, full: str, keep_free_mib: float) -> None:
    """In a process of its own. `full` is which folder lies on the small disk."""
    small = folder / full
    small.mkdir()
    try:
        mounted(small)
    except OSError:
        os._exit(NO_MOUNT)
    asyncio.run(_encode(folder, small, keep_free_mib))


async def _encode(folder: Path, small: Path, keep_free_mib: float) -> None:
    ample = LocalEncoding(
        blobs=DiskBlobs(root=folder / "ample"), media=CountingMedia(), folder=folder / "scratch"
    )
    source = await inspected(ample, DiskBlobs(root=folder / "ample"), FILM)
    blobs = DiskBlobs(root=folder / "blobs")
    settings = msgspec.structs.replace(SMALL, keep_free_gib=keep_free_mib / 1024)
    encoding = LocalEncoding(
        blobs=blobs, media=CountingMedia(), folder=folder / "work", settings=settings
    )
    await blobs.put_file(source.master_key, folder / "ample" / source.master_key)
    ballast = small / "ballast"
    with ballast.open("wb") as file:
        left = os.statvfs(small)
        file.write(bytes(left.f_bavail * left.f_frsize - 64 * 1024))
    request = EncodeChunk(
        source=source,
        picture=Picture(key=source.master_key, mezzanine=False),
        chunk=Chunk(index=0, start=0, end=48, keyframes=(0,)),
        encodes=(Encode(width=854, height=480, crf=20.0),),
    )
    try:
        await encoding.run(request)
    except NoRoom as told:
        assert "is full" in told.detail, told.detail
        assert str(folder) not in told.detail, "partners read where the service keeps things"
    else:
        raise AssertionError("it was encoded without room")
    kept = [blob.key for blob in await blobs.list("encodes/")]
    assert kept == [], f"half-written: {kept}"
    ballast.unlink()
    await encoding.need_room()
    (ref,) = await encoding.run(request)
    assert ref.frames == 48
    assert len(await blobs.get(ref.key)) == ref.size


@pytest.mark.parametrize(
    ("full", "keep_free_mib"),
    [("work", 0.0), ("blobs", 0.0), ("work", 1.0)],
    ids=["the tool finds no room", "the store finds no room", "room is looked for before"],
)
def test_without_room_nothing_half_written_is_kept_and_with_room_it_goes_on(
    tmp_path: Path, full: str, keep_free_mib: float
) -> None:
    encoding = Forked(encode_on_full_disk, tmp_path, full, keep_free_mib, log=tmp_path / "log")
    status = encoding.wait()
    if status == NO_MOUNT:
        missing("Let processes mount a file system of their own: as root, or by user namespaces.")
    assert status == 0, (tmp_path / "log").read_text()[-3000:]
