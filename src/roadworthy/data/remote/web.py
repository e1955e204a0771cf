"""Files by `http://` and `https://`, with the standard library: proxies honoured, redirects limited, resumable."""

import http.client
import ssl
from collections.abc import Iterator, Mapping
from email.message import Message
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from roadworthy import __version__
from roadworthy.data.remote.origin import Answer, BrokenError, file_name
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.sealed import told_address

_CHUNK = 1 << 16
_REDIRECTS = 5
_LONGEST_WAIT = 30.0
_MAY_PASS = frozenset((408, 425, 429, 500, 502, 503, 504))
_UNKNOWN = frozenset((404, 410))
_CLOSED = frozenset((401, 403, 407))
_SENT_ON = range(300, 400)
_NOT_MODIFIED = 304
_PARTIAL = 206
_RANGE_REFUSED = 416
_SECRET = ("authorization", "cookie")


class WebFile:
    """One file by its URL."""

    def __init__(self, url: str, *, key: str, headers: Mapping[str, str], timeout: float) -> None:
        self._url, self._headers, self._timeout = url, dict(headers), timeout
        self.told, self.key = told_address(url), key
        self.name = file_name(unquote(urlsplit(url).path))
        self._opener = _opener()

    def open(self, start: int, tag: str) -> Answer | None:
        """See `Origin`."""
        asked = {"Range": f"bytes={start}-", "If-Range": tag} if start else _unless(tag)
        usual = {"User-Agent": f"roadworthy/{__version__}", "Accept-Encoding": "identity", "Accept": "*/*"}
        request = Request(self._url, headers=usual | self._headers | asked)  # noqa: S310  # http and https alone are opened
        try:
            reply = self._opener.open(request, timeout=self._timeout)
        except HTTPError as err:
            with err:
                return self._refused(err, start)
        except (OSError, http.client.HTTPException) as err:
            raise self._broken(err) from None
        return self._answer(reply, start)

    def _answer(self, reply: Any, start: int) -> Answer:
        head: Message = reply.headers
        tag = head.get("ETag") or head.get("Last-Modified") or ""
        length = head.get("Content-Length")
        if reply.status == _PARTIAL:
            begins, whole = _content_range(head.get("Content-Range", ""))
            if begins != start:
                reply.close()
                raise BrokenError("the server sent another part than it was asked for")
            return Answer(chunks=_chunks(reply), start=start, size=whole, tag=tag)
        size = int(length) if length and length.isdigit() else None
        return Answer(chunks=_chunks(reply), start=0, size=size, tag=tag)

    def _refused(self, err: HTTPError, start: int) -> Answer | None:
        if err.code == _NOT_MODIFIED:
            return None
        if err.code == _RANGE_REFUSED and start:
            return self.open(0, "")
        if err.code in _MAY_PASS:
            raise BrokenError(f"the server says {err.code} {err.reason}", wait=_wait(err.headers))
        if err.code in _SENT_ON:
            raise SourceError("the server sends us on too often", where=self.told, fix="declare the final address")
        if err.code in _UNKNOWN:
            raise SourceError("nothing lies there", where=self.told, fix="correct the path")
        if err.code in _CLOSED:
            fix = 'give what it asks for, such as remote = { headers = { Authorization = "Bearer ${TOKEN}" } }'
            raise SourceError(f"the server lets nobody in like that ({err.code})", where=self.told, fix=fix)
        raise SourceError(f"the server says {err.code} {err.reason}", where=self.told, fix="correct the path")

    def _broken(self, err: Exception) -> Exception:
        reason = err.reason if isinstance(err, URLError) else err
        if isinstance(reason, ssl.SSLCertVerificationError):
            fix = "correct the host; a certificate of your own goes into SSL_CERT_FILE"
            return SourceError(
                f"the server's certificate does not hold: {reason.verify_message}", where=self.told, fix=fix
            )
        return BrokenError(f"no answer ({reason or type(err).__name__})")


class _Redirects(HTTPRedirectHandler):
    """A few redirects, never to a weaker or another kind of place, and without what was meant for the first host."""

    max_redirections = _REDIRECTS
    max_repeats = 2

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        scheme = urlsplit(newurl).scheme
        if scheme not in ("http", "https") or (req.type == "https" and scheme == "http"):
            raise SourceError(
                f"the server sends us on to {scheme}://",
                where=told_address(req.full_url),
                fix="declare the final address",
            )
        onward = super().redirect_request(req, fp, code, msg, headers, newurl)
        if onward is not None and onward.host != req.host:
            for name in list(onward.headers):
                if name.lower() in _SECRET or name in req.unredirected_hdrs:
                    onward.remove_header(name)
        return onward


def _opener() -> OpenerDirector:
    """What opens http and https, and neither files nor FTP."""
    opener = OpenerDirector()
    parts = (
        ProxyHandler(),
        UnknownHandler(),
        HTTPHandler(),
        HTTPSHandler(context=ssl.create_default_context()),
        HTTPDefaultErrorHandler(),
        _Redirects(),
        HTTPErrorProcessor(),
    )
    for part in parts:
        opener.add_handler(part)
    return opener


def _unless(tag: str) -> dict[str, str]:
    """Nothing is to be sent if the state is still this one."""
    if not tag:
        return {}
    return {"If-None-Match": tag} if tag.startswith(('"', "W/")) else {"If-Modified-Since": tag}


def _chunks(reply: Any) -> Iterator[bytes]:
    """What comes, as it comes; a connection that breaks ends it."""
    with reply:
        while True:
            try:
                chunk = reply.read1(_CHUNK)
            except (OSError, http.client.HTTPException) as err:
                raise BrokenError(f"the connection broke ({err or type(err).__name__})") from None
            if not chunk:
                return
            yield chunk


def _content_range(said: str) -> tuple[int, int | None]:
    """Where a part begins, and how long the whole is: `bytes 5-9/10`."""
    unit, _, rest = said.partition(" ")
    part, _, whole = rest.partition("/")
    begins = part.partition("-")[0]
    if unit != "bytes" or not begins.isdigit():
        return -1, None
    return int(begins), int(whole) if whole.isdigit() else None


def _wait(headers: Any) -> float:
    """Seconds that a server asks for, within reason."""
    said = str((headers or {}).get("Retry-After", ""))
    return min(_LONGEST_WAIT, float(said)) if said.isdigit() else 0.0
