"""Addresses turned into local files: one file of the web, or objects of a bucket by name, folder or glob."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from msgspec import Struct

from roadworthy.data.remote.cache import Bounds, Cache
from roadworthy.data.remote.origin import BrokenError, Origin
from roadworthy.data.remote.web import WebFile
from roadworthy.declare.data import Source
from roadworthy.kernel.catalogue import resolve
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.kernel.sealed import holds_password, told_address, unsealed

WEB = ("http", "https")
STORES = ("s3", "gs", "az", "abfs", "abfss")
_INSECURE = "http"
_AT_ONCE = 8
_GLOB = re.compile(r"[*?\[]")


class Fetched(Struct, frozen=True, kw_only=True):
    """A file (or a folder of files) that was at an address.

    Attributes:
        path: where it lies now. name: how records remember it. told: its address, without what is secret.
    """

    path: Path
    name: str
    told: str


class Listed(Protocol):
    """One object of a bucket, see `objects.Listed`."""

    key: str
    size: int
    tag: str


class Bucket(Protocol):
    """A place that lists, see `objects.Bucket`."""

    told: str

    def head(self, key: str) -> Any:
        """The object of that name; None if there is none."""

    def below(self, prefix: str) -> list[Any]:
        """All objects below a folder, sorted by name."""

    def file(self, listed: Any) -> Origin:
        """What fetches an object."""


def fetched(declared: Source, folder: Path) -> list[Fetched]:
    """The files that an address stands for, as they are now, sorted by name.

    Args:
        folder: of the cache.

    Raises:
        SourceError: if the address is of no known kind, nothing lies there, or it cannot be fetched.
    """
    if holds_password(declared.path):
        raise SourceError(
            "the path holds a password in the open",
            where=_told(declared),
            fix="use remote = { headers = ... } with ${NAME}",
        )
    scheme = urlsplit(unsealed(declared.path)).scheme
    cache = Cache(folder)
    if scheme in WEB:
        return [_web(declared, cache, scheme)]
    if scheme not in STORES:
        fix = did_you_mean(scheme, (*WEB, *STORES))
        raise SourceError(f"files are not fetched by {scheme}://", where=_told(declared), fix=fix)
    try:
        return _objects(declared, cache)
    except BrokenError as err:
        raise SourceError(
            f"the store does not answer: {err}", where=_told(declared), fix="look at the address and at remote.endpoint"
        ) from None


def _web(declared: Source, cache: Cache, scheme: str) -> Fetched:
    address = unsealed(declared.path)
    if "*" in urlsplit(address).path:
        raise SourceError("a web server lists no files", where=_told(declared), fix="name one file")
    if scheme == _INSECURE and not declared.sha256:
        raise SourceError(
            "what comes by plain http may be anything",
            where=_told(declared),
            fix='use https, or declare sha256 = "..."',
        )
    headers = {name: unsealed(value) for name, value in declared.remote.headers.items()}
    file = WebFile(address, key=str(declared.path), headers=headers, timeout=declared.remote.timeout.seconds)
    return Fetched(path=cache.fetch(file, _bounds(declared)), name=file.name, told=file.told)


def _objects(declared: Source, cache: Cache) -> list[Fetched]:
    address = unsealed(declared.path)
    scheme, _, rest = address.partition("://")
    name, _, key = rest.partition("/")
    bucket: Bucket = _opened(f"{scheme}://{name}", declared)
    if _GLOB.search(key):
        return _globbed(bucket, key, declared, cache)
    one = None if key.endswith("/") or not key else bucket.head(key)
    if one:
        (path,) = _fetch(bucket, [one], declared, cache)
        return [Fetched(path=path, name=path.name, told=f"{bucket.told}/{key}")]
    return [_folder(bucket, key.rstrip("/"), declared, cache)]


def _globbed(bucket: Bucket, key: str, declared: Source, cache: Cache) -> list[Fetched]:
    """Each object that the pattern stands for; names begin after its fixed part."""
    _for_one(declared)
    fixed = key[: _GLOB.search(key).start()].rpartition("/")[0]  # type: ignore[union-attr]  # it was found before
    matches = _matcher(key)
    found = [one for one in bucket.below(fixed) if matches(one.key)]
    _some(found, declared)
    paths = _fetch(bucket, found, declared, cache)
    start = len(fixed) + 1 if fixed else 0
    return [
        Fetched(path=path, name=one.key[start:], told=f"{bucket.told}/{one.key}")
        for one, path in zip(found, paths, strict=True)
    ]


def _folder(bucket: Bucket, prefix: str, declared: Source, cache: Cache) -> Fetched:
    """All objects below a prefix, as one folder; empty objects that stand for folders are none."""
    _for_one(declared)
    start = len(prefix) + 1 if prefix else 0
    found = [one for one in bucket.below(prefix) if one.size or not one.key.endswith(("/", "_$folder$"))]
    found = [one for one in found if len(one.key) > start and not _hidden(one.key[start:])]
    _some(found, declared)
    paths = _fetch(bucket, found, declared, cache)
    name = prefix.rpartition("/")[2] or urlsplit(bucket.told).netloc
    files = [(_safe(one.key[start:], bucket.told), path) for one, path in zip(found, paths, strict=True)]
    return Fetched(path=cache.folder_of(files, name), name=name, told=f"{bucket.told}/{prefix}".rstrip("/"))


def _fetch(bucket: Bucket, found: Sequence[Any], declared: Source, cache: Cache) -> list[Path]:
    """Several objects at once: most of the time is spent waiting for the store."""
    bounds = _bounds(declared)
    with ThreadPoolExecutor(min(_AT_ONCE, len(found))) as pool:
        try:
            return list(pool.map(lambda one: cache.fetch(bucket.file(one), bounds), found))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _opened(address: str, declared: Source) -> Bucket:
    try:
        made: Callable[..., Bucket] = resolve("roadworthy.data.remote.objects:StoreBucket")
    except ModuleNotFoundError as err:
        raise SourceError(
            f"reading {address} needs one more package ({err.name})",
            where=_told(declared),
            fix='pip install "roadworthy[remote]"',
        ) from None
    return made(address, declared.remote)


def _bounds(declared: Source) -> Bounds:
    remote = declared.remote
    return Bounds(sha256=declared.sha256.lower(), largest=remote.max_size, timeout=remote.timeout.seconds)


def _matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a key matches a glob: `*` stays within a folder, `**` crosses them, hidden names match a dot only."""
    parts: list[str] = []
    for part in pattern.split("/"):
        if part == "**":
            parts.append(r"(?:[^/.][^/]*/)*")
            continue
        inner = re.sub(r"\\\[(!?)(.+?)\\\]", lambda hit: f"[{'^' if hit[1] else ''}{hit[2]}]", re.escape(part))
        inner = inner.replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
        parts.append(("" if part.startswith(".") else r"(?!\.)") + inner + "/")
    whole = re.compile("".join(parts).removesuffix("/"))
    return lambda key: whole.fullmatch(key) is not None


def _hidden(name: str) -> bool:
    return any(part.startswith(".") and part not in (".", "..") for part in name.split("/"))


def _safe(name: str, told: str) -> str:
    """A name that stays within its folder."""
    if "\x00" in name or any(part in ("", ".", "..") for part in name.split("/")):
        raise SourceError(
            f"the object {name!r} leads out of its folder", where=told, fix="rename it, or name a narrower path"
        )
    return name


def _for_one(declared: Source) -> None:
    if declared.sha256:
        raise SourceError("sha256 is of one file", where=_told(declared), fix="name one file, or take sha256 out")


def _some(found: Sequence[Any], declared: Source) -> None:
    if not found:
        raise SourceError("nothing lies there", where=_told(declared), fix="correct the path or its pattern")


def _told(declared: Source) -> str:
    where = f"line {declared.line}, " if declared.line else ""
    return f"{where}[[data.source]] {told_address(declared.path)}"
