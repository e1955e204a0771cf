"""What the server answered and people corrected comes back as training data, once, and only with its truth."""

from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from roadworthy.bundle.predictions import FeedbackRecord, PredictionRecord, frame
from roadworthy.data.snapshot import read_table
from roadworthy.declare.data import Source
from roadworthy.kernel.errors import SourceError

LOGGED = Source(kind="prediction_log", path="logs")


def answered(number: int, raw: bytes | None, *, key: str = "") -> PredictionRecord:
    return PredictionRecord(
        id=f"id{number}",
        at=float(number),
        model="m",
        version="v",
        key=key,
        probability=0.5,
        decision=0,
        features=[],
        raw=raw,
    )


def write(
    root: Path, predictions: list[PredictionRecord], feedback: list[FeedbackRecord], *, torn: bytes = b""
) -> None:
    folder = root / "logs"
    folder.mkdir(exist_ok=True)
    (folder / "predictions-20200101-1.log").write_bytes(frame(predictions) + torn)
    (folder / "feedback-20200101-1.log").write_bytes(frame(feedback))


def test_only_labelled_inputs_come_back_and_the_last_word_counts(make: SimpleNamespace, tmp_path: Path) -> None:
    write(
        tmp_path,
        [
            answered(0, make.letter(0), key="k0"),
            answered(1, make.letter(1)),
            answered(2, make.letter(2)),
            answered(3, None),
            answered(4, make.letter(1)),
        ],
        [
            FeedbackRecord(key="k0", label="spam", at=1.0),
            FeedbackRecord(key="k0", label="ham", at=2.0),
            FeedbackRecord(id="id1", label="spam", at=1.0),
            FeedbackRecord(id="id3", label="spam", at=1.0),
            FeedbackRecord(id="id4", label="spam", at=1.0),
        ],
        torn=b"\x00\x01",
    )
    made = make.acquired(make.declared(LOGGED), tmp_path)
    table = read_table(tmp_path / "out")
    assert table.select("row_key", "label", "member").rows() == [
        ("0@example.org", "ham", "id0"),
        ("1@example.org", "spam", "id1"),
    ]
    counted = {one.subject: one.measured for one in made.findings if one.check == "data.feedback"}
    assert counted == {"unlabelled": 1.0, "no input": 1.0, "again": 1.0}


def test_logged_mails_join_the_corpus(make: SimpleNamespace, tmp_path: Path) -> None:
    make.pack(tmp_path / "box.tar", make.two_classes())
    write(tmp_path, [answered(0, make.letter(40))], [FeedbackRecord(id="id0", label="spam", at=1.0)])
    made = make.acquired(make.declared(make.mails(), LOGGED), tmp_path)
    assert made.snapshot.rows == 7
    assert read_table(tmp_path / "out")["label"].to_list()[-1] == "spam"


def test_rows_of_a_table_come_back_typed(make: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("age,job,repaid\n20,cook,yes\n30,clerk,no\n")
    raw = msgspec.json.encode({"age": 41, "job": "cook"})
    write(tmp_path, [answered(0, raw)], [FeedbackRecord(id="id0", label="no", at=1.0)])
    declaration = make.declared(Source(kind="csv", path="t.csv"), LOGGED, positive="yes", target="repaid")
    make.acquired(declaration, tmp_path)
    assert read_table(tmp_path / "out").select("age", "job", "repaid").rows()[-1] == (41, "cook", "no")


def test_a_damaged_log_is_told_and_a_missing_one_is_an_error(make: SimpleNamespace, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nothing lies at logs"):
        make.acquired(make.declared(LOGGED), tmp_path)
    said = [FeedbackRecord(id=f"id{number}", label="spam" if number % 2 else "ham", at=1.0) for number in range(4)]
    write(tmp_path, [answered(number, make.letter(number)) for number in range(4)], said)
    path = tmp_path / "logs" / "predictions-20200101-1.log"
    data = bytearray(path.read_bytes())
    data[20] ^= 0xFF
    path.write_bytes(data)
    made = make.acquired(make.declared(LOGGED), tmp_path)
    assert made.snapshot.rows == 3
    assert [one.subject for one in made.findings if one.check == "data.readable"] == ["prediction log"]
