"""A whole service whose objects are in a bucket: a film goes up, is encoded, and is watched."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.conftest import Service, started
from tests.journeys.people import Caller, Person, open_account
from vitascope.engines.blobs import S3Settings
from vitascope.engines.blobs.s3 import S3Blobs

pytestmark = pytest.mark.long


@pytest.fixture
def in_s3(tmp_path: Path, s3: S3Settings) -> Iterator[Service]:
    named = {
        "VITASCOPE_ENGINES__BLOBS": "s3",
        "VITASCOPE_S3__ENDPOINT": s3.endpoint,
        "VITASCOPE_S3__BUCKET": s3.bucket,
        "VITASCOPE_S3__ACCESS_KEY_ID": s3.access_key_id,
        "VITASCOPE_S3__SECRET_ACCESS_KEY": s3.secret_access_key,
    }
    with started(tmp_path / "data", "--no-demo", **named) as service:
        yield service


def told(service: Service, person: Person, *arguments: str) -> dict[str, object]:
    """What a command says in JSON."""
    mine = ("--email", person.email, "--password", person.password)
    done = service.run(*arguments, *mine, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    said: dict[str, object] = json.loads(done.stdout)
    return said


async def keys(s3: S3Settings) -> list[str]:
    blobs = S3Blobs(s3)
    listed = await blobs.list("", limit=10_000)
    assert await blobs.under_way("") == []
    await blobs.close()
    return [blob.key for blob in listed]


async def test_a_film_goes_up_and_is_watched_with_all_objects_in_a_bucket(
    in_s3: Service, s3: S3Settings, small_film: Path
) -> None:
    partner, viewer = open_account(in_s3, "partner"), open_account(in_s3, "viewer")
    published = told(in_s3, partner, "ingest", str(small_film), "--title", "In a bucket", "--wait")
    assert published["state"] == "published"
    assert published["rungs"]
    with Caller(in_s3.url, viewer) as caller:
        plan = caller.ok("GET", "/api/plans")[0]
        caller.ok("PUT", "/api/subscription", json={"plan_id": plan["id"]})
    watched = told(in_s3, viewer, "play", str(published["title_id"]), "--seconds", "4")
    assert isinstance(watched["frames"], int)
    assert watched["frames"] >= 4 * 20
    found = await keys(s3)
    kinds = {key.partition("/")[0] for key in found}
    assert {"masters", "assets", "artwork"} <= kinds
    assert "uploads" not in kinds
    on_disk = in_s3.data / "blobs"
    assert not [file for file in on_disk.rglob("*") if file.is_file()]
