import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.exc import ProgrammingError

from roadworthy.kernel.errors import LedgerError
from roadworthy.kernel.records import Event, Step
from roadworthy.ledger.chain import BEGINNING
from roadworthy.ledger.sql import SCHEMA, open_ledger


def step(fingerprint, name="train", **changes):
    facts = {"inputs": {"data": "d"}, "outputs": {"model": [1, 2.5, None]}, "seconds": 1.5, "cpu_seconds": 1.0}
    return Step(name=name, fingerprint=fingerprint, at="2026-05-04T12:00:00Z", **(facts | changes))


def happened(kind="run.begun", subject="spam", **body):
    return Event(kind=kind, subject=subject, at="2026-05-04T12:00:00Z", body=body, run="r1")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "ledger.db"


def own_database(server: str) -> str:
    """A database for each worker of the test run: they share the server, and drop each other's tables otherwise."""
    own = f"ledger_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection, contextlib.suppress(ProgrammingError):
        connection.exec_driver_sql(f"CREATE DATABASE {own}")
    engine.dispose()
    return f"{server.rpartition('/')[0]}/{own}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, path):
    if request.param == "sqlite":
        return f"sqlite:///{path}"
    server = os.environ.get("ROADWORTHY_TEST_POSTGRES", "")
    if not server:
        pytest.skip(
            "SKIPPED FOR WANT OF A SERVER: set ROADWORTHY_TEST_POSTGRES to postgresql://... of an empty database"
        )
    server = own_database(server)
    with open_ledger(server) as old, old.engine.begin() as connection:
        for table in ("events", "steps", "documents", "schema_version"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
    return server


@pytest.fixture
def ledger(url):
    with open_ledger(url) as opened:
        yield opened


def test_a_step_is_found_again_by_its_fingerprint_after_reopening(ledger, url):
    assert ledger.step("a") is None
    ledger.finish(step("a"), run="r1")
    with open_ledger(url) as again:
        assert again.step("a") == step("a")


def test_a_step_finished_again_changes_nothing(ledger):
    ledger.finish(step("a"), run="r1")
    ledger.finish(step("a", seconds=9.0), run="r2")
    ledger.finish(step("b"), run="r2")
    assert ledger.steps() == [step("a"), step("b")]
    assert ledger.steps(run="r2") == [step("b")]


def test_events_come_oldest_first_and_a_kind_holds_its_sub_kinds(ledger):
    kinds = ["run.begun", "run.ended", "runaway", "Run.begun", "run", "release.moved"]
    assert [ledger.append(happened(kind, "s", n=n)) for n, kind in enumerate(kinds)] == [1, 2, 3, 4, 5, 6]
    assert [event.kind for event in ledger.events(kind="run")] == ["run.begun", "run.ended", "run"]
    assert [event.kind for event in ledger.events(last=2)] == ["run", "release.moved"]
    assert ledger.events(kind="run", subject="other") == []
    assert ledger.events(kind="r%") == []
    assert ledger.events(last=1)[0] == happened("release.moved", "s", n=5)


def test_documents_are_replaced_in_place(ledger):
    ledger.keep("review", "b", {"state": "open"})
    ledger.keep("review", "a", {"state": "open"})
    ledger.keep("review", "b", {"state": "closed", "deep": {"list": [1, "zwei", None]}})
    ledger.keep("window", "b", {})
    assert ledger.read("review", "b") == {"state": "closed", "deep": {"list": [1, "zwei", None]}}
    assert ledger.read("review", "z") is None
    assert [key for key, _ in ledger.every("review")] == ["b", "a"]


def test_pointers_move_and_remember(ledger):
    assert ledger.pointer("live/spam") is None
    ledger.point("live/spam", "v1", reason="first release")
    ledger.point("live/spam", "v2", reason="retrained")
    ledger.point("live/credit", "c1", reason="first release")
    assert ledger.pointer("live/spam") == "v2"
    moves = [(move.body["before"], move.body["target"], move.body["reason"]) for move in ledger.history("live/spam")]
    assert moves == [(None, "v1", "first release"), ("v1", "v2", "retrained")]


def test_hostile_words_are_kept_as_they_are(ledger):
    words = "'; DROP TABLE events; -- \u2028 \U0001f600 <script> \\ \" %s :x"
    ledger.append(happened(words, words, words=words))
    ledger.keep(words, words, {words: words})
    assert ledger.events(subject=words)[0].body == {"words": words}
    assert ledger.every(words) == [(words, {words: words})]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_what_is_kept_comes_back(body):
    with open_ledger("sqlite://") as ledger:
        ledger.keep("k", "1", body)
        ledger.append(Event(kind="k", subject="s", at="t", body=body))
        assert ledger.read("k", "1") == ledger.events()[0].body == body
        assert ledger.verify() == 1


def test_what_cannot_be_recorded_is_refused_and_nothing_is_written(ledger):
    for bad in ({"x": object()}, {"x": "\ud800"}, {("a", 1): 1}):
        with pytest.raises(LedgerError, match="cannot be recorded"):
            ledger.append(happened(**{"bad": bad}))
        with pytest.raises(LedgerError, match="cannot be recorded"):
            ledger.keep("k", "1", bad)
    with pytest.raises(LedgerError):
        ledger.append(happened(subject="\ud800"))
    assert ledger.events() == []


# The chain


def edit(path, statement):
    with sqlite3.connect(path) as raw:
        raw.execute(statement)
    raw.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET body = '{\"n\":7}' WHERE number = 2",
        "UPDATE events SET subject = 'ham' WHERE number = 1",
        "UPDATE events SET at = '2020' WHERE number = 3",
        "DELETE FROM events WHERE number = 1",
        "DELETE FROM events WHERE number = 2",
        "UPDATE events SET number = 9 WHERE number = 3",
        "UPDATE events SET hash = '0' WHERE number = 3",
        "INSERT INTO events SELECT 4, kind, subject, at, run, body, hash FROM events WHERE number = 3",
    ],
)
def test_an_edited_past_is_noticed(path, statement):
    with open_ledger(f"sqlite:///{path}") as ledger:
        for n in range(3):
            ledger.append(happened(n=n))
        assert ledger.verify() == 3
        edit(path, statement)
        with pytest.raises(LedgerError, match="the history was edited: event"):
            ledger.verify()


def test_an_end_cut_off_is_noticed_by_who_knows_a_head(path):
    with open_ledger(f"sqlite:///{path}") as ledger:
        assert ledger.head() == BEGINNING
        ledger.append(happened(n=1))
        middle = ledger.head()
        ledger.append(happened(n=2))
        newest = ledger.head()
        assert ledger.verify(heads=[BEGINNING, middle, newest]) == 2
        edit(path, "DELETE FROM events WHERE number = 2")
        assert ledger.verify(heads=[middle]) == 1
        with pytest.raises(LedgerError, match="a certificate refers to are gone"):
            ledger.verify(heads=[middle, newest])


# Many at once, and sudden ends

WRITER = """
import sys
from roadworthy.kernel.records import Event, Step
from roadworthy.ledger.sql import open_ledger
with open_ledger(sys.argv[1]) as ledger:
    for n in range(int(sys.argv[3])):
        number = ledger.append(Event(kind="w", subject=sys.argv[2], at="t", body={"n": n}))
        facts = {"inputs": {}, "outputs": {}, "seconds": 0, "cpu_seconds": 0, "at": "t"}
        ledger.finish(Step(name="s", fingerprint=f"f{n}", **facts), run="r")
        print(number, flush=True)
"""


def writer(url, name, count):
    return subprocess.Popen([sys.executable, "-c", WRITER, url, name, str(count)], stdout=subprocess.PIPE, text=True)


def test_processes_write_at_once_from_the_very_first_moment(url):
    writers = [writer(url, name, 25) for name in "abc"]
    numbers = [int(line) for process in writers for line in process.communicate(timeout=60)[0].split()]
    assert [process.returncode for process in writers] == [0, 0, 0]
    assert sorted(numbers) == list(range(1, 76))
    with open_ledger(url) as ledger:
        assert ledger.verify() == 75
        assert len(ledger.steps()) == 25
        for name in "abc":
            assert [event.body["n"] for event in ledger.events(subject=name)] == list(range(25))


def test_threads_share_one_ledger(ledger):
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda n: ledger.append(happened(n=n)), range(40)))
    assert sorted(numbers) == list(range(1, 41))
    assert ledger.verify() == 40


def test_kill_9_loses_nothing_that_was_acknowledged(url):
    for round_ in range(3):
        process = writer(url, f"round{round_}", 100_000)
        acknowledged = [int(process.stdout.readline()) for _ in range(5 + 7 * round_)]
        os.kill(process.pid, signal.SIGKILL)
        acknowledged += [int(line) for line in process.communicate()[0].splitlines() if line.strip()]
        with open_ledger(url) as ledger:
            assert len(ledger.events(subject=f"round{round_}")) >= len(acknowledged)
            assert ledger.verify() >= acknowledged[-1]


# Trouble


def test_a_damaged_file_is_refused_and_left_as_it_is(path):
    with open_ledger(f"sqlite:///{path}") as ledger:
        ledger.append(happened(text="x" * 20_000))
    whole = path.read_bytes()
    for damaged in (b"this is no ledger, it is a letter" * 100, whole[:5000], b"\0" * 100 + whole[100:]):
        path.write_bytes(damaged)
        with pytest.raises(LedgerError, match="damaged") as caught:
            open_ledger(f"sqlite:///{path}")
        assert str(path) in caught.value.where
        assert path.read_bytes() == damaged


def test_damage_deep_inside_is_found_by_verify(path):
    with open_ledger(f"sqlite:///{path}") as ledger:
        for n in range(50):
            ledger.append(happened(text=f"{n}" * 3000))
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2 : len(whole) // 2 + 8192] = b"\xff" * 8192
    path.write_bytes(whole)
    with open_ledger(f"sqlite:///{path}") as ledger, pytest.raises(LedgerError, match=r"damaged|edited"):
        ledger.verify()


def test_another_database_is_refused_and_left_as_it_is(path):
    path.parent.mkdir()
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE recipes (name TEXT)")
    raw.close()
    with pytest.raises(LedgerError, match="no ledger: it holds recipes"):
        open_ledger(f"sqlite:///{path}")


def test_a_newer_layout_is_refused_with_the_way_out(path):
    open_ledger(f"sqlite:///{path}").close()
    edit(path, f"UPDATE schema_version SET version = {SCHEMA + 1}")  # noqa: S608  # a number of ours
    with pytest.raises(LedgerError, match=r"written by a newer roadworthy.*\n.*\n.*pip install --upgrade"):
        open_ledger(f"sqlite:///{path}")


def test_a_held_ledger_is_waited_for_then_named(path):
    url = f"sqlite:///{path}"
    with open_ledger(url, patience=0.2) as ledger:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        with pytest.raises(LedgerError, match="another process holds the ledger"):
            ledger.append(happened())
        assert time.monotonic() - begun >= 0.15
        assert ledger.events() == []
        holder.execute("ROLLBACK")
        holder.close()
        assert ledger.append(happened()) == 1


def test_a_full_disk_loses_nothing_and_writing_goes_on_when_there_is_room(path):
    with open_ledger(f"sqlite:///{path}") as ledger:
        ledger.append(happened(n=1))
        with ledger.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")
        with pytest.raises(LedgerError, match="the disk is full; the ledger is as it was before"):
            ledger.append(happened(text="x" * 100_000))
        assert ledger.verify() == 1
        with ledger.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
        assert ledger.append(happened(n=2)) == 2


def test_a_place_that_cannot_be_a_ledger_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    for place, what in (("file/ledger.db", "folder cannot be made"), ("folder", "cannot be opened")):
        with pytest.raises(LedgerError, match=what):
            open_ledger(f"sqlite:///{tmp_path / place}")


@pytest.mark.parametrize("url", ["", "ledger.db", "mysql://host/db", "sqlit:///x.db"])
def test_an_address_that_is_none_is_explained(url):
    with pytest.raises(LedgerError, match=r"sqlite:///ledger.db"):
        open_ledger(url)


def test_no_server_is_explained():
    pytest.importorskip("pg8000")
    with pytest.raises(LedgerError, match="no database server answers"):
        open_ledger("postgresql://nobody@127.0.0.1:1/none", patience=1)


def test_an_empty_file_becomes_a_ledger(path):
    path.parent.mkdir()
    path.touch()
    with open_ledger(f"sqlite:///{path}") as ledger:
        assert ledger.append(happened()) == 1


def test_a_folder_with_odd_signs_can_hold_a_ledger(tmp_path):
    folder = tmp_path / "mail & co #1 50% (ü)"
    with open_ledger(f"sqlite:///{folder}/ledger.db") as ledger:
        ledger.append(happened())
    assert (folder / "ledger.db").is_file()
