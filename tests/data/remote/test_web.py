"""Files of the web: whole or not at all, gone on with after a break, and never from a place that was not meant."""

import os
from concurrent.futures import ThreadPoolExecutor
from email.message import Message
from pathlib import Path
from urllib.request import Request

import pytest

from roadworthy.data.places import places, source_files
from roadworthy.data.remote import web as web_room
from roadworthy.data.remote.cache import Cache
from roadworthy.data.snapshot import read_table
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.fingerprint import sha256
from roadworthy.kernel.sealed import Sealed

TABLE = b"id,repaid\n" + b"".join(b"%d,%s\n" % (number, b"yes" if number % 2 else b"no") for number in range(4_000))


def left(tmp_path: Path) -> list[str]:
    """What lies among finished files."""
    return sorted(path.name for path in (tmp_path / "cache" / "objects").rglob("*") if path.is_file())


def test_a_declared_file_is_fetched_once_and_never_asked_after(web, remote, tmp_path):
    digest = web.put("/data/orders.csv", TABLE)
    declared = remote(f"{web.address}/data/orders.csv", sha256=digest.upper())
    (place,) = places(declared, tmp_path)
    assert place.path.read_bytes() == TABLE
    assert (place.name, place.told) == ("orders.csv", f"{web.address}/data/orders.csv")
    web.files.clear()
    assert places(declared, tmp_path) == [place]
    assert len(web.asked) == 1


def test_any_source_reads_from_an_address(web, remote, tmp_path, make):
    digest = web.put("/orders.csv", TABLE)
    declaration = make.declared(
        remote(f"{web.address}/orders.csv?token=hunter2", sha256=digest), positive="yes", target="repaid"
    )
    made = make.acquired(declaration, tmp_path)
    table = read_table(tmp_path / "out")
    assert table.height == 4_000
    assert table["row_key"][0] == "orders.csv:2"
    (file,) = made.snapshot.sources
    assert (file.path, file.bytes, file.sha256) == (f"{web.address}/orders.csv", len(TABLE), digest)
    assert b"hunter2" not in b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())


def test_a_break_is_gone_on_from_where_it_was(web, remote, wrong, tmp_path):
    digest = web.put("/a.csv", TABLE)
    web.faults = [wrong.cut(1_000), wrong.says(503), wrong.cut(5_000)]
    (place,) = places(remote(f"{web.address}/a.csv", sha256=digest), tmp_path)
    assert place.path.read_bytes() == TABLE
    assert [headers.get("Range") for _, headers in web.asked] == [None, "bytes=1000-", "bytes=1000-", "bytes=6000-"]


def test_a_killed_fetch_is_gone_on_by_the_next_run(web, remote, wrong, tmp_path):
    digest = web.put("/a.csv", TABLE)
    declared = remote(f"{web.address}/a.csv", sha256=digest)
    web.faults = [wrong.cut(1_000)] + [wrong.says(500)] * 4
    with pytest.raises(SourceError, match="fetching goes on from there"):
        places(declared, tmp_path)
    assert left(tmp_path) == []
    (place,) = places(declared, tmp_path)
    assert place.path.read_bytes() == TABLE
    assert web.asked[-1][1]["Range"] == "bytes=1000-"


def test_a_file_that_changes_within_a_fetch_is_fetched_anew(web, remote, wrong, tmp_path):
    web.put("/a.csv", TABLE)
    other = TABLE.replace(b"yes", b"YES")

    def changes(handler, _):
        web.put("/a.csv", other)
        handler.usual(other)

    def ignores_if_range(handler, data):
        start = int(handler.headers["Range"][6:-1])
        web.put("/a.csv", other)
        headers = {"Content_Range": f"bytes {start}-{len(data) - 1}/{len(data)}", "ETag": web.tags["/a.csv"]}
        handler.reply(206, other[start:], **headers)

    for second in (changes, ignores_if_range):
        web.put("/a.csv", TABLE)
        web.faults = [wrong.cut(1_000), second]
        (place,) = places(remote(f"{web.address}/a.csv?{second.__name__}", sha256=sha256(other)), tmp_path)
        assert place.path.read_bytes() == other


@pytest.mark.parametrize("lie", ["another part", "no part", "an unsatisfiable part"])
def test_servers_that_cannot_or_will_not_send_a_part(web, remote, wrong, tmp_path, lie):
    digest = web.put("/a.csv", TABLE)
    second = {
        "another part": lambda handler, data: handler.reply(
            206, data[7:], Content_Range=f"bytes 7-{len(data) - 1}/{len(data)}", ETag=web.tags["/a.csv"]
        ),
        "no part": lambda handler, data: handler.reply(200, data, ETag=web.tags["/a.csv"]),
        "an unsatisfiable part": wrong.says(416),
    }[lie]
    web.faults = [wrong.cut(1_000), second]
    (place,) = places(remote(f"{web.address}/a.csv", sha256=digest), tmp_path)
    assert place.path.read_bytes() == TABLE


def test_another_content_than_declared_is_no_file_of_ours(web, remote, tmp_path):
    web.put("/a.csv", TABLE)
    with pytest.raises(SourceError, match=f"its SHA-256 is {sha256(TABLE)}"):
        places(remote(f"{web.address}/a.csv", sha256="0" * 64), tmp_path)
    assert left(tmp_path) == []


def test_limits_of_size_and_patience(web, remote, wrong, tmp_path):
    digest = web.put("/a.csv", TABLE)
    with pytest.raises(SourceError, match="larger than 1,000 bytes"):
        places(remote(f"{web.address}/a.csv", sha256=digest, max_size=1_000), tmp_path)

    def unannounced(handler, data):
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(data)

    web.faults = [unannounced]
    with pytest.raises(SourceError, match="larger than 1,000 bytes"):
        places(remote(f"{web.address}/a.csv", sha256=digest, max_size=1_000), tmp_path)
    web.faults = [wrong.drips] * 5
    with pytest.raises(SourceError, match=r"in 5 tries: .* bytes came in"):
        places(remote(f"{web.address}/a.csv", sha256=digest, timeout="100ms"), tmp_path)
    assert left(tmp_path) == []


def test_redirects_are_followed_a_few_times_and_lose_what_was_meant_for_the_first_host(web, remote, wrong, tmp_path):
    digest = web.put("/end.csv", TABLE)
    there = web.address.replace("127.0.0.1", "localhost")
    web.faults = [wrong.says(302, Location=f"{there}/end.csv")]
    headers = {"Authorization": Sealed("Bearer ${TOKEN}", "Bearer hunter2")}
    (place,) = places(remote(f"{web.address}/start.csv", sha256=digest, headers=headers), tmp_path)
    assert place.path.read_bytes() == TABLE
    assert place.name == "start.csv"
    assert [headers.get("Authorization") for _, headers in web.asked] == ["Bearer hunter2", None]

    web.faults = [wrong.says(302, Location=f"{web.address}/{number}.csv") for number in range(9)]
    with pytest.raises(SourceError, match="sends us on too often"):
        places(remote(f"{web.address}/around.csv", sha256=digest), tmp_path)
    for elsewhere in ("file:///etc/passwd", "ftp://127.0.0.1/a.csv"):
        web.faults = [wrong.says(302, Location=elsewhere)]
        with pytest.raises(SourceError, match="sends us on to"):
            places(remote(f"{web.address}/away.csv", sha256=digest), tmp_path)


def test_a_redirect_from_https_never_ends_in_http():
    request = Request("https://example.org/a.csv")
    with pytest.raises(SourceError, match="sends us on to http"):
        web_room._Redirects().redirect_request(request, None, 302, "", Message(), "http://example.org/a.csv")


@pytest.fixture
def trusting(monkeypatch):
    """Plain http taken for https: what is asked after, and when, is the same."""
    monkeypatch.setattr("roadworthy.data.remote.fetching.WEB", ("http",))
    monkeypatch.setattr("roadworthy.data.remote.fetching._INSECURE", "none")


@pytest.mark.usefixtures("trusting")
def test_a_changed_file_is_noticed_by_its_tag_and_an_unchanged_one_is_not_sent(web, remote, tmp_path, make):
    web.put("/a.csv", TABLE)
    declaration = make.declared(remote(f"{web.address}/a.csv"), positive="yes", target="repaid")
    before = source_files(declaration, tmp_path)
    assert source_files(declaration, tmp_path) == before
    assert [headers.get("If-None-Match") for _, headers in web.asked] == [None, web.tags["/a.csv"]]
    web.put("/a.csv", TABLE + b"9999,no\n")
    assert source_files(declaration, tmp_path) != before
    web.put("/a.csv", TABLE, tag="")
    assert source_files(declaration, tmp_path) == before
    assert source_files(declaration, tmp_path) == before
    assert web.whole() == 5
    web.files.clear()
    with pytest.raises(SourceError, match="nothing lies there"):
        source_files(declaration, tmp_path)


@pytest.mark.usefixtures("trusting")
def test_processes_that_fetch_at_once_fetch_once(web, remote, tmp_path):
    web.put("/a.csv", TABLE)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: places(remote(f"{web.address}/a.csv"), tmp_path)[0].path, range(8)))
    assert len(set(found)) == 1
    assert found[0].read_bytes() == TABLE
    assert sum("If-None-Match" not in headers for _, headers in web.asked) == 1


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("{}/none.csv", "plain http may be anything"),
        ("{}/*.csv", "a web server lists no files"),
        ("ftp://127.0.0.1/a.csv", "not fetched by ftp"),
        ("s4://bucket/a.csv", "known: .*s3"),
        ("https://ada:hunter2@127.0.0.1/a.csv", "password in the open"),
        ("https://127.0.0.1:1/a.csv", "could not be fetched in 5 tries"),
    ],
)
def test_addresses_that_are_refused(web, remote, tmp_path, path, words):
    with pytest.raises(SourceError, match=words) as caught:
        places(remote(path.format(web.address)), tmp_path)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "nothing lies there"), (403, "lets nobody in"), (401, "lets nobody in"), (400, "says 400")],
)
def test_answers_that_end_it_at_once(web, remote, wrong, tmp_path, status, words):
    web.faults = [wrong.says(status)]
    with pytest.raises(SourceError, match=words):
        places(remote(f"{web.address}/a.csv?signature=hunter2", sha256="0" * 64), tmp_path)
    assert len(web.asked) == 1


def test_a_server_that_asks_for_patience_gets_it(web, remote, wrong, tmp_path, monkeypatch):
    slept: list[float] = []
    monkeypatch.setitem(Cache.__init__.__kwdefaults__, "sleep", slept.append)
    digest = web.put("/a.csv", TABLE)
    web.faults = [wrong.says(429, Retry_After="7"), wrong.says(503, Retry_After="99999")]
    places(remote(f"{web.address}/a.csv", sha256=digest), tmp_path)
    assert slept == [7.0, 30.0]


def test_a_proxy_is_honoured(web, remote, tmp_path, monkeypatch):
    digest = web.put("http://data.example.org/a.csv", TABLE)
    monkeypatch.setenv("http_proxy", web.address)
    monkeypatch.setenv("no_proxy", "")
    (place,) = places(remote("http://data.example.org/a.csv", sha256=digest), tmp_path)
    assert place.path.read_bytes() == TABLE
    assert web.asked[0][0] == "http://data.example.org/a.csv"


@pytest.mark.parametrize("name", ["..%2f..%2fetc%2fpasswd", "%2e%2e", "", "a%00b", "x" * 400])
def test_no_name_leads_out_of_the_cache(web, remote, tmp_path, name):
    digest = web.put(f"/{name}", TABLE)
    (place,) = places(remote(f"{web.address}/{name}", sha256=digest), tmp_path)
    assert place.path.resolve().is_relative_to((tmp_path / "cache" / "objects" / digest).resolve())
    assert place.path.is_file()


def test_a_local_file_is_held_to_its_declared_content(remote, tmp_path):
    (tmp_path / "a.csv").write_bytes(TABLE)
    (tmp_path / "b.csv").write_bytes(TABLE)
    assert places(remote("a.csv", sha256=sha256(TABLE)), tmp_path)[0].name == "a.csv"
    with pytest.raises(SourceError, match="not the declared one"):
        places(remote("a.csv", sha256="0" * 64), tmp_path)
    with pytest.raises(SourceError, match="sha256 is of one file"):
        places(remote("*.csv", sha256="0" * 64), tmp_path)


def test_a_fetched_file_is_not_written_to_by_mistake(web, remote, tmp_path):
    digest = web.put("/a.csv", TABLE)
    (place,) = places(remote(f"{web.address}/a.csv", sha256=digest), tmp_path)
    assert not os.stat(place.path).st_mode & 0o222  # noqa: PTH116
