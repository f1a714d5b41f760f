"""C1, C4: what an edge keeps, what it evicts, and what it knows of both after a restart."""

import asyncio
from pathlib import Path

import pytest

from vitascope.edge.file_cache import FileCache, media_of
from vitascope.kernel.packages import PackageFile, PackageListing

SHA = "0" * 64


def package(prefix: str, **sizes: int) -> PackageListing:
    files = {f"{name}.mp4": PackageFile(sha256=SHA, size=size) for name, size in sizes.items()}
    return PackageListing(
        prefix=prefix, files=files | {"thumbs.jpg": PackageFile(sha256=SHA, size=1)}
    )


async def opened(folder: Path, limit: int = 100, pinned: tuple[str, ...] = ()) -> FileCache:
    cache = FileCache(folder, limit, pinned)
    await asyncio.to_thread(cache.open)
    return cache


async def put(cache: FileCache, prefix: str, name: str, size: int) -> bool:
    if not cache.reserve(size):
        return False
    part = cache.folder / ".filling" / "one.part"
    await asyncio.to_thread(part.write_bytes, bytes(size))
    await cache.keep(prefix, name, PackageFile(sha256=SHA, size=size), part)
    return True


async def test_room_is_made_for_exactly_what_is_needed(tmp_path: Path) -> None:
    cache = await opened(tmp_path)
    await cache.keep_package(package("a/v", one=40, two=40))
    assert await put(cache, "a/v", "one.mp4", 40)
    assert await put(cache, "a/v", "two.mp4", 40)
    assert cache.used_bytes == 80
    assert cache.reserve(20)
    assert len(cache) == 2, "it fits to the byte"
    cache.release(20)
    assert cache.find("a/v", "one.mp4")
    assert cache.reserve(21)
    assert [cache.holds("a/v", name) for name in ("one.mp4", "two.mp4")] == [True, False]
    assert cache.used_bytes == 61
    await cache.settle()
    assert not (tmp_path / "a/v/two.mp4").exists()


async def test_what_can_not_fit_evicts_nothing(tmp_path: Path) -> None:
    cache = await opened(tmp_path, pinned=("a/v",))
    for prefix in ("a/v", "b/v"):
        await cache.keep_package(package(prefix, one=40))
        assert await put(cache, prefix, "one.mp4", 40)
    assert not cache.reserve(61), "the pinned one stays, and without it 60 are free"
    assert (len(cache), cache.used_bytes) == (2, 80)
    assert cache.reserve(60)
    assert [cache.holds(prefix, "one.mp4") for prefix in ("a/v", "b/v")] == [True, False]
    await cache.settle()


async def test_a_version_is_held_while_all_that_it_needs_to_play_is_here(tmp_path: Path) -> None:
    cache = await opened(tmp_path)
    await cache.keep_package(package("a/v", one=10, two=10))
    assert await put(cache, "a/v", "one.mp4", 10)
    assert "a/v" not in cache.inventory
    assert await put(cache, "a/v", "two.mp4", 10)
    assert "a/v" in cache.inventory, "pictures for seeking are no part of that"
    cache.forget("a/v", "one.mp4")
    assert "a/v" not in cache.inventory
    assert cache.used_bytes == 10
    await cache.settle()


async def test_a_file_that_comes_back_while_it_leaves_stays(tmp_path: Path) -> None:
    cache = await opened(tmp_path)
    await cache.keep_package(package("a/v", one=10))
    assert await put(cache, "a/v", "one.mp4", 10)
    cache.forget("a/v", "one.mp4")
    assert await put(cache, "a/v", "one.mp4", 10)
    await cache.settle()
    assert (tmp_path / "a/v/one.mp4").exists()


async def test_a_restart_knows_what_is_there_and_throws_away_the_rest(tmp_path: Path) -> None:
    cache = await opened(tmp_path)
    for prefix in ("a/v", "b/v"):
        await cache.keep_package(package(prefix, one=10, two=10))
        for name in ("one.mp4", "two.mp4"):
            assert await put(cache, prefix, name, 10)
    (tmp_path / "b/v/two.mp4").write_bytes(b"short")
    (tmp_path / ".filling/torn.part").write_bytes(b"half")
    (tmp_path / "b/v/.package").replace(tmp_path / "b/v/.bill")  # as version 0.1.0 called it
    again = await opened(tmp_path)
    assert (len(again), again.used_bytes) == (3, 30)
    assert list(again.inventory) == ["a/v"]
    assert again.package("b/v") == package("b/v", one=10, two=10)
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("damaged", [b"", b"{}", b"no JSON"])
async def test_a_damaged_note_of_a_version_is_dropped(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / "a/v").mkdir(parents=True)
    (tmp_path / "a/v/.package").write_bytes(damaged)
    cache = await opened(tmp_path)
    assert cache.package("a/v") is None
    assert not (tmp_path / "a/v/.package").exists()


def test_a_version_without_films_needs_all_its_files() -> None:
    pictures = {"thumbs.jpg": PackageFile(sha256=SHA, size=1)}
    assert media_of(PackageListing(prefix="a/v", files=pictures)) == ["thumbs.jpg"]
    assert media_of(package("a/v", one=1)) == ["one.mp4"]
