"""C1: the versions that may be served: those published, of titles that are not taken down."""

import msgspec
import pytest

from tests.catalog.setup import asset, film
from tests.conftest import OpenRows
from vitascope.catalog import Asset, Title, TitleState
from vitascope.catalog.rows_published_assets import RowsPublishedAssets
from vitascope.catalog.store import flip, put
from vitascope.engines.rows import Connection, Rows
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import AssetId


@pytest.fixture
async def rows(open_rows: OpenRows) -> Rows:
    return await open_rows("catalog")


async def publish(rows: Rows, title: Title, *versions: Asset) -> None:
    def work(connection: Connection) -> None:
        for version in versions:
            flip(connection, title.id, version, 1)
        put(connection, title)

    await rows.write(work)


def version_of(title: Title, name: str) -> Asset:
    return msgspec.structs.replace(asset(title.id), version=name)


async def test_a_version_is_found_once_it_is_published_and_when_it_is_replaced(
    rows: Rows,
) -> None:
    published, title = RowsPublishedAssets(rows), film("a")
    first, second = version_of(title, "v1"), version_of(title, "v2")
    assert await published.published(first.id, "v1") is None
    await publish(rows, title, first)
    assert await published.published(first.id, "v1") == first
    await publish(rows, title, second)
    assert await published.published(first.id, "v1") == first
    assert await published.published(first.id, "v2") == second
    assert await published.published(AssetId("ast_other"), "v2") is None


async def test_nothing_of_a_title_that_is_taken_down_is_found(rows: Rows) -> None:
    published, title = RowsPublishedAssets(rows), film("a")
    version = version_of(title, "v1")
    await publish(rows, title, version)
    down = msgspec.structs.replace(title, state=TitleState.TAKEN_DOWN)
    await publish(rows, down)
    assert await published.published(version.id, "v1") is None
    assert (await published.published_since(0)).versions == ()


async def test_versions_are_told_in_the_order_of_their_titles_changes(rows: Rows) -> None:
    published = RowsPublishedAssets(rows)
    titles = [film(name) for name in "cab"]
    for title in titles:
        await publish(rows, title, version_of(title, f"v-{title.id}"))
    first = await published.published_since(0, limit=2)
    assert [each.version for each in first.versions] == ["v-ttl_c", "v-ttl_a"]
    assert first.more
    second = await published.published_since(first.upto, limit=2)
    assert [each.version for each in second.versions] == ["v-ttl_b"]
    assert not second.more
    await publish(rows, titles[0], version_of(titles[0], "v-new"))
    third = await published.published_since(second.upto)
    assert [each.version for each in third.versions] == ["v-new"]
    last = await published.published_since(third.upto)
    assert (last.versions, last.upto) == ((), third.upto)


@pytest.mark.parametrize("limit", [0, -1, 501])
async def test_a_page_has_a_bounded_length(rows: Rows, limit: int) -> None:
    with pytest.raises(Invalid):
        await RowsPublishedAssets(rows).published_since(0, limit=limit)
