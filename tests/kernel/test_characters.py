"""Section 2: what no name has in it."""

import pytest

from vitascope.ingest.admission import refuse_bad_name
from vitascope.kernel.characters import has_control_characters
from vitascope.kernel.errors import Invalid

ODD = [
    "a\x00b",
    "a\nb",
    "a\r",
    "\x1b[2Jb",
    "a\x7f",
    "a\x85b",
    "a\u2028b",
    "film\u202e4pm.exe",
    "\ud800",
]


@pytest.mark.parametrize("name", ODD)
def test_control_characters_and_what_turns_a_text_are_found(name: str) -> None:
    assert has_control_characters(name)


@pytest.mark.parametrize("name", ["Häxan.mov", "映画 (1).mkv", "اهلا.mp4", "👩\u200d🚀.mov", "a b"])
def test_names_in_any_script_are_names(name: str) -> None:
    assert not has_control_characters(name)
    refuse_bad_name(name)


@pytest.mark.parametrize("name", [*ODD, "", " ", "n" * 256])
def test_a_file_of_such_a_name_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        refuse_bad_name(name)
