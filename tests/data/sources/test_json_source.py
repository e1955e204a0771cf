"""JSON and JSON lines: exact values, every record named, odd input told or refused."""

import gzip
import json
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roadworthy.data.records.exact import Exact, written
from roadworthy.data.records.flatten import Flattener
from roadworthy.data.records.lines import BrokenError
from roadworthy.data.records.parts import texts
from roadworthy.data.records.search import records_at
from roadworthy.data.records.walk import JsonStream
from roadworthy.declare.data import MailLabel
from roadworthy.kernel.errors import DataError, SourceError
from roadworthy.kernel.limits import Verdict

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def test_nested_records_become_columns_and_numbers_keep_their_digits(run: Any, write: Any) -> None:
    first = '{"id": 123456789012345678901234567890, "p": {"x": 1.10, "y": {"z": null}}}'
    write("a.json", f'{{"n": 1, "items": [{first}, {{"id": 2e5, "tags": ["a", 0.10], "ok": true}}]}}')
    came = run("json", "a.json")
    assert came.rows == [
        {"id": "123456789012345678901234567890", "p.x": "1.10", "p.y.z": None, "tags": None, "ok": None},
        {"id": "2e5", "p.x": None, "p.y.z": None, "tags": '["a",0.10]', "ok": "true"},
    ]
    assert came.names == ["a.json:/items/0", "a.json:/items/1"]
    assert not came.failed


def test_depth_bounds_the_columns(run: Any, write: Any) -> None:
    write("a.json", '[{"a": {"b": {"c": 1}}, "a.b": 2}]')
    assert run("json", "a.json", depth=2).rows == [{"a.b": '{"c":1}', "a.b#2": "2"}]
    assert run("json", "a.json", depth=1).rows == [{"a": '{"b":{"c":1}}', "a.b": "2"}]


@pytest.mark.parametrize("path", ["/groups/0/items", "groups[0].items", "$.groups[0].items[]"])
def test_records_by_pointer_or_dotted_path(run: Any, write: Any, path: str) -> None:
    write("a.json", '{"skipped": ["}", {"items": "\\"]"}], "groups": [{"items": [1, 2]}, {"items": [3]}]}')
    came = run("json", "a.json", records=path)
    assert came.frame["value"].to_list() == ["1", "2"]
    assert came.names == ["a.json:/groups/0/items/0", "a.json:/groups/0/items/1"]


def test_declared_fields_and_what_they_leave_over(run: Any, write: Any) -> None:
    write(
        "a.jsonl",
        '{"offer": {"price": 5.0, "unit": "kg"}, "tags": [{"n": "a"}, {"n": "b"}]}\n{"offer": {"price": 6}}\n',
    )
    came = run("jsonl", "a.jsonl", fields={"price": "offer.price", "tags": "/tags", "first": "tags[0].n"})
    assert came.rows == [
        {"price": "5.0", "tags": '[{"n":"a"},{"n":"b"}]', "first": "a", "rest": '{"offer":{"unit":"kg"}}'},
        {"price": "6", "tags": None, "first": None, "rest": None},
    ]
    assert came.of("data.unmatched").measured == 1
    assert run("jsonl", "a.jsonl", fields={"all": "tags[].n"}, rest=False).rows[0] == {"all": '["a","b"]'}


def test_of_several_arrays_the_longest_is_read_and_the_others_named(run: Any, write: Any) -> None:
    write("a.json", '{"few": [{"a": 1}], "many": {"rows": [{"a": 1}, {"a": 2}, {"a": 3}]}}')
    came = run("json", "a.json")
    assert came.names[0] == "a.json:/many/rows/0"
    assert came.of("data.unmatched").evidence["not read"] == ["/few"]


def test_a_document_without_an_array_of_objects_is_one_record(run: Any, write: Any) -> None:
    write("a.json", '{"a": 1, "b": [1, 2]}')
    assert run("json", "a.json").rows == [{"a": "1", "b": "[1,2]"}]


def test_documents_that_follow_one_another(run: Any, write: Any) -> None:
    write("a.json", '{"a": 1}\n{"a":\n 2}{"a": 3}')
    came = run("json", "a.json")
    assert came.frame["a"].to_list() == ["1", "2", "3"]
    assert came.names == ["a.json:1", "a.json:2", "a.json:3"]


def test_keys_that_stand_twice_and_numbers_that_are_none(run: Any, write: Any) -> None:
    write("a.json", '[{"a": 1, "a": 2, "b": NaN, "c": -Infinity}, {"a": "x"}]')
    came = run("json", "a.json")
    assert came.rows[0] == {"a": "2", "b": None, "c": "-Infinity"}
    assert came.of("data.duplicate_keys").evidence["keys"] == {"a": [{"row": "a.json:/0", "earlier": "1"}]}
    assert came.of("data.nonfinite").measured == 2
    assert came.of("data.mixed_kinds").subject == "a"


def test_a_bad_line_is_set_aside_with_number_and_reason(run: Any, write: Any) -> None:
    write("a.jsonl", b'\xef\xbb\xbf{"a": 1}\n{"a": \n\n\xff{}\n{"a": 2}{"a": 3}\r\n{"a": 4}')
    came = run("jsonl", "a.jsonl")
    assert came.frame["a"].to_list() == ["1", "2", "3", "4"]
    assert came.names == ["a.jsonl:1", "a.jsonl:5", "a.jsonl:5#2", "a.jsonl:6"]
    bad = came.of("data.readable")
    assert [(one["line"], one["why"]) for one in bad.evidence["first"]] == [
        (2, "expecting value at column 6"),
        (4, "byte 1 of it is not utf-8"),
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig", "utf-16-le"])
def test_byte_order_marks_and_declared_encodings(run: Any, write: Any, encoding: str) -> None:
    options = {"encoding": encoding} if encoding == "utf-16-le" else {}
    write("a.json", '[{"é": "ü\\n"}]'.encode(encoding))
    write("a.jsonl", '{"é": "ü"}\n{"é": "ö"}'.encode(encoding))
    assert run("json", "a.json", **options).rows == [{"é": "ü\n"}]
    assert run("jsonl", "a.jsonl", **options).frame["é"].to_list() == ["ü", "ö"]


def test_a_compressed_file_a_folder_and_labels_by_folder(run: Any, write: Any) -> None:
    write("in/spam/a.jsonl.gz", gzip.compress(b'{"x": 1}\n'))
    write("in/ham/b.jsonl", '{"x": 2}\n')
    write("in/readme.md", "hello")
    label = MailLabel(origin="folder", values={"spam": ("spam",), "ham": ("ham",)})
    came = run("jsonl", "in", label=label, target="kind")
    assert came.rows == [{"x": "2", "kind": "ham"}, {"x": "1", "kind": "spam"}]
    assert came.of("data.passed_over").verdict is Verdict.PASS
    write("in/spam/a.jsonl.gz", gzip.compress(b'{"kind": 1}\n'))
    with pytest.raises(DataError, match="kind is a column of the records already"):
        run("jsonl", "in", label=label, target="kind")


BROKEN = {
    "cut": (b'[{"a": 1}, {"a": 2', "data.readable", "line 1, column 19", 1),
    "comma": (b'[{"a": 1},\n {"a": 2}\n {"a": 3}]', "data.readable", "line 3, column 2", 2),
    "bytes": (b'[{"a": 1}, {"a": "\xff"}]', "data.readable", "byte 18", 0),
    "deep": (b"[" * 10_000 + b"]" * 10_000, "data.hostile", "nested deeper than 200", 0),
    "deep object": (
        b'[{"a": 1}, ' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000 + b"]",
        "data.hostile",
        "nested deeper",
        1,
    ),
    "long": (b'[{"a": 1}, {"a": "' + b"x" * 300_000 + b'"}]', "data.hostile", "longer than 100,000", 1),
    "no json": (b"hello", "data.readable", "expecting value at line 1, column 1", 0),
    "blank": (b" \n", "data.readable", "holds no record", 0),
    "zeros": (b"\x00" * 100, "data.readable", "line 1, column 1", 0),
    "bad escape": (b'[{"a": "\\q"}]', "data.readable", "line 1, column 9", 0),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_document_is_told_with_file_and_position(run: Any, write: Any, name: str) -> None:
    content, check, said, rows = BROKEN[name]
    write("a.json", content)
    write("good.json", '[{"good": 1}]')
    came = run("json", "*.json", max_record="100KB")
    assert came.frame.height == rows + 1
    assert said in came.failed[check]
    assert came.of(check).subject == "a.json"
    if not rows:
        with pytest.raises(SourceError, match=r"no record of kind json was found; first: a\.json"):
            run("json", "a.json", max_record="100KB")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"recrods": "/a"}, 'did you mean "records"'),
        ({"records": "a..b"}, "is no path into JSON"),
        ({"depth": 0}, "depth cannot be 0"),
        ({"fields": ["a"]}, "fields are no table"),
        ({"encoding": "utf-9"}, "there is no encoding"),
        ({"records": "/nothing"}, "nothing lies at /nothing"),
    ],
)
def test_wrong_options_are_refused(run: Any, write: Any, options: dict[str, Any], said: str) -> None:
    write("a.json", '[{"a": 1}]')
    with pytest.raises(SourceError, match=said):
        run("json", "a.json", **options)


def test_too_many_fields_are_refused(run: Any, write: Any) -> None:
    write("a.jsonl", "\n".join(json.dumps({f"k{number}": 1}) for number in range(2_100)))
    with pytest.raises(SourceError, match="more than 2,000 different fields"):
        run("jsonl", "a.jsonl")


@settings(derandomize=True, max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VALUES, st.booleans())
def test_any_value_is_written_back_as_it_was(value: Any, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"))
    read, end = Exact().decode(text, 0)
    assert end == len(text)
    assert json.loads(written(read)) == json.loads(text)


@settings(derandomize=True, max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(VALUES, max_size=8), st.integers(1, 40))
def test_a_stream_gives_the_same_records_however_it_is_cut(values: list[Any], size: int) -> None:
    data = json.dumps({"skip": [values, "}]"], "a": {"b": values}}, indent=1).encode()
    pieces = iter([data[at : at + size] for at in range(0, len(data), size)])
    stream = JsonStream(lambda _: next(pieces, b""))
    found = [json.loads(written(one.value)) for one in records_at(stream, ("a", "b"))]
    assert found == values
    assert stream.peek() == ""


@pytest.mark.parametrize("size", range(1, 12))
def test_numbers_that_a_piece_ends_in_are_read_whole(size: int) -> None:
    data = b"[1e+22, 2.5e-7, -1.5, 123456, 0, -0.0E0]"
    pieces = iter([data[at : at + size] for at in range(0, len(data), size)])
    found = [one.value for one in records_at(JsonStream(lambda _: next(pieces, b"")), ())]
    assert found == ["1e+22", "2.5e-7", "-1.5", "123456", "0", "-0.0E0"]


@settings(derandomize=True, max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=60) | st.text('{}[]",:\\ \n0123456789.eE+-truefalsn', max_size=60).map(str.encode))
def test_any_bytes_give_records_or_a_place(data: bytes) -> None:
    pieces = iter([data[at : at + 7] for at in range(0, len(data), 7)])
    try:
        stream = JsonStream(lambda _: next(pieces, b""))
        while stream.peek():
            for found in records_at(stream, ()):
                texts("x", list(Flattener().row(found.value, "x").values()))
    except BrokenError as err:
        place = err.place
    else:
        place = "line 1"
    assert place.startswith(("line ", "byte "))


@settings(derandomize=True, max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.text(), st.text(st.characters(categories=None)), max_size=3))
def test_every_text_that_json_can_spell_fits_a_column(record: dict[str, str]) -> None:
    read, _ = Exact().decode(json.dumps(record), 0)
    row = Flattener().row(read, "x")
    frame = pl.DataFrame([texts(f"c{place}", [value]) for place, value in enumerate(row.values())])
    assert frame.width == len(row)


def test_a_long_document_is_never_held(monkeypatch: pytest.MonkeyPatch) -> None:
    record = json.dumps({"id": 1, "text": "x" * 500, "deep": [{"a": [1, 2, 3]}] * 5}).encode()
    pieces = iter(
        [b'{"skipped": [' + b",".join([record] * 4_000) + b'], "items": [', *[record + b","] * 20_000, record + b"]}"]
    )
    stream = JsonStream(lambda _: next(pieces, b""))
    held = [len(stream._text) for _ in records_at(stream, ("items",))]
    assert len(held) == 20_001
    assert max(held) < 3_500_000  # the piece that was skipped came in one; after it, a few records at a time
    assert len(stream._text) < 20_000
