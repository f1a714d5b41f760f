"""The files of one version of an asset, as publishing recorded them: what an origin tells edges."""

import msgspec


class PackageFile(msgspec.Struct, frozen=True, kw_only=True):
    sha256: str  # hex
    size: int  # bytes


class PackageListing(msgspec.Struct, frozen=True, kw_only=True):
    """All files of one version. A file's bytes are right when they match this, wherever they came
    from."""

    prefix: str  # "asset/version"
    files: dict[str, PackageFile]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files.values())


class PackagePage(msgspec.Struct, frozen=True, kw_only=True):
    """Versions by the order in which they were published. Ask again with `upto`, until `more` is
    False, and then from time to time: a version that is published later comes after."""

    upto: int
    prefixes: tuple[str, ...] = ()
    more: bool = False
