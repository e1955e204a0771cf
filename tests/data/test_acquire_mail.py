"""From raw archives to a snapshot: nothing is dropped without a finding, and the same rows have the same name."""

import bz2
import gzip
import io
import lzma
import mailbox
import tarfile
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import zstandard

from roadworthy.data.archives import Member, members
from roadworthy.data.bounded import Limits
from roadworthy.data.places import Place, source_files
from roadworthy.data.raw import read_raw
from roadworthy.data.snapshot import read_snapshot, read_table
from roadworthy.declare.data import MailLabel
from roadworthy.kernel.errors import DataError, SourceError
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.fingerprint import sha256


def checks(findings: list[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.check, []).append(finding)
    return found


def test_a_tar_becomes_a_snapshot(make: SimpleNamespace, tmp_path: Path) -> None:
    make.pack(tmp_path / "box.tar", make.two_classes())
    made = make.acquired(make.declared(make.mails()), tmp_path)
    table, snapshot = read_table(tmp_path / "out"), read_snapshot(tmp_path / "out")
    assert snapshot == made.snapshot
    assert (snapshot.kind, snapshot.rows, snapshot.columns["text"]) == ("mail", 6, "text")
    assert table["label"].to_list() == ["ham", "spam"] * 3
    assert table["row_key"].to_list() == [f"{number}@example.org" for number in range(6)]
    assert table["member"].to_list() == [f"{'spam' if number % 2 else 'ham'}/{number}" for number in range(6)]
    assert table["archive"].unique().to_list() == ["box.tar"]
    assert table["raw_sha256"].to_list() == [sha256(make.letter(number)) for number in range(6)]
    raw = (tmp_path / "box.tar").read_bytes()
    assert [raw[at:][: len(make.letter(0))] for at in table["offset"][:1]] == [make.letter(0)]
    assert [file.path for file in snapshot.sources] == ["box.tar"]


def test_the_name_depends_on_the_rows_alone(make: SimpleNamespace, tmp_path: Path) -> None:
    names = set()
    for place in ("here", "elsewhere/deep"):
        root = tmp_path / place
        root.mkdir(parents=True)
        make.pack(root / "box.tar", make.two_classes())
        names.add(make.acquired(make.declared(make.mails()), root).snapshot.id)
    assert len(names) == 1
    make.pack(root / "box.tar", make.two_classes() | {"spam/7": make.letter(7, words="other")})
    assert make.acquired(make.declared(make.mails()), root).snapshot.id not in names


@pytest.mark.parametrize("suffix", ["gz", "bz2", "xz", "zst", "zip", "folder", "maildir"])
def test_every_kind_of_place_gives_the_same_mails(make: SimpleNamespace, tmp_path: Path, suffix: str) -> None:
    held = make.two_classes()
    plain = make.pack(tmp_path / "plain.tar", held).read_bytes()
    path = "box.tar." + suffix
    packers: dict[str, Any] = {
        "gz": gzip.compress,
        "bz2": bz2.compress,
        "xz": lzma.compress,
        "zst": zstandard.ZstdCompressor().compress,
    }
    if suffix in packers:
        (tmp_path / path).write_bytes(packers[suffix](plain))
    elif suffix == "zip":
        path = "box.zip"
        with zipfile.ZipFile(tmp_path / path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in held.items():
                archive.writestr(name, data)
    else:
        path = "box"
        for name, data in held.items():
            folder, _, file = name.partition("/")
            inner = tmp_path / "box" / folder / ("cur" if suffix == "maildir" else "")
            inner.mkdir(parents=True, exist_ok=True)
            (inner / file).write_bytes(data)
        if suffix == "maildir":
            for folder in ("spam", "ham"):
                (tmp_path / "box" / folder / "new").mkdir()
                (tmp_path / "box" / folder / "tmp").mkdir()
                (tmp_path / "box" / folder / "tmp" / "9").write_bytes(make.letter(9))
    make.acquired(make.declared(make.mails(path)), tmp_path)
    table = read_table(tmp_path / "out")
    assert sorted(table["raw_sha256"].to_list()) == sorted(sha256(data) for data in held.values())
    assert sorted(table["label"].to_list()) == ["ham"] * 3 + ["spam"] * 3


def test_an_mbox_is_split_where_the_standard_library_splits_it(make: SimpleNamespace, tmp_path: Path) -> None:
    for label in ("spam", "ham"):
        folder = tmp_path / label
        folder.mkdir()
        box = mailbox.mbox(folder / "box.mbox")
        for number in range(4):
            box.add(make.letter(number, words="From the start\n\nFrom here on: words"))
        box.close()
    made = make.acquired(make.declared(make.mails("*am/box.mbox")), tmp_path)
    table = read_table(tmp_path / "out")
    assert made.snapshot.rows == 8
    assert table["subject"].to_list() == [f"about {number}" for number in range(4)] * 2
    assert table["text"].str.contains("here on: words").all()
    raw = (tmp_path / "spam" / "box.mbox").read_bytes()
    spam = table.filter(table["label"] == "spam")
    assert all(raw[at : at + 5] == b"From " for at in spam["offset"])
    assert spam["row_key"].to_list()[0] == "0@example.org#2"


def test_a_single_mail_that_begins_with_an_envelope_line_is_one_mail(make: SimpleNamespace, tmp_path: Path) -> None:
    members = {
        name: b"From ann@example.org  Thu Aug 22 12:36:23 2002\n" + data for name, data in make.two_classes().items()
    }
    make.pack(tmp_path / "box.tar", members)
    make.acquired(make.declared(make.mails()), tmp_path)
    assert read_table(tmp_path / "out")["subject"].to_list() == [f"about {number}" for number in range(6)]


def test_hostile_members_are_findings_and_nothing_is_written(make: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "box.tar"
    with tarfile.open(path, "w") as archive:
        for name, data in [
            *make.two_classes().items(),
            ("../../evil", make.letter(90)),
            ("/etc/evil", make.letter(91)),
        ]:
            header = tarfile.TarInfo(name)
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))
        for name, kind in (
            ("link", tarfile.SYMTYPE),
            ("hard", tarfile.LNKTYPE),
            ("disk", tarfile.BLKTYPE),
            ("pipe", tarfile.FIFOTYPE),
        ):
            header = tarfile.TarInfo(name)
            header.type, header.linkname = kind, "/etc/passwd"
            archive.addfile(header)
        for name, data in (
            ("spam/inner.zip", b"PK\x03\x04" + b"x" * 100),
            ("spam/empty", b""),
            ("spam/table.csv", b"a,b\n1,2\n"),
        ):
            header = tarfile.TarInfo(name)
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))
    made = make.acquired(make.declared(make.mails()), tmp_path)
    found = checks(made.findings)
    assert made.snapshot.rows == 6
    assert {one.evidence["member"] for one in found["data.hostile"]} == {
        "../../evil",
        "/etc/evil",
        "link",
        "hard",
        "disk",
        "pipe",
        "spam/inner.zip",
    }
    assert [one.evidence["member"] for one in found["data.readable"]] == ["spam/empty"]
    assert [one.evidence["member"] for one in found["data.not_mail"]] == ["spam/table.csv"]
    assert all(one.evidence["archive"] == "box.tar" for one in found["data.hostile"])
    assert sorted(one.name for one in tmp_path.iterdir()) == ["box.tar", "out"]


@pytest.mark.parametrize("suffix", ["gz", "xz", "bz2", "zst", "zip"])
def test_a_size_bomb_is_a_finding(make: SimpleNamespace, tmp_path: Path, suffix: str) -> None:
    bombs = make.two_classes() | {f"spam/bomb{number}": make.letter(1) + b" " * 1_000_000 for number in range(6)}
    if suffix == "zip":
        path = tmp_path / "box.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in bombs.items():
                archive.writestr(name, data)
    elif suffix == "zst":
        path = tmp_path / "box.tar.zst"
        path.write_bytes(zstandard.ZstdCompressor().compress(make.pack(tmp_path / "plain", bombs).read_bytes()))
    else:
        path = make.pack(tmp_path / f"box.tar.{suffix}", bombs, mode=f"w:{suffix}")
    given = list(members(Place(path, path.name), limits=Limits(grace=2_000_000)))
    assert 6 <= sum(isinstance(one, Member) for one in given) < 12
    last = given[-1]
    assert isinstance(last, Finding)
    assert last.check == "data.hostile"
    assert "bytes come out of it" in last.summary


def test_a_header_that_claims_much_is_not_believed(tmp_path: Path, make: SimpleNamespace) -> None:
    header = tarfile.TarInfo("path")
    header.type, header.size = tarfile.XHDTYPE, 5_000_000_000
    (tmp_path / "box.tar").write_bytes(header.tobuf(tarfile.USTAR_FORMAT) + b"x" * 10_000)
    (finding,) = members(Place(tmp_path / "box.tar", "box.tar"))
    assert isinstance(finding, Finding)
    assert finding.check == "data.hostile"


@pytest.mark.parametrize("damage", ["cut", "middle", "garbage"])
def test_a_damaged_archive_says_where_reading_ended(make: SimpleNamespace, tmp_path: Path, damage: str) -> None:
    path = make.pack(tmp_path / "box.tar", make.two_classes(20))
    raw = bytearray(path.read_bytes())
    if damage == "cut":
        raw = raw[: 16 * 1024 + 600]
    elif damage == "middle":
        raw[16 * 1024 : 16 * 1024 + 400] = b"\xff" * 400
    else:
        raw = raw[: 16 * 1024] + b"\x01" * 5_000
    path.write_bytes(raw)
    made = make.acquired(make.declared(make.mails()), tmp_path)
    assert made.snapshot.rows == 16
    (finding,) = checks(made.findings)["data.readable"]
    assert "was not read" in finding.summary


def test_a_mail_that_is_too_large_is_a_finding(make: SimpleNamespace, tmp_path: Path) -> None:
    make.pack(tmp_path / "box.tar", make.two_classes() | {"spam/big": make.letter(1, words="x" * 50_000)})
    made = make.acquired(make.declared(make.mails(options={"max_mail": "20KB"})), tmp_path)
    (finding,) = checks(made.findings)["data.hostile"]
    assert "larger than 20,000 bytes" in finding.summary
    assert made.snapshot.rows == 6


def test_many_findings_of_one_archive_are_counted(make: SimpleNamespace, tmp_path: Path) -> None:
    make.pack(tmp_path / "box.tar", make.two_classes() | {f"spam/no{number}": b"junk" for number in range(50)})
    found = checks(make.acquired(make.declared(make.mails()), tmp_path).findings)["data.not_mail"]
    assert len(found) == 21
    assert (found[-1].measured, len(found[-1].evidence["members"])) == (30.0, 30)


def test_what_cannot_be_used_at_all_is_an_error(make: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    (tmp_path / "empty").mkdir()
    make.pack(tmp_path / "one.tar", {f"spam/{number}": make.letter(number) for number in range(3)})
    make.pack(tmp_path / "none.tar", {"other/1": make.letter(1)})
    cases: list[tuple[str, type[Exception], str]] = [
        ("table.csv", SourceError, "a table"),
        ("empty", SourceError, "no mail was found"),
        ("nothing/*.tar", SourceError, "nothing lies at"),
        ("one.tar", DataError, "needs rows that are 'spam' and rows that are not"),
        ("none.tar", DataError, "no folder of none.tar:other matches a label"),
    ]
    for path, kind, words in cases:
        with pytest.raises(kind, match=words):
            make.acquired(make.declared(make.mails(path)), tmp_path)
    with pytest.raises(SourceError, match="max_mial"):
        make.acquired(make.declared(make.mails("one.tar", options={"max_mial": "1MB"})), tmp_path)


def test_labels_from_a_header(make: SimpleNamespace, tmp_path: Path) -> None:
    members = {str(n): make.letter(n, headers=f"X-Verdict: {'Yes, 9.1' if n % 2 else 'No'}\n") for n in range(6)}
    make.pack(tmp_path / "box.tar", members | {"bare": make.letter(9)})
    label = MailLabel(origin="header", name="X-Verdict", values={"spam": ("yes*",), "ham": ("no*",)})
    made = make.acquired(make.declared(make.mails(label=label)), tmp_path)
    assert read_table(tmp_path / "out")["label"].to_list() == ["ham", "spam"] * 3
    (left,) = checks(made.findings)["data.labels"]
    assert (left.measured, left.subject) == (1.0, "box.tar:bare")


def test_labels_and_consent_from_a_csv(make: SimpleNamespace, tmp_path: Path) -> None:
    make.pack(tmp_path / "box.tar", {f"m/{number}": make.letter(number) for number in range(8)})
    rows = "".join(
        f"{number},{'spam' if number % 2 else 'ham'},{'no' if number == 3 else 'yes'}\n" for number in range(7)
    )
    (tmp_path / "labels.csv").write_text("file,verdict,agreed\n" + rows)
    label = MailLabel(origin="csv", path="labels.csv", key="file", name="verdict")
    declaration = make.declared(make.mails(label=label, consent_column="agreed"))
    made = make.acquired(declaration, tmp_path)
    table, found = read_table(tmp_path / "out"), checks(made.findings)
    assert table["member"].to_list() == [f"m/{number}" for number in (0, 1, 2, 4, 5, 6)]
    assert found["data.consent"][0].measured == 1.0
    assert found["data.labels"][0].evidence["first"] == ["box.tar:m/7"]
    assert {file.path for file in source_files(declaration, tmp_path)} == {"box.tar", "labels.csv"}
    wrong = MailLabel(origin="csv", path="labels.csv", key="file", name="verdikt")
    with pytest.raises(DataError, match="no column 'verdikt'"):
        make.acquired(make.declared(make.mails(label=wrong)), tmp_path)


def test_personal_fields_are_marked_wherever_they_stand(make: SimpleNamespace, tmp_path: Path) -> None:
    members = {
        f"{'spam' if n % 2 else 'ham'}/{n}": make.letter(
            n, words=f"write to Ann{n}@mail.example.org, not carl@x.org, or bob@example.net."
        )
        for n in range(6)
    }
    make.pack(tmp_path / "box.tar", members)
    declaration = make.declared(make.mails(), pseudonymise=("from_address", "to_addresses"))
    first = make.acquired(declaration, tmp_path, key=b"one").snapshot.id
    table = read_table(tmp_path / "out")
    said = table.select("from_address", "from_name", "to_addresses", "subject", "text").write_json()
    assert "ann" not in said.lower()
    assert "bob@" not in said
    assert table["text"].str.contains("carl@x.org").all()
    assert table["from_address"].str.contains(r"^p-[0-9a-f]{12}@mail\.example\.org$").all()
    assert table["from_domain"].unique().to_list() == ["example.org"]
    assert table["to_addresses"].explode().n_unique() == 1
    mark = table["from_address"][0]
    assert mark in table["text"][0]
    assert make.acquired(declaration, tmp_path, key=b"one").snapshot.id == first
    assert make.acquired(declaration, tmp_path, key=b"two").snapshot.id != first


def test_raw_mails_are_read_back(make: SimpleNamespace, tmp_path: Path) -> None:
    make.pack(tmp_path / "box.tar", make.two_classes())
    declaration = make.declared(make.mails())
    wanted = [sha256(make.letter(2)), sha256(make.letter(5)), "0" * 64]
    found = read_raw(declaration, root=tmp_path, sources=make.SOURCES, wanted=wanted)
    assert found == {wanted[0]: make.letter(2), wanted[1]: make.letter(5)}


def test_double_mails_missing_ids_and_bad_dates_are_noticed(make: SimpleNamespace, tmp_path: Path) -> None:
    members = make.two_classes() | {"spam/again": make.letter(1), "spam/bare": b"From: a@b.cc\nSubject: \xff\n\nx"}
    make.pack(tmp_path / "box.tar", members)
    made = make.acquired(
        make.declared(make.mails(), derive={"long": "length(text) > 12"}, rules={"short": "length(text) < 13"}),
        tmp_path,
    )
    found = checks(made.findings)
    assert found["data.uniqueness"][0].evidence["rows"] == ["1@example.org#2"]
    assert {one.subject: one.measured for one in found["data.keys"]} == {"row_key": 1.0, "message_id": 1.0}
    assert found["data.dates"][0].measured == 1.0
    assert found["data.charset"][0].evidence["notes"] == {"8-bit text without a charset": 1}
    assert read_table(tmp_path / "out")["long"].to_list() == ["no"] * 8
    assert found["data.consistency.short"][0].verdict.value == "pass"
