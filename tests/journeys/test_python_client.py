"""The Python client against a whole service: the example of its page in the docs, as it stands."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.journeys.conftest import ROOT, Service
from tests.journeys.people import PARTNER
from vitascope.client import Client, Refused

pytestmark = pytest.mark.long

CLIP = ROOT / "tests" / "media" / "bbb_vfr.mp4"
Publish = Callable[[str, str, str, Path], Awaitable[str]]


def example() -> Publish:
    page = (ROOT / "docs/how-to/python-client.md").read_text()
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert code is not None
    names: dict[str, Publish] = {}
    exec(code[1], names)  # type: ignore[arg-type]
    return names["publish"]


async def test_the_example_of_the_docs_publishes_a_film(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    title_id = await example()(service.url, PARTNER.email, PARTNER.password, CLIP)
    size = CLIP.stat().st_size
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"{size} of {size}"
    assert said[-1] == "live"
    async with Client(service.url) as client:
        await client.sign_in(PARTNER.email, PARTNER.password)
        assert (await client.title(title_id)).wordings[0].name == "My film"
        with pytest.raises(Refused, match=r"[A-Z].+\.") as refused:
            await client.report("job_none")
    assert (refused.value.seen_status, refused.value.seen_code) == (404, "no-such-job")


async def test_a_wrong_password_is_refused_with_a_sentence(service: Service) -> None:
    async with Client(service.url) as client:
        with pytest.raises(Refused) as refused:
            await client.sign_in(PARTNER.email, "not this one")
    assert refused.value.seen_status == 401
