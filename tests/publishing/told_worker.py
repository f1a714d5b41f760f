"""`vitascope run worker`, which tells a test what it does, as `told.py` says:
`python -m tests.publishing.told_worker run worker --name NAME --data DATA`.

It is the service's own worker in every other respect. Its three engines are exchanged where the
house is assembled, because no setting chooses them.
"""

import vitascope.assembly.records
import vitascope.assembly.worker
import vitascope.engines.media.boxed
from tests.publishing.told import ToldBlobs, ToldCrew, ToldMedia
from vitascope.cli import main

if __name__ == "__main__":
    setattr(vitascope.assembly.records, "DiskBlobs", ToldBlobs)  # noqa: B010 (a type)
    setattr(vitascope.assembly.worker, "DbosCrew", ToldCrew)  # noqa: B010
    setattr(vitascope.engines.media.boxed, "BoxedMedia", ToldMedia)  # noqa: B010
    main()
