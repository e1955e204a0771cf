"""Text, PDF and DOCX: the text that a reader sees; what is scanned, locked, damaged or a bomb told by name."""

import io
import sys
import zipfile
import zlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roadworthy.kernel.errors import SourceError

CONTENT = """<w:document xmlns:w="w" xmlns:mc="m"><w:body>
<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>Hello</w:t><w:tab/><w:t>wörld &amp; all</w:t></w:r></w:p>
<w:p><w:r><w:delText>gone</w:delText><w:t>two</w:t><w:br/></w:r>
<mc:AlternateContent><mc:Choice><w:r><w:t>box</w:t></w:r></mc:Choice>
<mc:Fallback><w:r><w:t>box</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p></w:body></w:document>"""
CORE = """<cp:coreProperties xmlns:cp="c" xmlns:dc="d" xmlns:dcterms="t"><dc:title>A title</dc:title>
<dc:creator>Ann</dc:creator><dcterms:created>2024-01-31T12:00:00Z</dcterms:created></cp:coreProperties>"""


def docx(content: str | bytes = CONTENT, *, core: str = CORE, name: str = "word/document.xml") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(name, content)
        archive.writestr("docProps/core.xml", core)
    return stream.getvalue()


def pdf(*pages: str, encrypt: bool = False, info: str = "/Title (A title) /CreationDate (D:20240131120000Z)") -> bytes:
    count = len(pages)
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(count))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {count} /Kids [{kids}] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, text in enumerate(pages):
        drawn = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET" if text else "0 0 100 100 re f"
        here = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> "
        objects += [
            here + f"/Contents {5 + 2 * number} 0 R >>",
            f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream",
        ]
    objects.append(f"<< {info} >>")
    trailer = f"/Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R"
    if encrypt:
        objects.append(f"<< /Filter /Standard /V 1 /R 2 /P -4 /O <{'5a' * 32}> /U <{'a5' * 32}> >>")
        trailer += f" /Encrypt {len(objects)} 0 R /ID [<00> <00>]"
    out = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    return out + f"{head}trailer\n<< {trailer} >>\nstartxref\n{len(out)}\n%%EOF".encode()


def test_the_text_of_a_pdf(run: Any, write: Any) -> None:
    write("a.pdf", pdf("Hello world", "Page two"))
    (row,) = run("documents", "a.pdf").rows
    assert row["text"] == "Hello world\fPage two"
    wanted = {
        "format": "pdf",
        "pages": 2,
        "empty_pages": 0,
        "title": "A title",
        "created": "2024-01-31T12:00:00Z",
        "words": 4,
    }
    assert {name: row[name] for name in wanted} == wanted


def test_the_text_of_a_docx(run: Any, write: Any) -> None:
    write("a.docx", docx())
    (row,) = run("documents", "a.docx").rows
    assert row["text"] == "Hello\twörld & all\ntwo\nbox\n"
    wanted = {"format": "docx", "title": "A title", "author": "Ann", "created": "2024-01-31T12:00:00Z", "pages": None}
    assert {name: row[name] for name in wanted} == wanted


def test_documents_in_archives(run: Any, tmp_path: Any) -> None:
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr("x/a.docx", docx())
        archive.writestr("x/b.pdf", pdf("Hi"))
        archive.writestr("x/c.zip", docx())
    came = run("documents", "in.zip")
    assert came.names == ["in.zip/x/a.docx", "in.zip/x/b.pdf"]
    assert "zip archive inside another" in came.failed["data.hostile"]


def test_scans_are_rows_and_named(run: Any, write: Any) -> None:
    write("in/scan.pdf", pdf("", ""))
    write("in/part.pdf", pdf("words", "", ""))
    write("in/whole.pdf", pdf("words", "more", ""))
    came = run("documents", "in")
    assert came.frame.height == 3
    told = [one.evidence["rows"] for one in came.findings if one.check == "data.no_text"]
    assert told == [["in/scan.pdf"], ["in/part.pdf"]]


DEEP = "<a>" * 10_000
HOSTILE = {
    "locked.pdf": (pdf("x", encrypt=True), "data.readable", "it is encrypted"),
    "cut.pdf": (pdf("x")[:200], "data.readable", "it is damaged"),
    "text.pdf": (b"hello", "data.readable", "it is no PDF, but plain text"),
    "head.pdf": (b"%PDF-1.4\n", "data.readable", "it is damaged"),
    "long.pdf": (pdf(*["x"] * 30), "data.hostile", "it has 30 pages, more than 20"),
    "wordy.pdf": (pdf("x" * 20_000), "data.hostile", "more than 10,000 characters"),
    "bomb.docx": (docx(b"<w:document>" + b" " * (300 << 20)), "data.hostile", "unpacks to more than"),
    "wordy.docx": (docx(CONTENT.replace("Hello", "x" * 20_000)), "data.hostile", "more than 10,000 characters"),
    "laughs.docx": (docx('<!DOCTYPE a [<!ENTITY b "c">]>' + CONTENT), "data.hostile", "document type"),
    "deep.docx": (docx(DEEP), "data.hostile", "nested deeper than 500"),
    "cut.docx": (docx()[:300], "data.readable", "it is damaged"),
    "xml.docx": (docx("<w:document>"), "data.readable", "its XML is damaged"),
    "sheet.docx": (docx(name="xl/workbook.xml"), "data.readable", "holds no word/document.xml"),
    "locked.docx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 99, "data.readable", "encrypted Office file"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_damaged_or_hostile_document_is_told_and_the_others_read(run: Any, write: Any, name: str) -> None:
    data, check, said = HOSTILE[name]
    write(f"in/{name}", data)
    write("in/good.docx", docx())
    came = run("documents", "in", max_pages=20, max_characters=10_000)
    assert came.names == ["in/good.docx"]
    assert said in came.failed[check]
    assert came.of(check).subject.endswith(name)


def test_a_member_that_lies_about_its_size_does_not_come_out(run: Any, write: Any) -> None:
    data = bytearray(docx(b"<w:document>" + b" " * 5_000_000 + b"</w:document>"))
    place = data.rindex(b"word/document.xml") - 46 + 24  # the size, in the directory at the end
    data[place : place + 4] = (100).to_bytes(4, "little")
    write("a.docx", bytes(data))
    with pytest.raises(SourceError, match="it is damaged"):
        run("documents", "a.docx")


def test_without_pdfium_the_error_says_how_to_get_it(run: Any, write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write("a.pdf", pdf("x"))
    write("b.docx", docx())
    monkeypatch.delitem(sys.modules, "roadworthy.data.media.pages", raising=False)
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    assert run("documents", "b.docx").frame.height == 1
    with pytest.raises(SourceError, match=r'pip install "roadworthy\[documents\]"'):
        run("documents", "a.pdf")


@pytest.mark.parametrize(
    ("name", "data", "wanted"),
    [
        ("a.txt", "plain ünder\nlines\n".encode(), {"format": "text", "encoding": "utf-8", "lines": 2, "words": 3}),
        ("a.txt", "café".encode("utf-16"), {"encoding": "utf-16", "text": "café", "guessed": False}),
        ("a.txt", "café".encode("cp1252"), {"encoding": "cp1252", "text": "café", "guessed": True}),
        ("a.md", b"---\nx: 1\n---\n\n# The title #\n\ntext", {"format": "markdown", "title": "The title"}),
        ("a.rst", b"Title\n=====\n\ntext", {"format": "rst", "title": "Title"}),
        ("a.html", b"<title>A &amp; B</title><p>x<script>y</script> <i>z</i>", {"title": "A & B", "text": "x z"}),
        ("a.html", '<meta charset="iso-8859-2"><p>ž'.encode("iso-8859-2"), {"text": "ž", "encoding": "iso8859-2"}),
        ("a.txt.gz", zlib.compress(b"hi", wbits=31), {"text": "hi", "format": "text"}),
    ],
)  # fmt: skip
def test_texts(run: Any, write: Any, name: str, data: bytes, wanted: dict[str, Any]) -> None:
    write(name, data)
    came = run("text", name)
    (row,) = came.rows
    assert {key: row[key] for key in wanted} == wanted
    assert ("data.charset" in came.failed) == bool(wanted.get("guessed"))


def test_odd_texts(run: Any, write: Any) -> None:
    write("in/a.txt", b"abc\x00\x01")
    write("in/b.html", b"<p>" + b"x" * 1_100_000)
    write("in/c.txt", "good")
    write("in/d.html", b"<meta charset=utf-8><p>\xff")
    came = run("text", "in")
    assert came.names == ["in/c.txt"]
    assert "its HTML is longer" in came.failed["data.hostile"]
    assert [one.evidence["member"] for one in came.findings if one.check == "data.readable"] == ["a.txt", "d.html"]
    with pytest.raises(SourceError, match="it is larger than 3 bytes"):
        run("text", "in/c.txt", max_file="3B")
    with pytest.raises(SourceError, match="it is not ascii"):
        run("text", "in/d.html", encoding="ascii")


@settings(derandomize=True, max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from([("a.pdf", pdf("Hello", "two")), ("a.docx", docx())]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=5),
    st.floats(0.2, 1),
)
def test_no_change_of_bytes_makes_a_reader_fail(
    run: Any, write: Any, file: tuple[str, bytes], changes: list[tuple[float, int]], kept: float
) -> None:
    name, data = file
    changed = bytearray(data[: int(len(data) * kept)])
    for place, byte in changes:
        changed[int(place * (len(changed) - 1))] = byte
    write(f"in/{name}", bytes(changed))
    write("in/good.docx", docx())
    came = run("documents", "in")
    assert "in/good.docx" in came.names
    assert came.frame.height == 2 or {"data.readable", "data.hostile"} & came.failed.keys()


@settings(derandomize=True, max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(min_size=1, max_size=200), st.sampled_from([".txt", ".md", ".html"]))
def test_any_bytes_give_text_or_an_error_with_the_file(run: Any, write: Any, data: bytes, ending: str) -> None:
    write(f"in/a{ending}", data)
    write("in/z.txt", "good")
    assert "in/z.txt" in run("text", "in").names
