"""A released model answers, and refuses to be anything but what was released."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from roadworthy.bundle.mail import mail_columns, parse_mail
from roadworthy.bundle.manifest import Manifest, read_manifest
from roadworthy.bundle.model import Model
from roadworthy.kernel.errors import BundleError, DataError
from roadworthy.kernel.fingerprint import sha256, sha256_tree

RAWS = [
    b"From: a@bad.example\nSubject: free money\nMessage-ID: <one@bad.example>\n\nnow\n",
    b"From: b@good.example\nSubject: Re: plans\n\nsee you at the meeting\n",
    b"",
    b"\xff\xfe broken \x00",
]
HEAVY = ("sklearn", "polars", "scipy", "onnxruntime", "sqlalchemy", "pandas", "selectolax.modest")


@pytest.fixture
def mail_model(tmp_path, write):
    write(tmp_path / "bundle")
    return Model.load(tmp_path / "bundle")


@pytest.fixture
def table_model(tmp_path, write):
    write(tmp_path / "bundle", "table", negative="no")
    return Model.load(tmp_path / "bundle")


def test_facts_of_a_model(table_model, tmp_path):
    assert (table_model.name, table_model.kind, table_model.threshold) == ("toy", "table", 0.6)
    assert (table_model.positive, table_model.negative) == ("yes", "no")
    assert [field.name for field in table_model.inputs] == ["amount", "job"]
    assert table_model.names == table_model.steps.names
    assert table_model.version == sha256_tree(tmp_path / "bundle")[0]


def test_answers_for_raw_mail(mail_model):
    found = mail_model.predict_raw(RAWS)
    assert found.keys == ["one@bad.example", *(sha256(raw) for raw in RAWS[1:])]
    assert found.probability.dtype == np.float64
    assert found.dense.shape == (4, len(found.names))
    assert found.decision.tolist() == (found.probability >= 0.6).astype(int).tolist()
    assert ((found.probability > 0) & (found.probability < 1)).all()


def test_rows_alone_and_together_raw_and_parsed(mail_model):
    together = mail_model.predict_raw(RAWS)
    parsed = mail_model.predict(mail_columns([parse_mail(raw) for raw in RAWS]))
    assert np.array_equal(together.probability, parsed.probability)
    for place, raw in enumerate(RAWS):
        alone = mail_model.predict_raw([raw])
        assert alone.probability[0] == together.probability[place]
        assert np.array_equal(alone.dense[0], together.dense[place], equal_nan=True)


def test_no_rows(mail_model):
    assert mail_model.predict_raw([]).probability.shape == (0,)


def test_no_rows_of_a_table(table_model):
    found = table_model.predict({"amount": [], "job": []})
    assert found.probability.shape == (0,)
    assert found.keys == []


def test_missing_values_are_answered(table_model):
    found = table_model.predict({"amount": [None], "job": [None]})
    assert np.isfinite(found.probability).all()
    assert found.keys == [""]


def test_a_missing_column_is_named_with_the_nearest(table_model):
    with pytest.raises(DataError, match="column 'amount' is missing") as caught:
        table_model.predict({"amuont": [1.0], "job": ["chef"]})
    assert caught.value.fix == 'did you mean "amuont"?'


def test_columns_of_different_lengths(table_model):
    with pytest.raises(DataError, match=r"different lengths: \[1, 2\]"):
        table_model.predict({"amount": [1.0], "job": ["chef", "cook"]})


def test_a_table_model_reads_no_mail(table_model):
    with pytest.raises(DataError, match="not mail"):
        table_model.predict_raw([b""])


def test_the_same_parts_give_the_same_bundle(tmp_path, write):
    assert write(tmp_path / "a").version == write(tmp_path / "b").version
    assert write(tmp_path / "c", threshold=0.61).version != write(tmp_path / "d").version


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_one_changed_byte_in_any_file_is_refused(tmp_path, write):
    write(tmp_path / "bundle")
    for path in files_of(tmp_path / "bundle"):
        kept = path.read_bytes()
        for place in {0, len(kept) // 2, len(kept) - 1}:
            changed = bytearray(kept)
            changed[place] ^= 1
            path.write_bytes(changed)
            with pytest.raises(BundleError) as caught:
                Model.load(tmp_path / "bundle")
            assert path.name in caught.value.where
        path.write_bytes(kept)
    Model.load(tmp_path / "bundle")


def test_any_missing_file_is_refused(tmp_path, write):
    write(tmp_path / "bundle")
    for path in files_of(tmp_path / "bundle"):
        kept = path.read_bytes()
        path.unlink()
        with pytest.raises(BundleError) as caught:
            Model.load(tmp_path / "bundle")
        assert path.name in caught.value.where
        path.write_bytes(kept)


@pytest.mark.parametrize(
    ("name", "what"),
    [("more.json", "does not belong"), ("a.pkl", "unpickled"), ("scorer/run.py", "could run"), ("x", "could run")],
)
def test_an_extra_file_is_refused(tmp_path, write, name, what):
    write(tmp_path / "bundle")
    (tmp_path / "bundle" / name).write_bytes(b"{}")
    with pytest.raises(BundleError, match=what) as caught:
        Model.load(tmp_path / "bundle")
    assert name in caught.value.where


def test_certificate_and_report_lie_beside(tmp_path, write):
    version = write(tmp_path / "bundle").version
    (tmp_path / "bundle" / "certificate.json").write_bytes(b"{}")
    (tmp_path / "bundle" / "report.html").write_bytes(b"")
    assert Model.load(tmp_path / "bundle").version == version


def test_an_executable_file_is_refused(tmp_path, write):
    write(tmp_path / "bundle")
    (tmp_path / "bundle" / "reference.json").chmod(0o755)
    with pytest.raises(BundleError, match="could run"):
        Model.load(tmp_path / "bundle")


def test_a_link_is_refused(tmp_path, write):
    write(tmp_path / "bundle")
    (tmp_path / "bundle" / "link.json").symlink_to(tmp_path / "bundle" / "reference.json")
    with pytest.raises(BundleError, match="plain files"):
        Model.load(tmp_path / "bundle")


def test_an_extra_that_could_run_is_not_written(tmp_path, write):
    with pytest.raises(BundleError, match="could run"):
        write(tmp_path / "bundle", extra={"model.pkl": b""})


@pytest.mark.parametrize("found", [2, "1", None])
def test_an_unknown_format_is_refused(tmp_path, write, found):
    write(tmp_path / "bundle")
    path = tmp_path / "bundle" / "manifest.json"
    path.write_bytes(json.dumps(json.loads(path.read_bytes()) | {"format": found}).encode())
    with pytest.raises(BundleError, match="reads format 1"):
        Model.load(tmp_path / "bundle")


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"{}", b'{"format":1}'])
def test_no_manifest_at_all(tmp_path, content):
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(BundleError):
        Model.load(tmp_path)


def test_an_empty_folder_is_no_bundle(tmp_path):
    with pytest.raises(BundleError, match="no manifest"):
        Model.load(tmp_path)


def resealed(folder: Path, **changes: object) -> None:
    """A forger's bundle: everything agrees with everything, except with what the code can read."""
    manifest = read_manifest(folder)
    steps = manifest.steps | changes
    (folder / "manifest.json").write_bytes(msgspec.structs.replace(manifest, steps=steps).rendered())


def test_steps_of_another_version_are_refused(tmp_path, write):
    write(tmp_path / "bundle")
    resealed(tmp_path / "bundle", versions={"characters": 99, "tokens": 1, "mail_facts": 1})
    with pytest.raises(BundleError, match="99"):
        Model.load(tmp_path / "bundle")


def test_steps_of_an_unknown_kind_are_refused(tmp_path, write):
    write(tmp_path / "bundle")
    resealed(tmp_path / "bundle", dense=[{"type": "os.system", "command": "true"}])
    with pytest.raises(BundleError, match="cannot be read"):
        Model.load(tmp_path / "bundle")


def test_a_pickle_in_disguise_is_never_loaded(tmp_path, write):
    write(tmp_path / "bundle")
    path = tmp_path / "bundle" / "steps" / "words.idf.npy"
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    kept = msgspec.json.decode((tmp_path / "bundle" / "manifest.json").read_bytes(), type=Manifest)
    files = kept.files | {"steps/words.idf.npy": sha256(path.read_bytes())}
    (tmp_path / "bundle" / "manifest.json").write_bytes(msgspec.structs.replace(kept, files=files).rendered())
    with pytest.raises(BundleError):
        Model.load(tmp_path / "bundle")


def test_a_model_is_light(tmp_path, write):
    write(tmp_path / "bundle")
    code = (
        "import sys, pathlib; from roadworthy.bundle.model import Model\n"
        f"model = Model.load(pathlib.Path({str(tmp_path / 'bundle')!r}))\n"
        "model.predict_raw([b'Subject: x\\n\\n<b>hello</b>'])\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
