"""The keys that another machine needs to run some roles."""

from collections.abc import Collection
from contextlib import AsyncExitStack
from pathlib import Path

from vitascope.assembly.adapters import ADAPTERS
from vitascope.assembly.domains import pairs_of, parts_of
from vitascope.assembly.process import Process, key_name
from vitascope.settings import Settings


async def give_keys(settings: Settings, roles: Collection[str], folder: Path) -> list[str]:
    """Write into `folder` the keys that a machine with `roles` needs, derived from the secret in
    this data folder. Returns their names."""
    async with AsyncExitStack() as stack:
        nobody = Process(settings, (), stack)
        secrets, keys = nobody.engines.secrets, await nobody.wire_keys()
        parts = parts_of(roles, settings)
        wanted = {key_name(*pair): keys.of(*pair) for pair in pairs_of(parts)}
        if parts & {"edge", "origin", "playback"}:
            wanted["path-1"] = await secrets.get_or_make("path-1")
        given = ADAPTERS.secrets["file"](folder.parent, folder.name)
        for name, key in wanted.items():
            await given.put(name, key)
        return sorted(wanted)
