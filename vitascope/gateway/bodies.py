"""JSON bodies, checked for what no database of ours may be asked to keep or look for."""

from typing import Any

from litestar import Request

from vitascope.kernel.errors import Invalid


class CheckedRequest(Request[Any, Any, Any]):
    """Refuses a body with a zero byte in a text: PostgreSQL has none in its texts."""

    async def json(self) -> Any:
        value = await super().json()
        if b"\\u0000" in await self.body() and _has_zero_byte(value):
            raise Invalid("A text can't contain a zero byte.")
        return value


def _has_zero_byte(value: object) -> bool:
    left = [value]  # not by recursion: a body may be nested deeper than our stack
    while left:
        match left.pop():
            case str(text) if "\x00" in text:
                return True
            case dict(members):
                left += [*members, *members.values()]
            case list(items):
                left += items
    return False
