"""A web server and an object store on this machine, both of which can be made to misbehave."""

import logging
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any
from urllib.request import Request, urlopen

import obstore
import pytest
from moto.server import ThreadedMotoServer
from obstore.store import S3Store

from roadworthy.declare.data import Remote, Source
from roadworthy.kernel.units import parse_duration

Fault = Callable[["Handler", bytes], None]


@dataclass
class Web:
    """What the server holds, what it does wrong next, and what it was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    address: str = ""

    def put(self, path: str, data: bytes, *, tag: str | None = None) -> str:
        self.files[path] = data
        self.tags[path] = f'"{sha256(data).hexdigest()[:8]}"' if tag is None else tag
        return sha256(data).hexdigest()

    def whole(self) -> int:
        """How many times the beginning of a file was asked for."""
        return sum("Range" not in headers for _, headers in self.asked)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    web: Web

    def log_message(self, *_: Any) -> None:
        """Silence."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.web.asked.append((self.path, dict(self.headers)))
        data = self.web.files.get(path)
        if self.web.faults:
            self.close_connection = True
            self.web.faults.pop(0)(self, data or b"")
        elif data is None:
            self.reply(404, b"")
        else:
            self.usual(data)

    def usual(self, data: bytes) -> None:
        tag = self.web.tags[self.path.partition("?")[0]]
        start = int(self.headers.get("Range", "bytes=0-")[6:-1])
        if start and self.headers.get("If-Range") == tag:
            if start >= len(data):
                self.reply(416, b"")
                return
            self.reply(206, data[start:], ETag=tag, Content_Range=f"bytes {start}-{len(data) - 1}/{len(data)}")
        elif tag and self.headers.get("If-None-Match") == tag:
            self.reply(304, b"", ETag=tag)
        else:
            self.reply(200, data, **({"ETag": tag} if tag else {}))

    def reply(self, status: int, data: bytes, *, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if status != 304:
            self.send_header("Content-Length", str(len(data) if length is None else length))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("roadworthy.data.remote.cache._PAUSE", 0.0)
    held = Web()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"web": held}))
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # clients hang up on purpose
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    held.address = f"http://127.0.0.1:{server.server_port}"
    yield held
    server.shutdown()
    server.server_close()


def cut(count: int) -> Fault:
    """Name the whole length, send a few bytes, and hang up."""

    def fault(handler: Handler, data: bytes) -> None:
        start = int(handler.headers.get("Range", "bytes=0-")[6:-1])
        tag = handler.web.tags[handler.path.partition("?")[0]]
        rest = data[start:]
        status, headers = (206, {"Content_Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}) if start else (200, {})
        handler.reply(status, rest[:count], length=len(rest), ETag=tag, **headers)

    return fault


def says(status: int, **headers: str) -> Fault:
    return lambda handler, _: handler.reply(status, b"", **headers)


def drips(handler: Handler, data: bytes) -> None:
    handler.reply(200, b"", length=len(data), ETag=handler.web.tags[handler.path])
    for byte in data[:40]:
        handler.wfile.write(bytes([byte]))
        time.sleep(0.02)


@pytest.fixture
def wrong() -> SimpleNamespace:
    return SimpleNamespace(cut=cut, says=says, drips=drips)


@pytest.fixture(scope="session")
def s3() -> Iterator[SimpleNamespace]:
    """A bucket in a server that speaks S3."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_ACCESS_KEY_ID", "ada")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
        store = S3Store(
            "data", config={"endpoint": endpoint, "region": "us-east-1"}, client_options={"allow_http": True}
        )
        with urlopen(Request(f"{endpoint}/data", method="PUT")):  # noqa: S310  # our own server
            pass
        yield SimpleNamespace(endpoint=endpoint, store=store, put=lambda key, data: obstore.put(store, key, data))
    server.stop()


@pytest.fixture
def remote(tmp_path: Path) -> Callable[..., Source]:
    """A source of files at an address, fetched into a cache of the test's own."""

    def made(
        path: str, *, sha256: str = "", kind: str = "csv", options: dict[str, Any] | None = None, **rest: Any
    ) -> Source:
        if "timeout" in rest:
            rest["timeout"] = parse_duration(rest["timeout"])
        return Source(
            kind=kind,
            path=path,
            sha256=sha256,
            remote=Remote(**rest),
            cache=str(tmp_path / "cache"),
            options=options or {},
        )

    return made
