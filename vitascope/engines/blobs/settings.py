"""What an operator says about an object store."""

from typing import Annotated

import msgspec


class S3Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The object store, where `[engines] blobs = "s3"`."""

    bucket: str = ""
    """The bucket that holds every object. It must exist, and hold nothing else."""

    endpoint: Annotated[str, msgspec.Meta(pattern="^(https?://.+)?$")] = ""
    """URL of an S3 server of your own; empty for AWS."""

    region: str = "us-east-1"
    """The bucket's region; most servers other than AWS take any."""

    access_key_id: str = ""
    """Empty to take the credentials from the environment (`AWS_ACCESS_KEY_ID` and
    `AWS_SECRET_ACCESS_KEY`), or from the machine's role on AWS."""

    secret_access_key: str = ""
    """Goes with `access_key_id`. Better set by `VITASCOPE_S3__SECRET_ACCESS_KEY` than in a file."""

    path_style: bool = True
    """The bucket stands in the path of the URL, as most servers other than AWS want it; false puts
    it before the host name."""

    part_mib: Annotated[float, msgspec.Meta(ge=5, le=1024)] = 8.0
    """Size of the parts in which large objects are sent. Larger where an object would need more
    than 9,000 of these: S3 takes 10,000 at most."""

    retry_s: Annotated[float, msgspec.Meta(ge=0)] = 20.0
    """How long a request is tried again while the store fails or cannot be reached."""

    def __repr__(self) -> str:
        return f"S3Settings(bucket={self.bucket!r}, endpoint={self.endpoint!r})"
