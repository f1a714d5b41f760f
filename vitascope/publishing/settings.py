"""What an operator may decide about publishing."""

from typing import Annotated

import msgspec

from vitascope.kernel.media import FormatName
from vitascope.publishing.judgement import Reviewers
from vitascope.publishing.rules import wrong_rules


class PublishingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From a master to a published title."""

    jobs_at_once: int = 8
    """Jobs of each priority that one worker leads at the same time, until their first version can
    be played, and as many after that; it is mostly waiting."""

    steps_at_once: int = 2
    """What one worker process does for the jobs that it leads (inspection, sound, packaging,
    verification) at the same time; first versions go first, then the most urgent job."""

    encodes_at_once: int = 1
    """Chunks, trials and measurements that one worker process runs at the same time."""

    poll_s: float = 0.2
    """How often a worker looks for work."""

    dead_after_s: float = 4.0
    """A worker that is silent for this long is taken for dead, and others go on with its work."""

    attempts: int = 2
    """How often a step is tried before its job has failed."""

    progress_s: float = 1.0
    """The progress inside a step is written down at most this often."""

    first_version: bool = True
    """Publish a first version with a rung or two as soon as it is there, the others later."""

    later_formats: tuple[FormatName, ...] | None = None
    """Formats that every title is to have beside those of `[encoding] formats`: each is added when
    the title is live already, in the order of publication, after all else that workers have to do.
    Not set, they are what `[encoding] effort` brings: at `best` AV1, HEVC, VP9 and HDR, else none.
    HDR is added where the master has it."""

    artwork: bool = True
    """Take stills and a preview from each film: its partner chooses pictures among them, and a
    title without pictures gets the best."""

    rules: tuple[str, ...] = ("photosensitive-flash review", "photosensitive-red review")
    """What findings in masters weigh, a line each: a code, perhaps a bound, and `note`, `warning`,
    `review` or `refusal`, such as `black >= 10 review`. A master with a `review` waits until
    somebody decides, and nothing of it is published meanwhile. A catalogue may have its own."""

    reviewers: Reviewers = "partner"
    """Who decides about masters that need review: a `partner` about its own, as operators may, too,
    or an `operator` alone. A catalogue may have its own."""

    tidy: bool = True
    """Delete the intermediates of encoding (chunks, trials, clear renditions) after a while."""

    keep_intermediates_days: Annotated[float, msgspec.Meta(ge=0.5)] = 3.0
    """How long they stay after the last of them was written for a master. Until then the same
    master sent again is published without encoding; they take about as much room as its packages
    do, and for a master that had to be converted (HDR, interlaced) as much again as the master."""

    events_poll_s: float = 0.5
    """How often live updates tell of changes at most."""

    events_last_s: float = 540.0
    """A stream of live updates ends after this time; clients connect again where they were."""

    def __post_init__(self) -> None:
        if wrong := wrong_rules(self.rules):
            raise ValueError(wrong[0])
