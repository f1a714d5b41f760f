"""G9 G11: logs that tell the request and keep the secrets; metrics and spans."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import propagate
from prometheus_client.parser import text_string_to_metric_families

from vitascope.engines import trace
from vitascope.engines.redaction import HIDDEN, redacted, without_secrets
from vitascope.kernel.ids import KeyId
from vitascope.kernel.media import KeyLabel
from vitascope.licensing import ContentKey

JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhY2NfMSJ9.c2lnbmF0dXJl-_x"
REFRESH = "vrt_Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4"
PASSWORD = "correct horse battery staple"
PATH_TOKEN = "k1.1795211531.Zm9vYmFy"
CONTENT_KEY = bytes.fromhex("00112233445566778899aabbccddeeff")

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What was logged so far, as JSON says it."""
    stream = io.StringIO()
    trace.configure(level="info", format="json", stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root = logging.getLogger()
    for handler in [h for h in root.handlers if getattr(h, "of_vitascope", False)]:
        root.removeHandler(handler)
    structlog.reset_defaults()


def test_every_line_tells_the_request_also_those_of_libraries(lines: Lines) -> None:
    with trace.bound(request_id="req_1"):
        trace.get_log("catalog").info("title_saved", title_id="ttl_1")
        logging.getLogger("some.library").warning("be %s", "careful")
    trace.get_log("catalog").info("outside")
    ours, theirs, outside = lines()
    assert ours["event"] == "title_saved"
    assert (ours["request_id"], ours["title_id"]) == ("req_1", "ttl_1")
    assert ours["logger"] == "catalog"
    assert theirs["event"] == "be careful"
    assert theirs["request_id"] == "req_1"
    assert "request_id" not in outside


def test_the_level_is_kept(lines: Lines) -> None:
    trace.get_log("a").debug("unseen")
    assert lines() == []


class Credentials(msgspec.Struct):
    email: str
    password: str


def test_no_secret_reaches_a_log_however_it_is_said(lines: Lines) -> None:
    log = trace.get_log("identity")
    log.info("a", password=PASSWORD, access_token=JWT, refresh_token=REFRESH, pin="4711")
    log.info("b", headers={"Authorization": f"Bearer {JWT}", "cookie": f"vita_refresh={REFRESH}"})
    log.info("c", url=f"http://edge-a.localhost:8801/s/{PATH_TOKEN}/ast_1/v1/v720.mp4")
    log.info("d", said=f"refused {REFRESH} and {JWT}", content=CONTENT_KEY)
    log.info(
        "e",
        key=ContentKey(label=KeyLabel.HD, key_id=KeyId("k" * 32), key=CONTENT_KEY, iv=CONTENT_KEY),
    )
    log.info("f", body=Credentials("a@b.example", PASSWORD))
    log.info("g", url=f"/api/licence/key/abc?token={JWT}&x=1", deep=[{"a": {"secret": PASSWORD}}])
    log.info("h %s", f"/api/manifest/{REFRESH}/main.mpd")
    logging.getLogger("library").error("connecting to postgresql://vita:%s@db/vita", "hunter2x")
    try:
        raise ValueError(f"cannot parse {JWT} with password='{PASSWORD}'")
    except ValueError:
        log.exception("i")
    with trace.bound(refresh_token=REFRESH):
        log.info("j")
    said = json.dumps(lines())
    hidden = (JWT, REFRESH, PASSWORD, PATH_TOKEN, "4711", "hunter2x", "horse", CONTENT_KEY.hex())
    for secret in hidden:
        assert secret not in said
    assert repr(CONTENT_KEY)[2:-1] not in said
    assert len(lines()) == 11


def test_what_is_no_secret_stays_readable() -> None:
    event = {
        "key_id": "a" * 32,
        "page_token": "gq",
        "title_id": "ttl_1",
        "monkey": "rhesus",
        "n": 3,
    }
    assert redacted(event) == event
    assert without_secrets("GET /api/titles/ttl_01k9 200 in 3 ms") == (
        "GET /api/titles/ttl_01k9 200 in 3 ms"
    )
    assert redacted({"password": None}) == {"password": None}
    assert redacted({"token": ["a"]}) == {"token": HIDDEN}


@given(st.recursive(st.text() | st.integers() | st.binary() | st.none(), st.lists, max_leaves=20))
def test_anything_can_be_logged(value: object) -> None:
    json.dumps(redacted({"value": value, "again": [value]}))


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=20, max_size=60))
def test_refresh_tokens_are_recognised_in_any_text(body: str) -> None:
    token = f"vrt_{body}"
    for text in (token, f"({token})", f'"{token}"', f"x={token};", f"/a/{token}/b"):
        assert token not in without_secrets(text)


def test_metrics_are_shown_as_prometheus_reads_them() -> None:
    metrics = trace.Metrics()
    metrics.counter("plays", "Plays started.", ["outcome"]).labels("granted").inc()
    metrics.counter("plays", "Plays started.", ["outcome"]).labels("granted").inc()
    metrics.histogram("wait_seconds", "Waiting.").observe(0.02)
    families = {f.name: f for f in text_string_to_metric_families(metrics.exposition().decode())}
    assert families["plays"].samples[0].value == 2
    assert "wait_seconds" in families


def test_a_span_carries_its_id_to_the_next_process_and_to_the_log(lines: Lines) -> None:
    headers: dict[str, str] = {}
    with trace.span("play", content_id="ttl_1") as opened:
        propagate.inject(headers)
        trace.get_log("playback").info("started")
    trace_id = format(opened.get_span_context().trace_id, "032x")
    assert trace_id in headers["traceparent"]
    assert lines()[0]["trace_id"] == trace_id


def test_sending_spans_without_the_package_is_refused_by_name() -> None:
    with pytest.raises(trace.NoExporter, match="opentelemetry-exporter-otlp-proto-http"):
        trace._exporter("http://127.0.0.1:4318")
