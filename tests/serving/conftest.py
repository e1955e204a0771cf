"""A running server in a process of its own, and a client that sends exactly the bytes it is given."""

import importlib.util
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

SCRIPT = Path(__file__).parent / "fake_server.py"


def _load_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fake_server", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def fake() -> ModuleType:
    """The fake model, and `write_live`."""
    return _load_script()


class Client:
    """Asks a server on a port of this machine; sends exactly the bytes it is given."""

    host = "127.0.0.1"

    def __init__(self, port: int) -> None:
        self.port = port

    def connect(self) -> socket.socket:
        connection = socket.create_connection((self.host, self.port), timeout=10)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def ask(self, raw: bytes) -> list[SimpleNamespace]:
        """Send bytes, say that no more follow, and read all replies until the server closes."""
        with self.connect() as connection:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            return replies(drain(connection))

    def post(self, path: str, body: bytes | object, *headers: str, method: str = "POST") -> SimpleNamespace:
        """One request, one reply."""
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        head = [f"{method} {path} HTTP/1.1", "host: x", "connection: close", f"content-length: {len(body)}", *headers]
        (reply,) = self.ask("\r\n".join([*head, "", ""]).encode() + body)
        return reply

    def get(self, path: str, *headers: str) -> SimpleNamespace:
        return self.post(path, b"", *headers, method="GET")


class Running(Client):
    """A server process: `port`, `home`, and the bytes it answers."""

    def __init__(self, home: Path, **options: object) -> None:
        self.home = home
        command = [sys.executable, str(SCRIPT), json.dumps({"home": str(home), **options})]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.strip():
            raise AssertionError(f"the server did not start: {self.process.stderr.read()}")
        super().__init__(int(line))

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        code = self.process.wait(timeout=20)
        self.process.stdout.close()
        self.process.stderr.close()
        return code


def drain(connection: socket.socket) -> bytes:
    """All bytes until the other side closes; a reset counts as the end."""
    data = b""
    try:
        while chunk := connection.recv(1 << 16):
            data += chunk
    except ConnectionResetError:
        pass
    return data


def replies(data: bytes) -> list[SimpleNamespace]:
    """Bytes as replies; whatever is no whole reply is a failure of the test."""
    found = []
    while data:
        head, _, rest = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        length = int(headers.get("content-length", 0))
        assert len(rest) >= length, "half a reply"
        body, data = rest[:length], rest[length:]
        parsed = json.loads(body) if headers.get("content-type") == "application/json" else body
        found.append(SimpleNamespace(status=int(first.split()[1]), headers=headers, body=body, json=parsed))
    return found


@pytest.fixture(scope="session")
def client() -> type[Client]:
    """Makes a client of a port."""
    return Client


@pytest.fixture
def start(tmp_path: Path, fake: ModuleType):
    """Start a server with options; it is stopped with the test."""
    running: list[Running] = []

    def begin(*, kind: str = "table", home: Path | None = None, **options: object) -> Running:
        home = home or tmp_path
        if not (home / "live").exists():
            fake.write_live(home, kind=kind)
        running.append(Running(home, **options))
        return running[-1]

    yield begin
    for each in running:
        each.stop(signal.SIGKILL)


@pytest.fixture(scope="module")
def table(tmp_path_factory, fake):
    """One server with a table model for a whole file of tests."""
    home = tmp_path_factory.mktemp("table")
    fake.write_live(home)
    running = Running(home)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def mail(tmp_path_factory, fake):
    """One server with a mail model for a whole file of tests."""
    home = tmp_path_factory.mktemp("mail")
    fake.write_live(home, kind="mail")
    running = Running(home)
    yield running
    running.stop()
