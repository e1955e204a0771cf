"""Which database an address names."""

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.kernel.sealed import holds_password, unsealed

_BACKENDS = {
    "sqlite": "sqlite",
    "duckdb": "duckdb",
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
}
_FILES = frozenset(("sqlite", "duckdb"))
_PORTS = {"postgresql": 5432, "mysql": 3306}
_SSL = ("disable", "prefer", "require", "verify-full")
_WHERE = "[[data.source]] url"
_FORMS = (
    'write "sqlite:///shop.db", "duckdb:///shop.duckdb", "postgresql://user:${PASSWORD}@host/shop" or "mysql://..."'
)


@dataclass(frozen=True, kw_only=True)
class Address:
    """One database; its password is shown nowhere.

    Attributes:
        backend: `sqlite`, `duckdb`, `postgresql` or `mysql`.
        file: where a database in a file lies; None for a server.
        database: its name at the server.
        ssl: `disable`, `prefer` (encrypted if the server can), `require`, or `verify-full` (certificate checked).
    """

    backend: str
    file: Path | None = None
    host: str = ""
    port: int = 0
    database: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    ssl: str = "prefer"

    @property
    def name(self) -> str:
        """How records name it: nothing of the machine, the user or the password."""
        return self.file.name if self.file else self.database

    @property
    def told(self) -> str:
        """What may be printed and stored: where it lies, and nothing of user or password."""
        return self.file.name if self.file else f"{self.backend}://{self.host}:{self.port}/{self.database}"


def read_address(url: str, root: Path) -> Address:
    """The database that an address names.

    Args:
        url: as the declaration has it; a relative file starts at `root`.

    Raises:
        SourceError: if it is no such address, or holds a password in the open.

    >>> read_address("postgresql://ada@db.example.org/shop", Path()).told
    'postgresql://db.example.org:5432/shop'
    """
    if holds_password(url):
        raise SourceError(
            "the url holds a password in the open", where=_WHERE, fix="write ${NAME} there, and export NAME=..."
        )
    try:
        parts = urlsplit(unsealed(url))
        port = parts.port
    except ValueError:
        raise SourceError("the url is no address of a database", where=_WHERE, fix=_FORMS) from None
    scheme = parts.scheme.partition("+")[0]
    if scheme not in _BACKENDS:
        fix = f"{did_you_mean(scheme, _BACKENDS)}; {_FORMS}" if scheme else _FORMS
        raise SourceError(f"no database is read by {scheme!r}", where=_WHERE, fix=fix)
    backend = _BACKENDS[scheme]
    if backend in _FILES:
        return _in_file(backend, parts, root)
    return _at_server(backend, parts, port or _PORTS[backend])


def _in_file(backend: str, parts: SplitResult, root: Path) -> Address:
    path = unquote(parts.path.removeprefix("/"))
    if parts.netloc or not path or path == ":memory:":
        raise SourceError(
            f"the url names no {backend} file",
            where=_WHERE,
            fix=f"{backend}:///relative.db or {backend}:////absolute.db",
        )
    file = root / path
    if not file.is_file():
        raise SourceError(
            f"there is no database file {PurePosixPath(path).name}",
            where=str(file.parent),
            fix="correct the url; a relative path starts at the declaration's folder",
        )
    return Address(backend=backend, file=file)


def _at_server(backend: str, parts: SplitResult, port: int) -> Address:
    database = unquote(parts.path.strip("/"))
    if not parts.hostname or not parts.username or not database:
        raise SourceError("the url needs user, host and database", where=_WHERE, fix=_FORMS)
    return Address(
        backend=backend,
        host=parts.hostname,
        port=port,
        database=database,
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        ssl=_ssl(dict(parse_qsl(parts.query))),
    )


def _ssl(said: dict[str, str]) -> str:
    for name in said:
        if name != "sslmode":
            raise SourceError(f"the url knows no {name!r}", where=_WHERE, fix=did_you_mean(name, ("sslmode",)))
    mode = said.get("sslmode", "prefer")
    if mode not in _SSL:
        raise SourceError(f"{mode!r} is no sslmode", where=_WHERE, fix=did_you_mean(mode, _SSL))
    return mode
