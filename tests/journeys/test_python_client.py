"""G12: the Python client against a whole service: the example of its page, as it stands."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.journeys.conftest import ROOT, Service
from tests.journeys.people import open_account
from vitascope.client import Client, Refused

pytestmark = pytest.mark.long

Publish = Callable[[str, str, str, Path], Awaitable[str]]


def example() -> Publish:
    page = (ROOT / "docs/how-to/python-client.md").read_text()
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert code is not None
    names: dict[str, Publish] = {}
    exec(code[1], names)
    return names["publish"]


async def test_the_example_of_the_docs_publishes_a_film(
    empty: Service, small_film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    partner = open_account(empty, "partner")
    title_id = await example()(empty.url, partner.email, partner.password, small_film)
    said = capsys.readouterr().out.splitlines()
    size = small_film.stat().st_size
    assert f"{size} of {size}" in said
    assert said[-1] == "live"
    async with Client(empty.url) as client:
        with pytest.raises(Refused) as refused:
            await client.sign_in(partner.email, "not this one")
        assert refused.value.seen_status == 401
        await client.sign_in(partner.email, partner.password)
        assert (await client.title(title_id)).wordings[0].name == "My film"
        with pytest.raises(Refused) as refused:
            await client.report("job_none")
    assert (refused.value.seen_status, refused.value.seen_code) == (404, "no-such-job")
