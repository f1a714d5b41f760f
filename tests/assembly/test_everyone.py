"""Who is told what is told to all processes of a part."""

from vitascope.assembly.everyone import Everyone
from vitascope.engines.discovery import Instance
from vitascope.engines.wire import Line


class Listed:
    def __init__(self, *instances: Instance) -> None:
        self.found = instances

    async def instances(self, part: str) -> tuple[Instance, ...]:
        return self.found


async def test_all_are_told_but_those_that_are_about_to_stop() -> None:
    async def dial(line: Line) -> str:
        return line.url

    one, other = Instance(url="http://a:1"), Instance(url="http://b:1")
    listed = Listed(one, other)
    everyone = Everyone("steering", listed, connect=lambda url: Line(url), dial=dial)
    assert set(await everyone.now()) == {one.url, other.url}
    listed.found = (one, Instance(url=other.url, draining=True))
    assert set(await everyone.now()) == {one.url}
    await everyone.close()
