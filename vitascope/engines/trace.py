"""Seeing what happens: logs, metrics and spans, tied together by the request id.

* **Logs** are events with fields (`log.info("upload_received", upload_id=...)`), as text for people
  or JSON for machines, on stderr. Whatever `bound(...)` holds (the request id, the account) stands
  in every line, also in those of libraries. Secrets are taken out on the way: `redaction.py`.
* **Metrics** live in one registry per process, shown at `/metrics` in Prometheus' text format.
* **Spans** are OpenTelemetry's. Without an endpoint they only carry ids from process to process;
  with one they are sent over OTLP/HTTP (needs the package opentelemetry-exporter-otlp-proto-http).

Nothing here connects or spawns a thread until `configure` was called with an endpoint.
"""

import importlib
import logging
import queue
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from pathlib import Path
from typing import Any, TextIO

import structlog
from opentelemetry import context as otel_context
from opentelemetry import propagate
from opentelemetry import trace as otel
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from vitascope.engines.redaction import redact
from vitascope.kernel.errors import Invalid

EXPOSITION_TYPE = CONTENT_TYPE_LATEST
_ERRORS_KEPT = 256_000  # bytes in each of a process's two files
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class NoExporter(Invalid):
    """Spans should be sent, but the package that sends them is not installed."""

    code = "no-exporter"


# -- logs


def configure(
    *,
    level: str = "info",
    format: str = "text",
    role: str = "all",
    otlp_endpoint: str = "",
    stream: TextIO | None = None,
) -> None:
    """Set up logs and spans for this process. May be called again. Raises `NoExporter`."""
    shared = _shared()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_formatter(format, shared, (stream or sys.stderr).isatty()))
    root = logging.getLogger()
    for old in list(root.handlers):
        if getattr(old, "of_vitascope", False):
            root.removeHandler(old)
    handler.of_vitascope = True  # type: ignore[attr-defined]  # to find it again
    root.addHandler(handler)
    root.setLevel(level.upper())
    for chatty in ("httpx", "httpcore", "alembic", "_granian", "asyncio"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    _configure_spans(role, otlp_endpoint)


def _shared() -> list[Any]:
    """Returns what every line goes through, ours and those of libraries."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _span_ids,
    ]


def _formatter(
    format: str,
    shared: Sequence[Any],
    colours: bool,
) -> structlog.stdlib.ProcessorFormatter:
    """Exceptions become text before redaction, so that their words are searched too; never with
    the values of local variables."""
    if format == "json":
        renderer: Any = structlog.processors.JSONRenderer(sort_keys=True, default=str)
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=colours)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            redact,
            renderer,
        ],
    )


@contextmanager
def errors_kept_in(folder: Path, process: str) -> Iterator[None]:
    """Keep this process's warnings and errors in a file of `folder` too, within the block: lines
    of JSON without secrets, of which the last are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w.+-]", "_", process)[:80]
    file = RotatingFileHandler(
        folder / f"{name}.errors.jsonl", maxBytes=_ERRORS_KEPT, backupCount=1, encoding="utf-8"
    )
    lines: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    handler = QueueHandler(lines)  # the event loop must not wait for the disk
    handler.setLevel(logging.WARNING)
    handler.setFormatter(_formatter("json", _shared(), False))
    listener = QueueListener(lines, file)
    listener.start()
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        listener.stop()
        file.close()


def get_log(name: str) -> Any:
    """Returns the log of one part of the service; `name` is the domain's."""
    return structlog.stdlib.get_logger(name)


@contextmanager
def bound(**fields: Any) -> Iterator[None]:
    """Give every log line of this task (and of those it starts) `fields`, within the block."""
    with structlog.contextvars.bound_contextvars(**fields):
        yield


def request_id() -> str | None:
    found: str | None = structlog.contextvars.get_contextvars().get("request_id")
    return found


# -- metrics


class Metrics:
    """One registry. Asking again for a name gives the metric that is already there."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._known: dict[str, Any] = {}
        ProcessCollector(registry=self.registry)

    def counter(self, name: str, text: str, labels: Sequence[str] = ()) -> Counter:
        return self._metric(Counter, name, text, labels)  # type: ignore[no-any-return]

    def gauge(self, name: str, text: str, labels: Sequence[str] = ()) -> Gauge:
        return self._metric(Gauge, name, text, labels)  # type: ignore[no-any-return]

    def histogram(
        self,
        name: str,
        text: str,
        labels: Sequence[str] = (),
        buckets: Sequence[float] = SECONDS,
    ) -> Histogram:
        return self._metric(Histogram, name, text, labels, buckets=buckets)  # type: ignore[no-any-return]

    def exposition(self) -> bytes:
        """Returns what `/metrics` answers; its type is `EXPOSITION_TYPE`."""
        return generate_latest(self.registry)

    def _metric(self, kind: Any, name: str, text: str, labels: Sequence[str], **more: Any) -> Any:
        if name not in self._known:
            self._known[name] = kind(name, text, labels, registry=self.registry, **more)
        return self._known[name]


# -- spans


@contextmanager
def span(name: str, **attributes: str | int | float | bool) -> Iterator[otel.Span]:
    """Record a piece of work with a beginning and an end; an exception that leaves it is recorded
    too."""
    tracer = otel.get_tracer("vitascope")
    with tracer.start_as_current_span(name, attributes=attributes) as opened:
        yield opened


@contextmanager
def continued(headers: Mapping[str, str], name: str = "request") -> Iterator[otel.Span]:
    """Record a span that goes on what the caller began, as its `traceparent` header tells."""
    outer = otel_context.attach(propagate.extract(headers))
    try:
        with span(name) as opened:
            yield opened
    finally:
        otel_context.detach(outer)


def _span_ids(_logger: Any, _method: str, event: Any) -> Any:
    context = otel.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = format(context.trace_id, "032x")
    return event


def _configure_spans(role: str, endpoint: str) -> None:
    """Once per process: OpenTelemetry lets the provider be set a single time."""
    if isinstance(otel.get_tracer_provider(), TracerProvider):
        return
    exporter = _exporter(endpoint) if endpoint else None
    provider = TracerProvider(
        resource=Resource({"service.name": f"vitascope-{role}"}),
        shutdown_on_exit=exporter is not None,
    )
    if exporter is not None:
        provider.add_span_processor(BatchSpanProcessor(exporter))
    otel.set_tracer_provider(provider)


def _exporter(endpoint: str) -> SpanExporter:
    try:
        module = importlib.import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    except ModuleNotFoundError:
        raise NoExporter(
            "Spans cannot be sent: install opentelemetry-exporter-otlp-proto-http, or leave the "
            "setting otlp_endpoint empty."
        ) from None
    exporter: SpanExporter = module.OTLPSpanExporter(endpoint=endpoint)
    return exporter
