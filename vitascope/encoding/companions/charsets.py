"""What a subtitle file's bytes spell: Unicode where it shows, else the old code page of the
language. A file that is UTF-8 but for some lines is read line by line. All pure."""

import msgspec

MENDED = "\ue0ff"  # at the head of a line that was not in the charset of the others: private use
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_LEGACY = {
    **dict.fromkeys(("ru", "uk", "bg", "sr", "mk", "be"), "cp1251"),
    **dict.fromkeys(("pl", "cs", "sk", "hu", "ro", "hr", "sl", "sq"), "cp1250"),
    **dict.fromkeys(("et", "lv", "lt"), "cp1257"),
    **{"el": "cp1253", "tr": "cp1254", "he": "cp1255", "ar": "cp1256", "fa": "cp1256"},
    **{"vi": "cp1258", "th": "cp874", "ja": "cp932", "ko": "cp949", "zh": "gb18030"},
}


class Spelled(msgspec.Struct, frozen=True, kw_only=True):
    """`charset` is the file's; `mended` is the one in which single lines were read, each of which
    begins with `MENDED`."""

    text: str
    charset: str
    mended: str = ""


def decode(data: bytes, language: str) -> Spelled:
    for mark, charset in _MARKS:
        if data.startswith(mark):
            body = data.removeprefix(mark) if charset == "utf-8" else data
            return _utf8(body, language) if charset == "utf-8" else _plain(body, charset)
    if charset := _wide(data[:4096]):
        return _plain(data, charset)
    return _utf8(data, language)


def _plain(data: bytes, charset: str) -> Spelled:
    return Spelled(text=data.decode(charset, "replace").lstrip("\ufeff"), charset=charset)


def _wide(sample: bytes) -> str:
    """Returns the charset of text without a mark in which every second byte is zero."""
    if sample.count(0) <= len(sample) // 5:
        return ""
    return "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"


def _utf8(data: bytes, language: str) -> Spelled:
    try:
        return Spelled(text=data.decode("utf-8"), charset="utf-8")
    except UnicodeDecodeError:
        page = _LEGACY.get(language.partition("-")[0].lower(), "cp1252")
    lines = data.split(b"\n")
    if not any(_is_utf8(line) for line in lines if not line.isascii()):
        return Spelled(text=data.decode(page, "replace"), charset=page)
    read = [
        line.decode("utf-8") if _is_utf8(line) else MENDED + line.decode(page, "replace")
        for line in lines
    ]
    return Spelled(text="\n".join(read), charset="utf-8", mended=page)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
