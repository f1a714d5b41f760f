"""docs/how-to/several-machines.md says what is true."""

import asyncio
import re
from contextlib import AsyncExitStack
from pathlib import Path

from vitascope import settings as service_settings
from vitascope.assembly.domains import DOMAINS, PARTS, ROLES, parts_of
from vitascope.assembly.engines import Engines

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "several-machines.md"


async def test_the_settings_of_the_guide_open_and_find_every_domain(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    file = tmp_path / "vitascope.toml"
    file.write_text(text)
    settings = await asyncio.to_thread(service_settings.load, file, {}, data=str(tmp_path))
    assert settings.engines.rows == "postgres"
    assert service_settings.inner_address(settings) == ("0.0.0.0", 8399)
    async with AsyncExitStack() as stack:
        engines = Engines(settings, stack)
        found = {part: await engines.urls(part) for part in DOMAINS}
    assert found["licensing"] == ["http://10.0.0.7:8399"]
    assert found["catalog"] == ["http://10.0.0.5:8399", "http://10.0.0.6:8399"]


def test_every_command_of_the_guide_names_roles_that_go_together() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    commands = re.findall(r"^vitascope run ([a-z ]+?)(?: --.*)?(?:\s+#.*)?$", text, re.MULTILINE)
    assert len(commands) > 4
    for command in commands:
        roles = command.split()
        assert set(roles) <= set(ROLES)
        assert parts_of(roles, service_settings.load(None, {}))
    for part in PARTS:
        assert re.search(rf"\b{part}\b", text), part
