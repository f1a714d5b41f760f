"""G11: a machine that has the keys of its own pairs, and not the secret."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from vitascope import settings as service_settings
from vitascope.assembly.process import Process
from vitascope.engines.secrets.file import FileSecrets
from vitascope.engines.wire import WireRefused, derived
from vitascope.roles import give_keys


async def test_a_worker_is_given_the_keys_of_its_calls_alone(data: Path, tmp_path: Path) -> None:
    first = service_settings.load(None, {}, data=str(data))
    second = service_settings.load(None, {}, data=str(tmp_path / "encoder"))
    given = await give_keys(first, {"worker"}, tmp_path / "encoder" / "secrets")
    assert given == ["wire-worker-catalog", "wire-worker-licensing"]
    root = await FileSecrets(folder=data / "secrets").get("wire")
    async with AsyncExitStack() as stack:
        keys = await Process(second, {"worker"}, stack, name="encoder").wire_keys()
        assert keys.of("worker", "catalog") == derived(root, "worker", "catalog")
        for caller, domain in (("worker", "identity"), ("gateway", "catalog")):
            with pytest.raises(WireRefused, match="no key"):
                keys.of(caller, domain)
    assert not (tmp_path / "encoder" / "secrets" / "wire").exists()


async def test_an_edge_is_given_what_opens_its_paths_too(data: Path, tmp_path: Path) -> None:
    first = service_settings.load(None, {}, data=str(data))
    given = await give_keys(first, {"edge"}, tmp_path / "edge")
    assert given == ["path-1", "wire-edge-playback", "wire-edge-steering"]
    assert (tmp_path / "edge" / "path-1").read_bytes() == (data / "secrets/path-1").read_bytes()
