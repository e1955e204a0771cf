"""A real bundle of mail, certified and served: the answer over HTTP is the answer of the model, to the last bit."""

import importlib.util
import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from roadworthy.bundle.calibrator import Platt
from roadworthy.bundle.certificate import Certificate, content_of, write_certificate
from roadworthy.bundle.keys import signing_key, write_public_key
from roadworthy.bundle.mail import mail_columns, parse_mail
from roadworthy.bundle.model import Model
from roadworthy.bundle.predictions import read_log
from roadworthy.bundle.scorers import LinearScorer, Standard
from roadworthy.bundle.write import write_model
from roadworthy.declare.reading import read_declaration
from roadworthy.features.design import make_design
from roadworthy.kernel.limits import Verdict

CHILD = """
import sys
from pathlib import Path
from roadworthy.bundle.keys import read_public_key
from roadworthy.serving.start import serve
home = Path(sys.argv[1])
def ready(address):
    print(address.port, [name for name in sys.argv[2].split() if name in sys.modules], flush=True)
serve(home / "live" / "spam.json", port=0, trusted=[read_public_key(home / "key.pub")], log_folder=home / "logs",
      keep_inputs=True, ready=ready)
"""
HEAVY = "polars sklearn sqlalchemy scipy jinja2 click rich optuna onnx skl2onnx"


def mail_of(number: int) -> bytes:
    words = "cheap pills offer" if number % 2 else "meeting agenda notes"
    return (
        f"From: a{number}@example.org\r\nTo: b@example.net\r\nMessage-ID: <m{number}@x>\r\n"
        f"Date: Mon, {1 + number % 28:02d} Jan 2024 10:00:00 +0000\r\nSubject: {words[:5]} {number} ÄÖ\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{words} number {number}\r\n"
    ).encode()


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A certified bundle of a small mail model, live."""
    home = tmp_path_factory.mktemp("real")
    raws = [mail_of(number) for number in range(40)]
    truth = np.array([number % 2 for number in range(40)], dtype=np.int8)
    table = pl.DataFrame(mail_columns([parse_mail(raw) for raw in raws])).with_columns(
        label=pl.Series(["spam" if each else "ham" for each in truth])
    )
    found = importlib.util.find_spec("roadworthy.declare")
    declared = Path(found.submodule_search_locations[0]) / "templates" / "spam.toml"
    declaration = read_declaration(declared, environment={})
    design = make_design(table, declaration, truth=truth)
    rows = np.arange(40)
    steps = design.fit(rows)
    encoded = design.encode(steps, rows)
    lines = np.repeat(rows, np.diff(encoded.sparse.indptr))
    signs = np.where(truth[lines] == 1, 1.0, -1.0)
    weights = np.bincount(encoded.sparse.indices, encoded.sparse.data * signs, encoded.sparse.width)
    columns = len(encoded.names)
    scorer = LinearScorer(
        intercept=0.0,
        sparse=weights.astype(np.float32).astype(np.float64),
        standard=Standard(centre=np.zeros(columns), divisor=np.ones(columns)),
        dense=np.zeros(columns),
        missing=np.zeros(columns),
    )
    folder = home / "bundles" / "new"
    folder.mkdir(parents=True)
    manifest = write_model(
        folder,
        name="spam-filter",
        kind="mail",
        problem=declaration.problem,
        inputs=steps.inputs,
        steps=steps,
        scorer=scorer,
        calibrator=Platt(slope=0.5, intercept=0.0),
        threshold=0.6,
        negative="ham",
    )
    key = signing_key(home / "signing.key")
    write_public_key(home / "key.pub", key.public)
    bundle, files = content_of(folder)
    now = datetime.now(UTC)
    certificate = Certificate(
        name="spam-filter",
        sentence="Find spam",
        bundle=bundle,
        files=files,
        verdict=Verdict.PASS,
        reasons=[],
        required=[],
        levels=[],
        missing=[],
        findings=[],
        waivers=[],
        snapshot="s",
        split={},
        declaration="d",
        features="f",
        code="c",
        environment={},
        metrics={},
        threshold=0.6,
        issued=now.isoformat(),
        expires=(now + timedelta(days=1)).isoformat(),
    )
    write_certificate(folder, certificate, key=key)
    (home / "live").mkdir()
    (home / "live" / "spam.json").write_text(json.dumps({"bundle": "bundles/new", "version": manifest.version}))
    return home


def begin(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(home), HEAVY], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_the_answer_over_http_is_the_answer_of_the_model(home, client):
    process = begin(home)
    try:
        port, _, loaded = process.stdout.readline().partition(" ")
        assert loaded.strip() == "[]", "the serving process loads what it need not"
        model = Model.load(home / "bundles" / "new")
        raws = [mail_of(number) for number in (0, 1, 2, 77)] + [b"", b"\xff\xfe\x00", b"no header at all"]
        expected = model.predict_raw(raws)
        server = client(int(port))
        replies = [server.post("/v2/models/spam-filter/mail", raw) for raw in raws if raw]
        asked = [place for place, raw in enumerate(raws) if raw]
        assert [reply.status for reply in replies] == [200] * len(asked)
        assert [reply.json["probability"] for reply in replies] == expected.probability[asked].tolist()
        assert {reply.json["label"] for reply in replies[:2]} == {"spam", "ham"}
        assert {reply.json["version"] for reply in replies} == {model.version}
        records = read_log(home / "logs", "predictions").records
        assert [record.raw for record in records] == [raw for raw in raws if raw]
        assert [record.key for record in records] == [expected.keys[place] for place in asked]
        np.testing.assert_array_equal(
            np.array([record.features for record in records], dtype=np.float32), expected.dense[asked]
        )
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        process.stdout.close()
        process.stderr.close()


@pytest.mark.parametrize("file", ["certificate.json", "manifest.json"])
def test_one_byte_changed_is_refused(home, file):
    path = home / "bundles" / "new" / file
    whole = path.read_bytes()
    place = len(whole) // 2
    try:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        process = begin(home)
        out, errors = process.communicate(timeout=30)
    finally:
        path.write_bytes(whole)
    assert process.returncode == 1
    assert out == ""
    assert "BundleError" in errors or "GateError" in errors
    assert "fix:" in errors
