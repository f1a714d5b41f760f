"""Subtitles of broadcasters into cues: TTML (DFXP, IMSC), Scenarist captions (SCC), EBU STL.

`ttconv` reads them into one model, the tree of TTML; from there each paragraph becomes a cue, or
several where parts of it have times of their own. Its own way from the model to WebVTT looks at the
whole tree for every time at which something changes, which takes minutes for a long film, and does
not escape text: it is not used. All pure.
"""

import io
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import msgspec
from ttconv import model
from ttconv import style_properties as styles
from ttconv.imsc import reader as imsc_reader
from ttconv.scc import reader as scc_reader
from ttconv.stl import reader as stl_reader
from ttconv.stl.config import STLReaderConfiguration

from vitascope.encoding.companions.markup import styled
from vitascope.encoding.companions.parsed import MOST_CUES, Parsed, ReadCue, Unreadable
from vitascope.encoding.companions.places import of_box
from vitascope.encoding.companions.ttml import FOREVER_S, tree_of

_STL_HEAD, _STL_BLOCK = 1024, 128
_STL_GAP = re.compile(rb"[\x00-\x07\x0a-\x0d\x1c\x1d\x20\x80-\x85]{2,}")
_SPACE = re.compile(r"\s+")
_MOST_TIMES = 100  # in one paragraph; where there are more, it is shown whole
_PARTS = (model.Body, model.Div)
_ROWS = {styles.DisplayAlignType.after: 0, styles.DisplayAlignType.center: 1}
_SIZES: dict[styles.LengthType.Units, Callable[[model.ContentDocument], tuple[int, int]]] = {
    styles.LengthType.Units.px: lambda doc: (
        doc.get_px_resolution().width,
        doc.get_px_resolution().height,
    ),
    styles.LengthType.Units.c: lambda doc: (
        doc.get_cell_resolution().columns,
        doc.get_cell_resolution().rows,
    ),
}

Piece = tuple[str, frozenset[str]]


class TextLook(msgspec.Struct, frozen=True):
    """What a text inherits from what it is in."""

    tags: frozenset[str] = frozenset()
    align: Any = None
    direction: Any = None
    is_hidden: bool = False
    keeps_space: bool = False


class TimedPart(msgspec.Struct, frozen=True):
    """A piece of a paragraph, and when it is shown; None has no end."""

    piece: Piece
    begin: Fraction
    end: Fraction | None


def read_ttml(text: str) -> Parsed:
    """Raises `Unreadable`, as all three."""
    tree, lost = tree_of(text)
    return _read("TTML", lambda: imsc_reader.to_model(tree), lost)


def read_scc(text: str) -> Parsed:
    return _read("SCC", lambda: scc_reader.to_model(text))


def is_stl(data: bytes) -> bool:
    return data[3:6] == b"STL" and len(data) >= _STL_HEAD


def read_stl(data: bytes) -> Parsed:
    """The programme begins where the file says, which is often ten hours."""
    config = STLReaderConfiguration(program_start_tc="TCP")
    return _read("EBU STL", lambda: stl_reader.to_model(io.BytesIO(_spaced(data)), config))


def _spaced(data: bytes) -> bytes:
    """Returns the whole blocks of a file, in which one sign stands for spaces and codes of colour
    between two words. `ttconv` 1.2 forgets spaces that stand beside a code."""
    blocks = [data[:_STL_HEAD]]
    for at in range(_STL_HEAD, len(data) - _STL_BLOCK + 1, _STL_BLOCK):
        head, text = data[at : at + 16], data[at + 16 : at + _STL_BLOCK]
        blocks.append(head + _STL_GAP.sub(_gap, text).ljust(_STL_BLOCK - 16, b"\x8f"))
    return b"".join(blocks)


def _gap(found: re.Match[bytes]) -> bytes:
    looks = bytes(code for code in found[0] if 0x80 <= code <= 0x83)
    return looks[-1:] or b" "


def _read(
    kind: str,
    read: Callable[[], model.ContentDocument | None],
    lost: tuple[tuple[int, str], ...] = (),
) -> Parsed:
    logging.getLogger("ttconv").setLevel(logging.CRITICAL + 1)
    try:
        doc = read()
        return Parsed(() if doc is None else tuple(_cues(doc)), lost)
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(f"it is {kind}, but damaged") from error


def _cues(doc: model.ContentDocument) -> Iterator[ReadCue]:
    body = doc.get_body()
    if body is None:
        return
    found = 0
    for paragraph, look, region, begin, end in _paragraphs(
        body, TextLook(), None, Fraction(0), None
    ):
        for cue in _of_paragraph(doc, paragraph, look, region, begin, end):
            found += 1
            if found > MOST_CUES:
                raise Unreadable(f"it has more than {MOST_CUES:,} cues")
            yield cue


def _paragraphs(
    element: model.ContentElement,
    look: TextLook,
    region: model.Region | None,
    begin: Fraction,
    end: Fraction | None,
) -> Iterator[tuple[model.P, TextLook, model.Region | None, Fraction, Fraction | None]]:
    begin, end = _shown(element, begin, end)
    look, own = _look(element, look), element.get_region()
    region = region if own is None else own  # one without content counts as False
    if isinstance(element, model.P):
        yield element, look, region, begin, end
    elif isinstance(element, _PARTS):
        for child in element:
            yield from _paragraphs(child, look, region, begin, end)


def _of_paragraph(
    doc: model.ContentDocument,
    paragraph: model.P,
    look: TextLook,
    region: model.Region | None,
    begin: Fraction,
    end: Fraction | None,
) -> Iterator[ReadCue]:
    # a region may give what the text does not say itself
    look = _look(paragraph, _look(region, look)) if region is not None else look
    parts = [part for child in paragraph for part in _parts(child, look, begin, end)]
    settings = _settings(doc, region, look)
    times = {part.begin for part in parts} | {part.end for part in parts if part.end is not None}
    cuts = sorted(time for time in times if time > begin and (end is None or time < end))
    if len(cuts) > _MOST_TIMES:
        cuts = []
    begins, ends = [begin, *cuts], [*cuts, end]
    for since, until in zip(begins, ends, strict=True):
        pieces = [part.piece for part in parts if not cuts or _is_shown(part, since)]
        text = styled(pieces)
        if text or not cuts:
            start_ms = round(since * 1000)
            end_ms = start_ms if until is None else round(until * 1000)
            yield ReadCue(start_ms, end_ms, text, settings=settings)


def _is_shown(part: TimedPart, at: Fraction) -> bool:
    return part.begin <= at and (part.end is None or at < part.end)


def _parts(
    element: model.ContentElement, look: TextLook, begin: Fraction, end: Fraction | None
) -> Iterator[TimedPart]:
    begin, end = _shown(element, begin, end)
    if isinstance(element, model.Br):
        yield TimedPart(("\n", look.tags), begin, end)
    elif isinstance(element, model.Text):
        text = element.get_text()
        yield TimedPart(
            (text if look.keeps_space else _SPACE.sub(" ", text), look.tags), begin, end
        )
    elif not isinstance(element, model.Rp):
        look = _look(element, look)
        if not look.is_hidden:
            for child in element:
                yield from _parts(child, look, begin, end)


def _look(element: model.ContentElement, before: TextLook) -> TextLook:
    said = element.get_style
    tags = set(before.tags)
    for name, style, on in (
        ("i", styles.StyleProperties.FontStyle, _is_italic),
        ("b", styles.StyleProperties.FontWeight, _is_bold),
        ("u", styles.StyleProperties.TextDecoration, _is_underlined),
    ):
        if (value := said(style)) is not None and (is_on := on(value)) is not None:
            (tags.add if is_on else tags.discard)(name)
    tags |= {"ruby"} if isinstance(element, model.Ruby) else set()
    tags |= {"rt"} if isinstance(element, model.Rt) else set()
    return TextLook(
        tags=frozenset(tags),
        align=said(styles.StyleProperties.TextAlign) or before.align,
        direction=said(styles.StyleProperties.Direction) or before.direction,
        is_hidden=before.is_hidden
        or said(styles.StyleProperties.Display) is styles.DisplayType.none
        or said(styles.StyleProperties.Visibility) is styles.VisibilityType.hidden,
        keeps_space=element.get_space() is model.WhiteSpaceHandling.PRESERVE,
    )


def _is_italic(value: Any) -> bool:
    return value in (styles.FontStyleType.italic, styles.FontStyleType.oblique)


def _is_bold(value: Any) -> bool:
    return bool(value is styles.FontWeightType.bold)


def _is_underlined(value: Any) -> bool | None:
    """None where nothing is said of it, as by a style that only strikes text out."""
    underline = value.underline
    return None if underline is None else bool(underline)


def _shown(
    element: model.ContentElement, begin: Fraction, end: Fraction | None
) -> tuple[Fraction, Fraction | None]:
    own, until = element.get_begin(), element.get_end()
    until = None if until is None or until >= FOREVER_S else until
    ends = [time for time in (end, None if until is None else begin + until) if time is not None]
    return begin + (own or 0), min(ends, default=None)


def _settings(doc: model.ContentDocument, region: model.Region | None, look: TextLook) -> str:
    if region is None:
        return ""
    box = _box(doc, region)
    if box is None:
        return ""
    display = region.get_style(styles.StyleProperties.DisplayAlign)
    return of_box(*box, row=_ROWS.get(display, 2), column=_column(look))


def _column(look: TextLook) -> int:
    is_rtl = look.direction is styles.DirectionType.rtl
    if look.align is styles.TextAlignType.center:
        return 1
    is_end = look.align is styles.TextAlignType.end
    return 2 if is_end != is_rtl else 0


def _box(
    doc: model.ContentDocument, region: model.Region
) -> tuple[float, float, float, float] | None:
    """Returns left, top, width and height in percent of the picture."""
    extent = region.get_style(styles.StyleProperties.Extent)
    origin = region.get_style(styles.StyleProperties.Origin)
    position = region.get_style(styles.StyleProperties.Position)
    if extent is None or (origin is None and position is None):
        return None
    left, top = (origin.x, origin.y) if origin else (position.h_offset, position.v_offset)
    lengths: Sequence[tuple[styles.LengthType, int]] = (
        (left, 0), (top, 1), (extent.width, 0), (extent.height, 1)
    )  # fmt: skip
    box = [_percent(doc, length, axis) for length, axis in lengths]
    return None if None in box else (box[0], box[1], box[2], box[3])  # type: ignore[return-value]


def _percent(doc: model.ContentDocument, length: styles.LengthType, axis: int) -> float | None:
    if length.units in _SIZES:
        return 100.0 * float(length.value) / _SIZES[length.units](doc)[axis]
    relative = (styles.LengthType.Units.pct, styles.LengthType.Units.rw, styles.LengthType.Units.rh)
    return float(length.value) if length.units in relative else None
