"""Pictures as wide as a screen needs them."""

import random
from io import BytesIO

from httpx import AsyncClient
from PIL import Image

from tests.catalog.setup import WholeCatalog
from vitascope.catalog.picture_widths import WIDTHS


def painted(width: int, height: int) -> bytes:
    """A WebP with something on it: flat colour would be a few bytes at any size."""
    noise = random.Random(1).randbytes(width * height * 3 // 64)
    small = Image.frombytes("RGB", (width // 8, height // 8), noise[: width * height * 3 // 64])
    out = BytesIO()
    small.resize((width, height), Image.Resampling.BICUBIC).save(out, "WEBP", quality=84)
    return out.getvalue()


async def test_a_narrower_picture_is_made_and_kept(
    client: AsyncClient, catalog: WholeCatalog
) -> None:
    whole = painted(800, 1200)
    name = await catalog.keep_picture(whole, "webp")
    sizes = []
    for width in WIDTHS:
        for _ in range(2):  # the second time it is only read
            answer = await client.get(f"/artwork/{name}", params={"width": width})
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "image/webp"
            assert "immutable" in answer.headers["cache-control"]
            with Image.open(BytesIO(answer.content)) as picture:
                assert picture.size == (min(width, 800), min(width, 800) * 3 // 2)
        sizes.append(len(answer.content))
        tag = answer.headers["etag"]
        again = await client.get(
            f"/artwork/{name}", params={"width": width}, headers={"If-None-Match": tag}
        )
        assert again.status_code == 304
    assert sizes == sorted(sizes)
    assert sizes[WIDTHS.index(240)] < len(whole) / 4


async def test_other_widths_and_other_names_are_refused(
    client: AsyncClient, catalog: WholeCatalog
) -> None:
    name = await catalog.keep_picture(painted(640, 360), "webp")
    for width in ("0", "-320", "321", "9999999"):
        answer = await client.get(f"/artwork/{name}", params={"width": width})
        assert answer.status_code == 400, width
    for wrong in ("..%2F..%2Fsecrets", f"{name}.320.webp", "0" * 40 + ".webp"):
        answer = await client.get(f"/artwork/{wrong}", params={"width": "320"})
        assert answer.status_code == 404, wrong


async def test_a_clip_and_what_cannot_be_read_stay_whole(
    client: AsyncClient, catalog: WholeCatalog
) -> None:
    clip = await catalog.keep_picture(b"a clip", "mp4")
    answer = await client.get(f"/artwork/{clip}", params={"width": "320"})
    assert (answer.content, answer.headers["content-type"]) == (b"a clip", "video/mp4")
    broken = await catalog.keep_picture(b"no picture", "webp")
    assert (await client.get(f"/artwork/{broken}", params={"width": "320"})).status_code == 404
