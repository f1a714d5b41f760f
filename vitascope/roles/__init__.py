"""Running roles: what a process does from its settings until it is told to stop.

`up` starts several such processes on one machine; `run` is one of them. What only one kind of
process needs is imported when it becomes one.
"""

from vitascope.roles.accounts import NoDataFolder, make_reset_code, open_account
from vitascope.roles.applications import inner_application, openapi_document, public_application
from vitascope.roles.demo import demo_closed, demo_seed
from vitascope.roles.keys import give_keys
from vitascope.roles.running import run_roles
from vitascope.roles.this_machine import at_home, tell_children

__all__ = [
    "NoDataFolder",
    "at_home",
    "demo_closed",
    "demo_seed",
    "give_keys",
    "inner_application",
    "make_reset_code",
    "open_account",
    "openapi_document",
    "public_application",
    "run_roles",
    "tell_children",
]
