"""XML: records by path, flattened; bombs and foreign files refused."""

import tracemalloc
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roadworthy.data.bounded import Limits, open_bounded
from roadworthy.data.records.xml_rows import xml_rows
from roadworthy.data.streams import Stream
from roadworthy.kernel.errors import SourceError

CATALOGUE = """<?xml version="1.0"?>
<cat xmlns:dc="urn:dc"><info>about</info>
<book id="1"><dc:title lang="en">A &amp; B</dc:title><by>x</by><by year="2">y</by><at><city>u</city></at><out/></book>
<book id="2">words<by>z</by></book>
<cd/><cd/></cat>"""
LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]><l><i>&c;</i></l>'
FOREIGN = '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l><i>&x;</i></l>'


def test_attributes_texts_and_repeated_children(run: Any, write: Any) -> None:
    write("a.xml", CATALOGUE)
    came = run("xml", "a.xml")
    first, second = came.rows
    assert first == {
        "@id": "1", "dc:title.@lang": "en", "dc:title.#text": "A & B", "by": '["x",{"@year":"2","#text":"y"}]',
        "at.city": "u", "out": None, "#text": None,
    }  # fmt: skip
    assert {name: value for name, value in second.items() if value} == {"@id": "2", "#text": "words", "by": "z"}
    assert came.names == ["a.xml:3:cat/book[1]", "a.xml:4:cat/book[2]"]
    assert came.of("data.unmatched").evidence["not read"] == {"cat/cd": 2}


@pytest.mark.parametrize(("path", "count"), [("//by", 3), ("cat/cd", 2), ("/cat/info", 1), ("cat", 1)])
def test_records_by_path(run: Any, write: Any, path: str, count: int) -> None:
    write("a.xml", CATALOGUE)
    assert run("xml", "a.xml", records=path).frame.height == count


def test_a_document_in_which_nothing_repeats_is_one_record(run: Any, write: Any) -> None:
    write("a.xml", '<a x="1"><b>2</b></a>')
    assert run("xml", "a.xml").rows == [{"@x": "1", "b": "2"}]


def test_encodings(run: Any, write: Any) -> None:
    write("a.xml", '<?xml version="1.0" encoding="iso-8859-15"?><a><b>€</b></a>'.encode("iso-8859-15"))
    write("b.xml", '<?xml version="1.0" encoding="utf-16"?><a><b>€</b></a>'.encode("utf-16"))
    write("c.xml", "<a><b>ä</b></a>".encode("latin-1"))
    assert run("xml", "[ab].xml").frame["b"].to_list() == ["€", "€"]
    assert run("xml", "c.xml", encoding="latin-1").rows == [{"b": "ä"}]


MANY = " ".join(f'k{number}="v"' for number in range(30_000))
HOSTILE = {
    "laughs": (LAUGHS, "data.hostile", "declares a document type", 0),
    "foreign": (FOREIGN, "data.hostile", "declares a document type", 0),
    "harmless type": ("<!DOCTYPE html><l><i>1</i><i>2</i></l>", "data.hostile", "line 1, column", 0),
    "deep": ("<a>" * 10_000, "data.hostile", "nested deeper than 200", 0),
    "long": ("<a><b>1</b><b>" + "x" * 300_000 + "</b></a>", "data.hostile", "longer than 100,000", 1),
    "many attributes": (f"<a><b>1</b><b {MANY}/></a>", "data.hostile", "longer than 100,000", 1),
    "crossed": ("<a><b>1</b><b>2</b>\n<b>3</a></b>", "data.readable", "mismatched tag at line 2, column 7", 2),
    "cut": ("<a><b>1</b><b>2", "data.readable", "line 1, column 16", 1),
    "entity": ("<a><b>1</b><b>&nbsp;</b></a>", "data.readable", "undefined entity at line 1, column 15", 1),
    "no xml": ("hello", "data.readable", "syntax error at line 1", 0),
    "bad bytes": (b"<a><b>1</b><b>\xff</b></a>", "data.readable", "not well-formed", 1),
    "empty": ("  ", "data.readable", "no element found", 0),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_and_broken_documents_are_told_with_their_place(run: Any, write: Any, name: str) -> None:
    content, check, said, rows = HOSTILE[name]
    write("a.xml", content)
    write("good.xml", "<g><h>1</h><h>2</h></g>")
    came = run("xml", "*.xml", max_record="100KB")
    assert came.frame.height == rows + 2
    assert said in came.failed[check]
    if not rows:
        with pytest.raises(SourceError, match="no record of kind xml"):
            run("xml", "a.xml")


def test_wrong_options_are_refused(run: Any, write: Any) -> None:
    write("a.xml", CATALOGUE)
    with pytest.raises(SourceError, match='did you mean "records"'):
        run("xml", "a.xml", record="x")
    with pytest.raises(SourceError, match="no element cat/films"):
        run("xml", "a.xml", records="cat/films")


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="￾￿"), min_size=1)


@settings(derandomize=True, max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(WORDS, min_size=2, max_size=6))
def test_texts_come_back_as_they_were(run: Any, write: Any, words: list[str]) -> None:
    write("a.xml", "<a>" + "".join(f"<b><c>{escape(word)}</c></b>" for word in words) + "</a>")
    assert run("xml", "a.xml", records="a/b").frame["c"].to_list() == [word.strip() or None for word in words]


@settings(derandomize=True, max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=80) | st.text("<>/ab='\"&;! -[]?", max_size=80).map(str.encode))
def test_any_bytes_give_rows_or_an_error_with_a_place(run: Any, write: Any, data: bytes) -> None:
    write("a.xml", data)
    try:
        run("xml", "a.xml")
    except SourceError as err:
        where = err.where
    else:
        where = "a.xml"
    assert "a.xml" in where


def test_a_long_document_is_never_held(write: Any) -> None:
    path = write("a.xml", "<a>" + f"<b><c>{'x' * 300}</c></b>" * 100_000 + "</a>")  # 32 MB
    stream = Stream(archive="a.xml", member="a.xml", open=lambda: open_bounded(path, "", limits=Limits()))
    tracemalloc.start()
    rows = sum(part.frame.height for part in xml_rows(stream, records="a/b", encoding=None, most=1 << 20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows == 100_000
    assert peak < 24 << 20  # one part of 20,000 rows
