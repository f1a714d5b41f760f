"""I7: which subtitles a film has, of those in the master and those beside it."""

import msgspec

from vitascope.encoding import Source, TextSource
from vitascope.ingest import SubtitleKind, Subtitles
from vitascope.kernel.ids import ContentId
from vitascope.kernel.media import Language
from vitascope.publishing.subtitles import with_subtitles

EN, FR, DE = Language("en"), Language("fr"), Language("de")
SOURCE = Source(
    master_key="masters/1",
    sha256="00",
    size=1,
    format="mov",
    duration_ms=6000,
    video_index=0,
    width=640,
    height=360,
    frame_rate="25",
    frames=150,
    text=(
        TextSource(language=EN, codec="mov_text", index=2),
        TextSource(language=FR, codec="mov_text", index=3),
        TextSource(language=FR, codec="mov_text", index=4, forced=True),
        TextSource(language=FR, codec="mov_text", index=5, closed_captions=True),
    ),
)


def beside(language: Language, kind: SubtitleKind = "full", moved_ms: int = 0) -> Subtitles:
    return Subtitles(
        content_id=ContentId("ttl_1"),
        language=language,
        file_name="x.srt",
        blob_key=f"s/{language}",
        kind=kind,
        moved_ms=moved_ms,
    )


def test_a_file_takes_the_place_of_the_same_language_but_not_of_forced_ones_and_captions() -> None:
    text = with_subtitles(SOURCE, [beside(DE), beside(FR)]).text
    assert [one.key or one.index for one in text] == [2, 4, 5, "s/de", "s/fr"]


def test_a_file_of_a_kind_takes_the_place_of_that_kind() -> None:
    text = with_subtitles(SOURCE, [beside(FR, "sdh"), beside(FR, "forced", 1500)]).text
    assert [one.key or one.index for one in text] == [2, 3, "s/fr", "s/fr"]
    *_, captions, forced = text
    assert (captions.closed_captions, captions.forced, captions.moved_ms) == (True, False, 0)
    assert (forced.closed_captions, forced.forced, forced.moved_ms) == (False, True, 1500)


def test_a_master_without_files_beside_it_stays_as_it_is() -> None:
    assert with_subtitles(SOURCE, []) == SOURCE
    bare = msgspec.structs.replace(SOURCE, text=())
    assert [one.language for one in with_subtitles(bare, [beside(EN)]).text] == [EN]
