"""What an edge does not need it does not load: there are many, on small machines."""

import json
import subprocess
import sys

DATABASES = {"sqlalchemy", "alembic", "dbos", "asyncpg"}
OTHERS = {"litestar", "numpy", "scipy"}


def test_an_edge_is_loaded_without_databases_and_the_web_framework() -> None:
    look = (
        "import json, sys, vitascope.cli, vitascope.assembly.providers.edge\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True, timeout=600
    )
    assert (DATABASES | OTHERS) & set(json.loads(done.stdout)) == set()
