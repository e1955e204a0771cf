"""What keeps a server from starting, and how little it loads and waits."""

import json
import socket
import subprocess
import sys

import pytest

from roadworthy.kernel.errors import BundleError, GateError, RoadworthyError, ServingError
from roadworthy.serving.server import listen
from roadworthy.serving.start import Means, serve

HEAVY = ["polars", "sklearn", "sqlalchemy", "scipy", "jinja2", "click", "rich", "optuna", "onnx", "skl2onnx", "pandas"]


def test_the_serving_process_loads_nothing_heavy():
    code = f"import sys, roadworthy.serving.start; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def try_to_serve(tmp_path, fake):
    """Serve with a fake bundle where it must fail before it listens for long."""
    pointer = fake.write_live(tmp_path)

    def attempt(**changed: object) -> None:
        means = Means(load=fake.load, verify=fake.verify)
        given = {"port": 0, "log_folder": tmp_path / "logs", "means": means, "ready": lambda _: pytest.fail("started")}
        serve(pointer, **{**given, **changed})

    attempt.home, attempt.pointer = tmp_path, pointer
    return attempt


def test_a_port_in_use_is_told(try_to_serve):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ServingError, match="the port is in use") as caught:
            try_to_serve(port=port)
    assert caught.value.where == f"127.0.0.1:{port}"
    assert "choose another port" in caught.value.fix


@pytest.mark.parametrize(
    ("host", "what"), [("no.such.host.invalid", "no such address"), ("192.0.2.1", "cannot listen")]
)
def test_an_address_that_is_not_ours_is_told(host, what):
    with pytest.raises(ServingError, match=what):
        listen(host, 0)


@pytest.mark.parametrize("host", ["::", "192.168.1.5", "example.org", ".".join("0000")])
def test_an_open_address_needs_a_token(try_to_serve, host):
    with pytest.raises(ServingError, match="whoever reaches this address"):
        try_to_serve(host=host)


def test_a_short_token_is_refused(try_to_serve):
    with pytest.raises(ServingError, match="shorter than 16"):
        try_to_serve(**{"token": "secret"})


def test_nothing_live_is_told(try_to_serve):
    try_to_serve.pointer.unlink()
    with pytest.raises(ServingError, match="nothing is live"):
        try_to_serve()


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"bundle": 1, "version": "v1"}', "\x00"])
def test_a_broken_pointer_is_told(try_to_serve, text):
    try_to_serve.pointer.write_text(text)
    with pytest.raises(ServingError, match="pointer cannot be read"):
        try_to_serve()


def test_a_tampered_bundle_is_refused(try_to_serve):
    (try_to_serve.home / "bundles" / "v1" / "tampered").touch()
    with pytest.raises(BundleError, match="tampered"):
        try_to_serve()


def test_an_uncertified_bundle_is_refused_by_default(try_to_serve, fake):
    with pytest.raises((GateError, BundleError)) as caught:
        try_to_serve(means=Means(load=fake.load))
    assert "certificate" in str(caught.value)


def test_a_bundle_of_another_version_is_refused(try_to_serve):
    try_to_serve.pointer.write_text(json.dumps({"bundle": "bundles/v1", "version": "v2"}))
    with pytest.raises(ServingError, match="the pointer names v2"):
        try_to_serve()


def test_a_log_that_cannot_be_written_is_told(try_to_serve):
    (try_to_serve.home / "file").write_text("")
    with pytest.raises(ServingError, match="the log folder cannot be made"):
        try_to_serve(log_folder=try_to_serve.home / "file")


def test_a_model_that_cannot_be_warmed_does_not_start(try_to_serve, fake):
    def load(folder):
        raise RoadworthyError("no such format", where=str(folder), fix="release it again")

    with pytest.raises(RoadworthyError, match="no such format"):
        try_to_serve(means=Means(load=load, verify=fake.verify))
