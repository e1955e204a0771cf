"""Objects of a store that really runs: one, a glob, a folder; noticed when they change."""

import gzip
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import obstore
import polars as pl
import pytest

from roadworthy.data.places import places, source_files
from roadworthy.data.remote.fetching import _matcher
from roadworthy.data.remote.objects import ObjectFile
from roadworthy.data.snapshot import read_table
from roadworthy.kernel.errors import SourceError


@pytest.fixture
def bucket(s3):
    for one in [meta["path"] for part in obstore.list(s3.store) for meta in part]:
        obstore.delete(s3.store, one)
    s3.put("loans/2024/b.csv", b"id,repaid\n3,yes\n4,no\n")
    s3.put("loans/2024/a b%20ö.csv", b"id,repaid\n1,yes\n2,no\n")
    s3.put("loans/2025/c.csv.gz", gzip.compress(b"id,repaid\n5,yes\n", mtime=0))
    s3.put("loans/.hidden.csv", b"id,repaid\n9,yes\n")
    s3.put("loans/notes.txt", b"hello\n")
    s3.put("loansome.csv", b"id,repaid\n9,yes\n")
    return s3


@pytest.fixture
def at(bucket, remote):
    def made(path: str, **rest):
        return remote(path, endpoint=bucket.endpoint, region="us-east-1", **rest)

    return made


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """The objects that are really transferred."""
    keys: list[str] = []
    real = obstore.get

    def get(store, path, **rest):
        keys.append(path)
        return real(store, path, **rest)

    monkeypatch.setattr("roadworthy.data.remote.objects.obstore.get", get)
    return keys


def test_one_object(at, tmp_path):
    (place,) = places(at("s3://data/loans/2024/b.csv"), tmp_path)
    assert place.path.read_bytes().startswith(b"id,repaid")
    assert (place.name, place.told) == ("b.csv", "s3://data/loans/2024/b.csv")


def test_a_glob_is_sorted_and_stays_within_its_folders(at, tmp_path):
    found = places(at("s3://data/loans/*/*.csv*"), tmp_path)
    assert [place.name for place in found] == ["2024/a b%20ö.csv", "2024/b.csv", "2025/c.csv.gz"]
    assert [place.name for place in places(at("s3://data/**/b.csv"), tmp_path)] == ["loans/2024/b.csv"]
    with pytest.raises(SourceError, match="nothing lies there"):
        places(at("s3://data/loans/*.csv"), tmp_path)


def test_a_folder_is_a_folder(at, tmp_path):
    for path in ("s3://data/loans", "s3://data/loans/"):
        (place,) = places(at(path), tmp_path)
        assert place.name == "loans"
        inside = sorted(one.relative_to(place.path).as_posix() for one in place.path.rglob("*") if one.is_file())
        assert inside == ["2024/a b%20ö.csv", "2024/b.csv", "2025/c.csv.gz", "notes.txt"]
    (whole,) = places(at("s3://data"), tmp_path)
    assert (whole.path / "loansome.csv").is_file()


def test_the_data_stage_reads_a_prefix_and_notices_every_change(at, bucket, asked, tmp_path, make):
    declaration = make.declared(at("s3://data/loans/*/*.csv*"), positive="yes", target="repaid")
    made = make.acquired(declaration, tmp_path)
    table = read_table(tmp_path / "out")
    assert table["id"].cast(pl.String).to_list() == ["1", "2", "3", "4", "5"]
    assert table["row_key"].to_list()[2] == "2024/b.csv:2"
    assert [file.path for file in made.snapshot.sources] == [
        "s3://data/loans/2024/a b%20ö.csv",
        "s3://data/loans/2024/b.csv",
        "s3://data/loans/2025/c.csv.gz",
    ]
    assert len(asked) == 3
    assert source_files(declaration, tmp_path) == made.snapshot.sources
    assert len(asked) == 3

    bucket.put("loans/2024/b.csv", b"id,repaid\n3,yes\n4,yes\n")
    assert source_files(declaration, tmp_path) != made.snapshot.sources
    assert asked[3:] == ["loans/2024/b.csv"]
    obstore.delete(bucket.store, "loans/2025/c.csv.gz")
    assert len(source_files(declaration, tmp_path)) == 2


def test_a_table_of_many_parts_is_read_as_it_lies(at, bucket, tmp_path):
    for part in range(12):
        frame = pl.DataFrame({"part": [part], "repaid": ["yes"]})
        frame.write_parquet(tmp_path / "one.parquet")
        bucket.put(f"parts/year={2020 + part}/one.parquet", (tmp_path / "one.parquet").read_bytes())
    (place,) = places(at("s3://data/parts/"), tmp_path)
    frame = pl.read_parquet(place.path / "**" / "*.parquet", hive_partitioning=True)
    assert frame.sort("part")["year"].to_list() == list(range(2020, 2032))
    assert places(at("s3://data/parts/"), tmp_path) == [place]


def test_an_object_that_comes_in_pieces_is_gone_on_with(at, bucket, tmp_path, monkeypatch):
    monkeypatch.setattr("roadworthy.data.remote.cache._PAUSE", 0.0)
    data = bytes(range(256)) * 40_000
    bucket.put("big.bin", data)
    real, starts = ObjectFile.open, []

    def breaks(self, start, tag):
        answer = real(self, start, tag)
        starts.append(answer.start)

        def some():
            yield next(iter(answer.chunks))

        return type(answer)(chunks=some(), start=answer.start, size=answer.size, tag=answer.tag)

    monkeypatch.setattr(ObjectFile, "open", breaks)
    monkeypatch.setattr("roadworthy.data.remote.cache._HEARTENING", 1000)
    (place,) = places(at("s3://data/big.bin"), tmp_path)
    assert place.path.read_bytes() == data
    assert len(starts) > 2
    assert starts == sorted(set(starts))


def test_what_is_refused(at, bucket, tmp_path):
    bucket.put("both", b"x")
    bucket.put("both/inner.csv", b"x")
    cases = [
        ("s3://data/none.csv", {}, "nothing lies there"),
        ("s3://nowhere/none.csv", {}, "nothing lies there|does not answer|bucket"),
        ("s3://data/loans/*/*.csv", {"sha256": "0" * 64}, "sha256 is of one file"),
        ("s3://data/loans/2024/b.csv", {"sha256": "0" * 64}, "not the declared one"),
        ("s3://data/loans/2024/b.csv", {"max_size": 3}, "larger than 3 bytes"),
        ("s3://data", {}, "a file and a folder at once"),
        ("s3://ada:hunter2@data/x", {}, "password in the open"),
    ]
    for path, options, words in cases:
        with pytest.raises(SourceError, match=words) as caught:
            places(at(path, **options), tmp_path)
        assert "hunter2" not in str(caught.value)


@pytest.fixture
def closed():
    """A store that lets nobody in, or fails."""

    class Handler(BaseHTTPRequestHandler):
        status = 403

        def do_GET(self):
            self.send_response(self.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_):
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield Handler, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_closed_and_a_failing_store_are_told_apart(closed, remote, s3, tmp_path):
    handler, endpoint = closed
    with pytest.raises(SourceError, match="lets nobody in"):
        places(remote("s3://data/a.csv", endpoint=endpoint, region="x"), tmp_path)
    with pytest.raises(SourceError, match="lets nobody in"):
        places(remote("s3://data/*.csv", endpoint=endpoint, region="x", anonymous=True), tmp_path)
    handler.status = 501
    with pytest.raises(SourceError, match="does not answer"):
        places(remote("s3://data/a.csv", endpoint=endpoint, region="x"), tmp_path)
    with pytest.raises(SourceError, match="does not answer"):
        places(remote("s3://data/a.csv", endpoint="http://127.0.0.1:1", region="x"), tmp_path)


def test_credentials_come_from_the_environment_from_a_profile_or_not_at_all(s3, bucket, remote, tmp_path, monkeypatch):
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self):
            seen.append(self.headers.get("Authorization", ""))
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_HEAD  # noqa: N815

        def log_message(self, *_):
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    asked = {"endpoint": f"http://127.0.0.1:{server.server_port}", "region": "eu-west-1"}
    (tmp_path / "credentials").write_text("[work]\naws_access_key_id = grace\naws_secret_access_key = hopper\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    try:
        for more in ({}, {"profile": "work"}, {"anonymous": True}):
            with pytest.raises(SourceError):
                places(remote("s3://data/a.csv", **asked, **more), tmp_path)
    finally:
        server.shutdown()
        server.server_close()
    first = [head.partition("Credential=")[2].partition("/")[0] for head in seen]
    assert list(dict.fromkeys(first)) == ["ada", "grace", ""]


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("a/*.csv", ["a/x.csv", "a/x y.csv"], ["a/b/x.csv", "a/.x.csv", "b/x.csv", "a/x.csv.gz"]),
        ("a/**/x.csv", ["a/x.csv", "a/b/x.csv", "a/b/c/x.csv"], ["a/.b/x.csv", "x.csv", "ab/x.csv"]),
        ("a/[!x]?.csv", ["a/yx.csv"], ["a/xx.csv", "a/y.csv"]),
        ("a/.*.csv", ["a/.x.csv"], ["a/x.csv"]),
        ("a/b+c(1)*.csv", ["a/b+c(1).csv"], ["a/bc1.csv"]),
    ],
)
def test_globs_mean_what_they_mean_in_a_folder(pattern, yes, no, tmp_path):
    matches: Callable[[str], bool] = _matcher(pattern)
    assert all(map(matches, yes))
    assert not any(map(matches, no))
    for name in (*yes, *no):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    visible = {
        path.relative_to(tmp_path).as_posix()
        for path in tmp_path.glob(pattern)
        if pattern.startswith("a/.") or not any(part.startswith(".") for part in path.relative_to(tmp_path).parts)
    }
    assert visible == set(yes)
