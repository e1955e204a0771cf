"""Objects in S3, in Google Cloud Storage or in Azure, and in whatever speaks their language, by obstore."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import obstore
from msgspec import Struct
from obstore.exceptions import (
    BaseError,
    GenericError,
    NotFoundError,
    NotModifiedError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import ObjectStore, from_url

from roadworthy.data.remote.origin import Answer, BrokenError, file_name
from roadworthy.declare.data import Remote
from roadworthy.kernel.catalogue import resolve
from roadworthy.kernel.errors import SourceError

_CHUNK = 1 << 20
_LISTED = 1_000
_GONE = (NotFoundError, FileNotFoundError, PreconditionError, NotModifiedError)
_CLOSED = (PermissionDeniedError, UnauthenticatedError, PermissionError)
_LET_IN = (
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or what your cloud calls them), name a profile in remote, "
    "or write remote = { anonymous = true }"
)
_CONNECT = "15s"
_STATUS = re.compile(r"status code: (\d{3})")
_PASSWORDS = re.compile(r"(?i)(signature|credential|token|key)=[^&\s]+")


class Listed(Struct, frozen=True, kw_only=True):
    """One object of a bucket.

    Attributes:
        key: its whole name in the bucket.
        tag: what the server calls this state of it; its time and size where it has no ETag.
    """

    key: str
    size: int
    tag: str


class StoreBucket:
    """One bucket (or container)."""

    def __init__(self, address: str, remote: Remote) -> None:
        parts = urlsplit(address)
        self.told = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        with _explained(self.told):
            self._store = _store(self.told, remote)

    def head(self, key: str) -> Listed | None:
        """The object of that name; None if there is none."""
        try:
            with _explained(f"{self.told}/{key}"):
                return _listed(obstore.head(self._store, key))
        except _GONE:
            return None

    def below(self, prefix: str) -> list[Listed]:
        """All objects below a folder, sorted by name."""
        with _explained(f"{self.told}/{prefix}"):
            stream = obstore.list(self._store, prefix or None, chunk_size=_LISTED)
            return sorted((_listed(one) for part in stream for one in part), key=lambda one: one.key)

    def file(self, listed: Listed) -> "ObjectFile":
        """What fetches an object."""
        return ObjectFile(self._store, f"{self.told}/{listed.key}", listed)


class ObjectFile:
    """One object, in the state in which it was listed."""

    def __init__(self, store: ObjectStore, told: str, listed: Listed) -> None:
        self._store, self._listed = store, listed
        self.told, self.key, self.name = told, told, file_name(listed.key)

    def open(self, start: int, tag: str) -> Answer | None:
        """See `Origin`. The listing has told the state already, so that nothing is asked for one at hand."""
        listed = self._listed
        if not start and tag == listed.tag:
            return None
        start = start if tag == listed.tag and start < listed.size else 0
        options: dict[str, Any] = {"if_match": listed.tag} if listed.tag.startswith('"') else {}
        if start:
            options["range"] = {"offset": start}
        try:
            with _explained(self.told):
                found = obstore.get(self._store, listed.key, options=options)  # type: ignore[arg-type]  # as it documents
        except _GONE:
            raise SourceError("the object changed while it was read", where=self.told, fix="run this again") from None
        return Answer(chunks=self._chunks(found), start=start, size=listed.size, tag=listed.tag)

    def _chunks(self, found: Any) -> Iterator[bytes]:
        stream = iter(found.stream(min_chunk_size=_CHUNK))
        while True:
            with _explained(self.told):
                chunk = next(stream, None)
            if chunk is None:
                return
            yield bytes(chunk)


@contextmanager
def _explained(told: str) -> Iterator[None]:
    """Tell apart what may pass, what is closed, and what is wrong; what is gone or changed is left to the caller."""
    try:
        yield
    except _GONE:
        raise
    except _CLOSED:
        raise SourceError("the store lets nobody in like that", where=told, fix=_LET_IN) from None
    except GenericError as err:
        said = _STATUS.search(str(err))
        if said and said[1] in ("401", "403"):
            raise SourceError("the store lets nobody in like that", where=told, fix=_LET_IN) from None
        if said and said[1] == "404":
            raise SourceError("nothing lies there", where=told, fix="correct the bucket") from None
        raise BrokenError(_first_line(err)) from None
    except BaseError as err:
        raise SourceError(_first_line(err), where=told, fix="correct the path or the options of remote") from None


def _store(address: str, remote: Remote) -> ObjectStore:
    """The store; credentials come from the environment, or by boto3's chain where a profile is named."""
    config: dict[str, Any] = {}
    if remote.endpoint:
        config["endpoint"] = remote.endpoint
    if remote.region:
        config["region"] = remote.region
    if remote.anonymous:
        config["skip_signature"] = True
    client: dict[str, Any] = {
        "timeout": f"{max(1, round(remote.timeout.seconds))}s",
        "connect_timeout": _CONNECT,
        "allow_http": remote.endpoint.startswith("http://"),
    }
    provider = _profile(remote.profile) if remote.profile else None
    made: ObjectStore = from_url(  # type: ignore[call-overload]  # the options are those of any store
        address, config=config, client_options=client, retry_config={"max_retries": 2}, credential_provider=provider
    )
    return made


def _profile(name: str) -> Any:
    try:
        session = resolve("boto3:Session")(profile_name=name)
        return resolve("obstore.auth.boto3:Boto3CredentialProvider")(session)
    except ModuleNotFoundError as err:
        raise SourceError(
            f"a profile needs one more package ({err.name})", where="[[data.source]] remote", fix="pip install boto3"
        ) from None


def _listed(meta: Any) -> Listed:
    tag = meta.get("e_tag") or f"{meta['last_modified'].isoformat()} {meta['size']}"
    return Listed(key=meta["path"], size=meta["size"], tag=tag)


def _first_line(err: Exception) -> str:
    """What the server said, without the signed parts of an address."""
    return _PASSWORDS.sub(r"\1=***", str(err).splitlines()[0])
