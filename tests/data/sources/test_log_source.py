"""Logs: each line by the format it is written in, nothing dropped, no pattern that hangs."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roadworthy.data.records import log_rows
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.limits import Verdict

COMMON = '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326'
COMBINED = COMMON + ' "http://x/" "Mozilla/4.08 [en] \\"q\\""'
RFC5424 = '<165>1 2003-10-11T22:14:15.003Z host.example app - ID47 [a@1 iut="3" x="\\]"][b@1] \ufeffAn event'
RFC3164 = "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8"
LOGFMT = 'level=info msg="hello \\"there\\"" dur=1ms dry code='
JSON = '{"time": "2024-01-01T00:00:00+01:00", "a": {"b": 1.50}}'
TRACE = """2024-01-01 12:00:00,123 ERROR root: hi
Traceback (most recent call last):
  File "x.py", line 1, in <module>

ValueError: bad"""
JAVA = """2024-01-01 12:00:00.5 [main] ERROR c.e.App - boom
java.lang.IllegalStateException: no
\tat c.e.App.main(App.java:7)
Caused by: java.io.IOException
\t... 1 more"""


@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [
        (COMMON, "common", {"time": "2000-10-10T20:55:36Z", "user": "frank", "path": "/a.gif"}),
        (COMBINED, "combined", {"agent": 'Mozilla/4.08 [en] \\"q\\"', "ident": None, "referer": "http://x/"}),
        (RFC5424, "rfc5424", {"message": "An event", "severity": "notice", "facility": "20", "process": None}),
        (RFC3164, "rfc3164", {"app": "su", "host": "mymachine", "severity": "critical", "time": "Oct 11 22:14:15"}),
        (LOGFMT, "logfmt", {"msg": 'hello "there"', "dry": "true", "code": None, "dur": "1ms"}),
        (JSON, "json", {"a.b": "1.50", "time": "2023-12-31T23:00:00Z"}),
        (TRACE, "application", {"time": "2024-01-01T12:00:00.123Z", "level": "ERROR", "message": "root: hi"}),
        (JAVA, "application", {"thread": "main", "logger": None, "message": "c.e.App - boom"}),
        ("2024-01-01 12:00:00 - a.x - WARNING - y", "application", {"logger": "a.x", "level": "WARNING"}),
        ("2024-01-01T12:00:00Z started", "timed", {"message": "started", "time": "2024-01-01T12:00:00Z"}),
    ],
)  # fmt: skip
def test_each_format_is_recognised_and_taken_apart(
    run: Any, write: Any, text: str, name: str, wanted: dict[str, Any]
) -> None:
    write("a.log", text + "\n")
    came = run("log", "a.log")
    (row,) = came.rows
    assert {key: row[key] for key in wanted} == wanted
    assert came.of("data.log_formats").evidence["formats"] == {name: 1}


def test_traces_are_joined_to_the_record_before(run: Any, write: Any) -> None:
    write("a.log", f"{TRACE}\n{JAVA}\n2024-01-01 12:00:01 INFO end\n")
    came = run("log", "a.log")
    assert came.names == ["a.log:1", "a.log:6", "a.log:11"]
    assert came.frame["continued"][0] == TRACE.partition("\n")[2].replace("\n\n", "\n")
    assert came.frame["continued"][1].count("\n") == 3
    assert came.of("data.log_formats").evidence["joined"] == 7
    assert not came.failed


def test_a_trace_is_joined_across_batches(run: Any, write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write("a.log", "\n".join([TRACE] * 7))
    whole = run("log", "a.log").frame
    for size in (1, 2, 3, 4, 5, 11):
        monkeypatch.setattr(log_rows, "_BATCH", size)
        came = run("log", "a.log")
        assert came.frame.equals(whole), size
        assert came.names == [f"a.log:{1 + 5 * number}" for number in range(7)]


def test_mixed_formats_and_lines_of_none(run: Any, write: Any) -> None:
    write("a.log", f"  begins indented\n{COMMON}\ngarbage\n{LOGFMT}\n{COMMON}\n")
    came = run("log", "a.log")
    assert came.frame["format"].to_list() == [None, "common", None, "logfmt", "common"]
    assert came.frame["unmatched"].to_list() == ["  begins indented", None, "garbage", None, None]
    assert came.of("data.unmatched").evidence["rows"] == ["a.log:1", "a.log:3"]
    assert came.of("data.log_formats").verdict is Verdict.FAIL


def test_a_log_of_no_known_format_is_kept_line_by_line(run: Any, write: Any) -> None:
    write("a.log", "one\ntwo\n")
    came = run("log", "a.log")
    assert came.rows == [{"unmatched": "one"}, {"unmatched": "two"}]
    assert "any known format" in came.failed["data.unmatched"]


def test_the_missing_year_and_the_zone(run: Any, write: Any) -> None:
    write(
        "a.log",
        "Dec 31 23:59:59 h app: a\nJan  1 00:00:01 h app: b\nDec 31 23:59:58 h app: late\nJan  1 00:00:02 h app: c\n",
    )
    came = run("log", "a.log")
    assert came.frame["time"][0] == "Dec 31 23:59:59"
    assert came.of("data.dates").measured == 4
    dated = run("log", "a.log", year=2023, timezone="Europe/Berlin")
    assert dated.frame["time"].to_list() == [
        "2023-12-31T22:59:59Z", "2023-12-31T23:00:01Z", "2023-12-31T22:59:58Z", "2023-12-31T23:00:02Z",
    ]  # fmt: skip
    assert not dated.failed


def test_the_year_goes_on_across_batches(run: Any, write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    months = ["Nov", "Dec", "Jan", "May", "Oct", "Jan"]
    write("a.log", "".join(f"{month}  1 00:00:00 h app: x\n" for month in months))
    monkeypatch.setattr(log_rows, "_BATCH", 2)
    years = [time[:4] for time in run("log", "a.log", year=2023).frame["time"]]
    assert years == ["2023", "2023", "2024", "2024", "2024", "2025"]


def test_a_pattern_of_ones_own(run: Any, write: Any) -> None:
    write("a.log", "W|2024-01-01 10:00:00|x\nnothing\nE|2024-01-01 10:00:01|y\n")
    came = run("log", "a.log", pattern=r"^(?P<level>[WE])\|(?P<time>[^|]+)\|(?P<text>.*)$", timezone="America/New_York")
    assert came.rows[0] == {"unmatched": None, "level": "W", "time": "2024-01-01T15:00:00Z", "text": "x"}
    assert came.rows[1] == {"unmatched": "nothing", "level": None, "time": None, "text": None}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"pattern": "^(?P<a>x)(?=y)"}, "look-around"),
        ({"pattern": r"^(?P<a>.)\1"}, "backreferences"),
        ({"pattern": "^(?P<a>(a{1000}){1000})"}, "exceeds size limit"),
        ({"pattern": "(?P<a>"}, "cannot be used"),
        ({"pattern": "^(a+)$"}, "has no named group"),
        ({"format": "comon"}, 'did you mean "common"'),
        ({"timezone": "Mars/Olympus"}, "no time zone"),
        ({"year": "soon"}, "year cannot be 'soon'"),
        ({"zone": "UTC"}, "is no option of a source of kind 'log'"),
    ],
)
def test_wrong_options_are_refused(run: Any, write: Any, options: dict[str, Any], said: str) -> None:
    write("a.log", COMMON)
    with pytest.raises(SourceError, match=said):
        run("log", "a.log", **options)


def test_a_pattern_that_hangs_other_engines_takes_linear_time(run: Any, write: Any) -> None:
    write("a.log", "a" * 200_000 + "!\n")
    came = run("log", "a.log", pattern=r"^(?P<x>(a+)+)$")
    assert came.of("data.unmatched").measured == 1


def test_json_inside_of_messages_is_taken_apart_beside_them(run: Any, write: Any) -> None:
    inside = '2024-01-01 10:00:00 INFO {"ms": 1.50, "who": {"id": "x"}}'
    write("a.log", f'{inside}\n2024-01-01 10:00:01 INFO plain\n{RFC3164} {{"ms": 2}}\n')
    first, second, third = run("log", "a.log").rows
    assert (first["message.ms"], first["message.who.id"]) == ("1.50", "x")
    assert first["message"].startswith("{")
    assert second["message.ms"] is third["message.ms"] is None


def test_odd_bytes(run: Any, write: Any) -> None:
    write("a.log", b"level=info who=caf\xe9\nlevel=info x=" + b"y" * 5_000 + b"\n")
    came = run("log", "a.log", max_line="2KB", format="logfmt")
    assert came.frame["who"][0] == "café"
    assert came.of("data.charset").measured == 1
    assert came.of("data.hostile").evidence["rows"] == ["a.log:2"]
    write("b.log", b"\x7fELF\x00\x00\x01" + bytes(range(256)))
    with pytest.raises(SourceError, match="it holds zero bytes"):
        run("log", "b.log")
    write("c.log", f"{LOGFMT}\r\n".encode("utf-16"))
    assert run("log", "c.log").frame["dur"].to_list() == ["1ms"]


def test_rotated_logs_in_a_folder(run: Any, write: Any) -> None:
    write("logs/access.log", COMMON)
    write("logs/access.log.1", COMMON)
    write("logs/photo.png", b"\x89PNG")
    came = run("log", "logs")
    assert came.names == ["logs/access.log:1", "logs/access.log.1:1"]
    assert came.of("data.passed_over").evidence["endings"] == {".png": 1}


LINES = st.sampled_from(
    [COMMON, COMBINED, RFC5424, RFC3164, LOGFMT, JSON, TRACE, JAVA, "", "  x", "{]", "a=b=c", "\x1b[0m"]
)


@settings(derandomize=True, max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(LINES | st.text(max_size=30), min_size=1, max_size=12), st.integers(1, 4))
def test_no_line_is_lost(run: Any, write: Any, monkeypatch: pytest.MonkeyPatch, texts: list[str], size: int) -> None:
    monkeypatch.setattr(log_rows, "_BATCH", size)
    content = "\n".join(texts).encode()
    write("a.log", content)
    lines = [line for line in content.decode().removeprefix("\ufeff").split("\n") if line.strip()]
    try:
        came = run("log", "a.log")
    except SourceError:
        assert not lines or b"\x00" in content
        return
    joined = (
        sum(text.count("\n") + 1 for text in came.frame["continued"].drop_nulls())
        if "continued" in came.frame.columns
        else 0
    )
    assert came.frame.height + joined == len(lines)
