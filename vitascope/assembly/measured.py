"""Counting the calls of a contract, whether it is of this process or dialled."""

import functools
import inspect
import time
from typing import Any, TypeVar, cast

from vitascope.engines.trace import Metrics
from vitascope.kernel.errors import Refusal

T = TypeVar("T")


def measured(contract: T, part: str, metrics: Metrics) -> T:
    """Returns `contract`, whose coroutine methods are counted in `metrics` by domain, method and
    outcome (`answered`, `refused`, `failed`), with the time that they took."""
    return cast(T, _Measured(contract, part, metrics))


class _Measured:
    def __init__(self, contract: object, part: str, metrics: Metrics) -> None:
        self._contract = contract
        self._part = part
        self._calls = metrics.counter(
            "vitascope_domain_calls",
            "Calls of a domain's contract from this process.",
            ("domain", "method", "outcome"),
        )
        self._seconds = metrics.histogram(
            "vitascope_domain_call_seconds", "How long they took.", ("domain", "method")
        )

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._contract, name)
        if not inspect.iscoroutinefunction(method):
            return method
        seconds = self._seconds.labels(self._part, name)
        calls = {
            outcome: self._calls.labels(self._part, name, outcome)
            for outcome in ("answered", "refused", "failed")
        }

        @functools.wraps(method)
        async def counted(*args: Any, **kwargs: Any) -> Any:
            outcome, begun = "failed", time.perf_counter()
            try:
                answer = await method(*args, **kwargs)
                outcome = "answered"
                return answer
            except Refusal:
                outcome = "refused"
                raise
            finally:
                calls[outcome].inc()
                seconds.observe(time.perf_counter() - begun)

        setattr(self, name, counted)
        return counted
