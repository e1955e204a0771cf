"""Film: frames at the right moments, headers that lie and files that are no film told by name."""

import io
import sys
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roadworthy.declare.data import MailLabel
from roadworthy.kernel.errors import SourceError


def film(
    frames: int = 30, *, form: str = "mp4", rate: int = 10, size: tuple[int, int] = (64, 48), still: bool = False
) -> bytes:
    """A grey film whose light rises from frame to frame, with a slope from left to right."""
    stream = io.BytesIO()
    slope = np.tile(np.linspace(0, 60, size[0]), (size[1], 1))
    with av.open(stream, "w", format=form) as made:
        video = made.add_stream("mpeg4" if form != "webm" else "vp8", rate=rate)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        for number in range(frames):
            light = (slope + (0 if still else number * 180 / frames)).astype(np.uint8)
            if not still and number % 2:
                light = light[:, ::-1]
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(np.stack([light] * 3, axis=2)), format="rgb24")
            for packet in video.encode(frame):
                made.mux(packet)
        for packet in video.encode(None):
            made.mux(packet)
    return stream.getvalue()


@pytest.fixture(scope="module")
def clip() -> bytes:
    return film()


@pytest.mark.parametrize(
    ("form", "name"), [("mp4", "mov"), ("matroska", "matroska"), ("avi", "avi"), ("mpegts", "mpegts")]
)
def test_frames_are_sampled_evenly(run: Any, write: Any, form: str, name: str) -> None:
    write("a.mp4", film(form=form))
    came = run("video", "a.mp4", samples=5)
    rows = came.rows
    assert [row["at"] - rows[0]["at"] for row in rows] == pytest.approx([0, 0.6, 1.2, 1.8, 2.4], abs=0.051)
    first = rows[0]
    assert (first["format"], first["codec"], first["width"], first["height"]) == (name, "mpeg4", 64, 48)
    assert first["fps"] == pytest.approx(10)
    assert first["stated_seconds"] == pytest.approx(3, abs=0.11)
    light = [row["brightness"] for row in rows]
    assert light == sorted(light)
    assert light[-1] - light[0] == pytest.approx(2.4 / 3 * 180 / 255, abs=0.05)
    assert not came.failed


def test_rows_are_named_by_their_moment_and_labelled_by_their_file(run: Any, write: Any, clip: bytes) -> None:
    write("in/run/a.mp4", clip)
    label = MailLabel(origin="folder", values={"run": ("run",), "walk": ("walk",)})
    came = run("video", "in", samples=2, label=label, target="act")
    assert came.names == ["in/run/a.mp4:0.7s", "in/run/a.mp4:2.2s"]
    assert came.frame["act"].to_list() == ["run", "run"]


def test_odd_films_are_named(run: Any, write: Any, clip: bytes) -> None:
    for number in range(12):
        write(f"in/{number:02d}.mp4", clip)
    write("in/still.mp4", film(still=True))
    write("in/wide.mp4", film(size=(96, 48)))
    came = run("video", "in", samples=3)
    named = {check: came.of(check).evidence["rows"] for check in came.failed}
    assert named == {"data.still": ["in/still.mp4"], "data.mixed_sizes": ["in/wide.mp4"]}


def test_a_film_that_breaks_off_is_shorter_than_it_says(run: Any, write: Any) -> None:
    data = film(100, form="matroska")
    write("in/cut.mkv", data[: len(data) // 2])
    write("in/good.mkv", data)
    came = run("video", "in", samples=4)
    assert came.of("data.length").evidence["rows"] == ["in/cut.mkv"]
    cut = came.frame.filter(came.frame["file"] == "in/cut.mkv")
    assert 0 < cut.height < 4
    assert cut["seconds"][0] < 8 < cut["stated_seconds"][0]


HOSTILE = {
    "list.mp4": (
        b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\nfile:///etc/passwd\n",
        "it is no film that is read",
    ),
    "text.mkv": (b"hello", "plain text"),
    "empty.avi": (b"", "it is empty"),
    "head.mp4": (b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 100, "damaged, or cut short"),
    "zip.mov": (b"PK\x03\x04" + b"\x00" * 99, "a zip archive"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_film_is_told_and_the_others_read(run: Any, write: Any, clip: bytes, name: str) -> None:
    data, said = HOSTILE[name]
    write(f"in/{name}", data)
    write("in/good.mp4", clip)
    came = run("video", "in", samples=1)
    assert came.frame["file"].to_list() == ["in/good.mp4"]
    assert said in came.failed["data.readable"]


def test_a_film_without_its_index_is_told(run: Any, write: Any, clip: bytes) -> None:
    write("a.mp4", clip[: len(clip) // 2])
    with pytest.raises(SourceError, match="damaged, or cut short"):
        run("video", "a.mp4")


def test_sound_alone_is_no_film(run: Any, write: Any) -> None:
    stream = io.BytesIO()
    with av.open(stream, "w", format="mp4") as made:
        sound = made.add_stream("aac", rate=8_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 2_048), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 8_000
        for packet in (*sound.encode(frame), *sound.encode(None)):
            made.mux(packet)
    write("a.mp4", stream.getvalue())
    with pytest.raises(SourceError, match="it holds no pictures"):
        run("video", "a.mp4")


def test_limits_and_options(run: Any, write: Any, clip: bytes) -> None:
    write("a.mp4", clip)
    with pytest.raises(SourceError, match="64 x 48 pixels, more than 1,000"):
        run("video", "a.mp4", max_pixels=1_000)
    with pytest.raises(SourceError, match='did you mean "samples"'):
        run("video", "a.mp4", sample=3)
    assert run("video", "a.mp4", samples=500).frame.height == 30


def test_without_pyav_the_error_says_how_to_get_it(
    run: Any, write: Any, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("a.mp4", clip)
    monkeypatch.delitem(sys.modules, "roadworthy.data.media.films", raising=False)
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(SourceError, match="pip install av"):
        run("video", "a.mp4")


@settings(derandomize=True, max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(["mp4", "matroska", "avi", "mpegts"]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8),
    st.floats(0.2, 1),
)
def test_no_change_of_bytes_makes_the_reader_fail(
    run: Any, write: Any, clip: bytes, form: str, changes: list[tuple[float, int]], kept: float
) -> None:
    data = FILMS.setdefault(form, film(8, form=form))
    changed = bytearray(data[: int(len(data) * kept)])
    for place, byte in changes:
        changed[int(place * (len(changed) - 1))] = byte
    write("in/a.mp4", bytes(changed))
    write("in/good.mp4", clip)
    came = run("video", "in", samples=2)
    assert "in/good.mp4" in came.frame["file"].to_list()


FILMS: dict[str, bytes] = {}
