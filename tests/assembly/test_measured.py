"""Calls of a domain are counted by method and outcome."""

import asyncio

import pytest

from vitascope.assembly.measured import measured
from vitascope.engines.trace import Metrics
from vitascope.kernel.errors import NotFound


class Shelf:
    size = 3

    async def find(self, name: str, *, loud: bool = False) -> str:
        if name == "missing":
            raise NotFound("There is no such thing.")
        if name == "broken":
            raise RuntimeError("no")
        return name.upper() if loud else name


async def test_answers_refusals_and_failures_are_told_apart() -> None:
    metrics = Metrics()
    shelf = measured(Shelf(), "shelf", metrics)
    assert await shelf.find("a") == "a"
    assert await shelf.find("b", loud=True) == "B"
    with pytest.raises(NotFound):
        await shelf.find("missing")
    with pytest.raises(RuntimeError):
        await shelf.find("broken")
    assert shelf.size == 3
    told = (await asyncio.to_thread(metrics.exposition)).decode()
    for outcome, count in (("answered", 2.0), ("refused", 1.0), ("failed", 1.0)):
        labels = f'domain="shelf",method="find",outcome="{outcome}"'
        assert f"vitascope_domain_calls_total{{{labels}}} {count}" in told
    assert 'vitascope_domain_call_seconds_count{domain="shelf",method="find"} 4.0' in told
