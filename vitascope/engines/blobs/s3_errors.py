"""What an S3 server and its driver refuse, as errors of the contract."""

from collections.abc import Iterator
from contextlib import contextmanager

from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    UnauthenticatedError,
)

from vitascope.engines.blobs.contract import BlobExists, BlobNotFound, BlobsUnavailable, PartsGone
from vitascope.engines.blobs.settings import S3Settings

_EXISTS = {
    "PreconditionFailed",
    "ConditionalRequestConflict",
    "ExistingObjectIsDirectory",
    "ObjectParentIsFile",
}
_GONE = {"NoSuchUpload", "InvalidPart"}
_REFUSED = {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"}


class Errors:
    """Tells what went wrong at the store that `settings` name."""

    def __init__(self, settings: S3Settings) -> None:
        self._bucket = settings.bucket
        self._where = f"The object store at {settings.endpoint or 'AWS'}"

    @contextmanager
    def in_words(self, key: str) -> Iterator[None]:
        """Raises what obstore raises while `key` is worked on as an error of the contract."""
        try:
            yield
        except FileNotFoundError as error:
            code = "NoSuchBucket" if "NoSuchBucket" in str(error) else "NoSuchKey"
            raise self.of(code, key, "") from error
        except AlreadyExistsError as error:
            raise taken(key) from error
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise self.of("AccessDenied", key, "") from error
        except BaseError as error:
            raise self.unavailable(str(error).partition("\n")[0]) from error

    def of(self, code: str, key: str, message: str) -> Exception:
        """Returns the error for what the server calls `code`."""
        if code == "NoSuchKey":
            return missing(key)
        if code in _EXISTS:
            return taken(key)
        if code in _GONE:
            return PartsGone(f"The parts of {key} are gone, or are not those that were put.")
        if code == "NoSuchBucket":
            return BlobsUnavailable(
                f"{self._where} has no bucket {self._bucket!r}. Create it, or name another in "
                "[s3] bucket."
            )
        if code in _REFUSED:
            return BlobsUnavailable(
                f"{self._where} refuses our credentials for the bucket {self._bucket!r}. Check "
                "[s3] access_key_id and secret_access_key, and what they may do."
            )
        return self.unavailable(f"{code}: {message}")

    def unavailable(self, why: str) -> BlobsUnavailable:
        return BlobsUnavailable(f"{self._where} does not answer as it should: {why}")


def missing(key: str) -> BlobNotFound:
    return BlobNotFound(f"There is no object {key}.")


def taken(key: str) -> BlobExists:
    return BlobExists(f"The key {key} is taken, by an object or by a folder of objects.")
