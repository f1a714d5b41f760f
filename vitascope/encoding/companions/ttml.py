"""A TTML file as a tree that `ttconv` understands, and nothing that does harm on the way there.

A document type is refused, and with it all entities: a few lines of them grow to gigabytes, or name
files. Depth and number of elements have a bound. The namespaces of before TTML became a standard
(DFXP, 2006), or none at all, are read as those of the standard. Pure.
"""

import re
from xml.etree import ElementTree
from xml.parsers import expat

from vitascope.encoding.companions.parsed import Unreadable

_DEEPEST = 60
_MOST_ELEMENTS = 1_000_000
_TTML = "http://www.w3.org/ns/ttml"
_TIMED = {f"{{{_TTML}}}{name}" for name in ("body", "div", "p", "span")}
FOREVER_S = 360_000_000
_BEFORE = re.compile(r"http://www\.w3\.org/2006/(?:04|10)/ttaf1(#[a-z]+)?")
_PARTS = {"#style": "#styling", "#styling": "#styling", "#metadata": "#metadata"}
_TIME = re.compile(
    r"\s*(?:\d{1,4}:\d{2}:\d{2}(?:\.\d{1,12}|:\d{1,4}(?:\.\d{1,6})?)?"
    r"|\d{1,12}(?:\.\d{1,12})?(?:h|m|s|ms|f|t))\s*"
)
_TIMES = ("begin", "end", "dur")
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?tt[\s>]")


def is_ttml(text: str) -> bool:
    """Looks at the first elements, where comments and declarations may stand before."""
    begin = text[:8192].lstrip("\ufeff \t\n")
    return begin.startswith("<") and bool(_ROOT.search(begin))


Tree = ElementTree.ElementTree  # of elements


def tree_of(text: str) -> tuple["Tree[ElementTree.Element]", tuple[tuple[int, str], ...]]:
    """Returns the tree, and what is not in it because its times cannot be read: line and text.
    Raises `Unreadable`."""
    body = re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", text.lstrip("\ufeff"), count=1)
    data = body.encode("utf-8", "replace")
    timeless = _looked_through(data)
    root = ElementTree.fromstring(data)
    is_old = root.tag == "tt" or bool(_BEFORE.match(root.tag[1:]))
    lost: list[tuple[int, str]] = []
    for number, element in enumerate(list(root.iter())):
        if number in timeless:
            said = " ".join("".join(element.itertext()).split())
            lost.append((timeless[number], said))
            element.clear()
        elif is_old:
            element.tag = _named(element.tag, default=_TTML)
            element.attrib = {_named(name): value for name, value in element.attrib.items()}
    for parent in root.iter():
        if parent.get("timeContainer") != "seq":
            _give_ends(parent)
        if parent.tag == f"{{{_TTML}}}body":
            _put_in_a_division(parent)
    return ElementTree.ElementTree(root), tuple(lost)


def _give_ends(parent: ElementTree.Element) -> None:
    """What begins and does not say when it ends lasts as long as what it is in. `ttconv` 1.2 would
    take it to end when its content does, counted from the wrong place, and leave it out."""
    for child in parent:
        if (
            child.tag in _TIMED
            and "begin" in child.attrib
            and not {"end", "dur"} & set(child.keys())
        ):
            child.set("end", f"{FOREVER_S}s")


def _put_in_a_division(body: ElementTree.Element) -> None:
    """Paragraphs right in the body are no TTML, but there are such files."""
    loose = [child for child in body if child.tag == f"{{{_TTML}}}p"]
    if loose:
        division = ElementTree.SubElement(body, f"{{{_TTML}}}div")
        for paragraph in loose:
            body.remove(paragraph)
        division.extend(loose)


def _named(name: str, default: str = "") -> str:
    if not name.startswith("{"):
        return f"{{{default}}}{name}" if default else name
    namespace, _, local = name[1:].rpartition("}")
    found = _BEFORE.fullmatch(namespace)
    if not found:
        return name
    return f"{{{_TTML}{_PARTS.get(found[1] or '', found[1] or '')}}}{local}"


def _looked_through(data: bytes) -> dict[int, int]:
    """Returns the numbers of elements with times that cannot be read, and their lines. Raises
    `Unreadable` for what does harm."""
    depth = count = 0
    timeless: dict[int, int] = {}

    def begins(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        if any(not _TIME.fullmatch(attributes.get(name, "0s")) for name in _TIMES):
            timeless[count] = parser.CurrentLineNumber
        depth, count = depth + 1, count + 1
        if depth > _DEEPEST or count > _MOST_ELEMENTS:
            raise Unreadable("its elements are too many, or too deep")

    def ends(name: str) -> None:
        nonlocal depth
        depth -= 1

    def refused(*told: object) -> None:
        raise Unreadable("it declares a document type, which may do harm")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = begins, ends
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refused
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise Unreadable(f"it is TTML, but damaged at line {error.lineno}") from error
    return timeless
