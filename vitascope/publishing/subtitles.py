"""What came beside a master, read together with it."""

from collections.abc import Sequence

import msgspec

from vitascope.encoding import Source, TextSource
from vitascope.ingest import Subtitles


def with_subtitles(source: Source, given: Sequence[Subtitles]) -> Source:
    """Returns `source` with the files that were `given`. Each takes the place of what the master
    carries in that language, but for its forced subtitles and its captions, which say something
    else."""
    if not given:
        return source
    languages = {one.language for one in given}
    own = (
        text
        for text in source.text
        if text.language not in languages or text.forced or text.closed_captions
    )
    beside = (TextSource(language=one.language, codec="subrip", key=one.blob_key) for one in given)
    return msgspec.structs.replace(source, text=(*own, *beside))
