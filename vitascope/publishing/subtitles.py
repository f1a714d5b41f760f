"""What came beside a master, read together with it."""

from collections.abc import Sequence

import msgspec

from vitascope.encoding import Source, TextSource
from vitascope.ingest import SubtitleKind, Subtitles
from vitascope.kernel.media import TextTrack


def with_subtitles(source: Source, given: Sequence[Subtitles]) -> Source:
    """Returns `source` with the files that were `given`. Each takes the place of what the master
    carries in that language and of that kind."""
    if not given:
        return source
    replaced = {(one.language, one.kind) for one in given}
    own = (text for text in source.text if (text.language, kind_of(text)) not in replaced)
    return msgspec.structs.replace(source, text=(*own, *map(beside, given)))


def beside(given: Subtitles) -> TextSource:
    return TextSource(
        language=given.language,
        codec="subrip",
        key=given.blob_key,
        forced=given.kind == "forced",
        closed_captions=given.kind == "sdh",
        moved_ms=given.moved_ms,
    )


def kind_of(text: TextSource | TextTrack) -> SubtitleKind:
    if text.forced:
        return "forced"
    return "sdh" if text.closed_captions else "full"
