"""SQLAlchemy's SQLite over the one SQLite of this process, known to it by `URL_SCHEME`."""

from types import ModuleType

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from vitascope.engines.sqlite_library import need_new, sqlite

URL_SCHEME = "sqlite+vitascope"


class Dialect(SQLiteDialect_pysqlite):
    """Connecting raises `SqliteTooOld`."""

    driver = "vitascope"
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> ModuleType:
        need_new()
        return sqlite


registry.register("sqlite.vitascope", __name__, Dialect.__name__)
