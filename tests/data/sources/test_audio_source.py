"""Sound: every depth read right, headers that lie and files that hold nothing told by name."""

import io
import struct
import sys
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roadworthy.kernel.errors import SourceError

RATE = 8_000


def tone(seconds: float = 0.5, *, level: float = 0.5, channels: int = 1) -> np.ndarray:
    one = level * np.sin(2 * np.pi * 440 * np.arange(round(RATE * seconds)) / RATE)
    return np.repeat(one[:, None], channels, axis=1)


def packed(sound: np.ndarray, bits: int) -> bytes:
    if bits == 8:
        return np.round(sound * 127 + 128).astype(np.uint8).tobytes()
    whole = np.round(sound * (2 ** (bits - 1) - 1)).astype("<i4")
    return whole.view(np.uint8).reshape(-1, 4)[:, : bits // 8].tobytes()


def riff(
    body: bytes, *, form: int = 1, channels: int = 1, bits: int = 16, stated: int | None = None, rate: int = RATE
) -> bytes:
    frame = channels * bits // 8
    head = struct.pack("<HHIIHH", form, channels, rate, rate * frame & 0xFFFFFFFF, frame & 0xFFFF, bits)
    chunks = b"fmt " + struct.pack("<I", 16) + head + b"LIST" + struct.pack("<I", 3) + b"abc\x00"
    chunks += b"data" + struct.pack("<I", len(body) if stated is None else stated) + body
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def wav(sound: np.ndarray, bits: int = 16, **more: Any) -> bytes:
    return riff(packed(sound, bits), bits=bits, channels=sound.shape[1], **more)


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
@pytest.mark.parametrize("channels", [1, 2])
def test_whole_numbers_of_every_depth(run: Any, write: Any, bits: int, channels: int) -> None:
    write("a.wav", wav(tone(channels=channels), bits))
    (row,) = run("audio", "a.wav").rows
    assert (row["format"], row["encoding"], row["rate"], row["channels"], row["bits"]) == (
        "WAV",
        "pcm",
        RATE,
        channels,
        bits,
    )
    assert row["seconds"] == row["stated_seconds"] == 0.5
    assert row["peak"] == pytest.approx(0.5, abs=0.01)
    assert row["rms"] == pytest.approx(0.5 / np.sqrt(2), abs=0.01)
    assert row["clipped_share"] == row["silent_share"] == 0


@pytest.mark.parametrize("bits", [32, 64])
def test_floats(run: Any, write: Any, bits: int) -> None:
    sound = tone(level=1.5)
    sound[7] = np.nan
    write("a.wav", riff(sound.astype(f"<f{bits // 8}").tobytes(), form=3, bits=bits))
    (row,) = run("audio", "a.wav").rows
    assert (row["encoding"], row["bits"]) == ("float", bits)
    assert row["peak"] == pytest.approx(1.5, abs=0.01)


def test_what_the_standard_library_writes(run: Any, write: Any) -> None:
    stream = io.BytesIO()
    with wave.open(stream, "wb") as made:
        made.setnchannels(2)
        made.setsampwidth(2)
        made.setframerate(RATE)
        made.writeframes(packed(tone(channels=2), 16))
    write("a.wav", stream.getvalue())
    assert run("audio", "a.wav").frame["seconds"].to_list() == [0.5]


def test_companded_sound(run: Any, write: Any) -> None:
    write("a.wav", riff(bytes(range(256)) * 20, form=7, bits=8))
    (row,) = run("audio", "a.wav").rows
    assert (row["encoding"], row["seconds"]) == ("mu-law", 0.64)
    assert row["peak"] == pytest.approx(0.98, abs=0.02)


FLAC, MP3, OGG = ((Path(__file__).parent / "sounds" / f"tone.{form}").read_bytes() for form in ("flac", "mp3", "ogg"))
"""A quarter of a second of 440 Hz at 8 kHz and half of full scale, as FFmpeg writes it."""


@pytest.mark.parametrize(
    ("name", "data", "wanted"),
    [
        ("a.flac", FLAC, {"format": "FLAC", "encoding": "pcm", "bits": 16, "rate": RATE, "stated_seconds": 0.25}),
        ("a.mp3", MP3, {"format": "MP3", "encoding": "mp3", "bits": None, "rate": RATE, "stated_seconds": None}),
        ("a.ogg", OGG, {"format": "OGG", "encoding": "vorbis", "bits": None, "rate": RATE, "stated_seconds": None}),
    ],
)
def test_compressed_sound(run: Any, write: Any, name: str, data: bytes, wanted: dict[str, Any]) -> None:
    write(name, data)
    (row,) = run("audio", name).rows
    assert {key: row[key] for key in wanted} == wanted
    assert row["seconds"] == pytest.approx(0.25, abs=0.16)
    assert row["peak"] == pytest.approx(0.5, abs=0.1)


def test_odd_recordings_are_named_and_the_others_are_not(run: Any, write: Any) -> None:
    for number in range(30):
        write(f"in/{number:02d}.wav", wav(tone(0.2 + number / 100, level=0.3)))
    assert not run("audio", "in").failed
    write("in/clipped.wav", wav(np.clip(tone(level=3), -1, 1)))
    write("in/loud8.wav", wav(np.clip(tone(level=3), -1, 1), 8))
    write("in/offset.wav", wav(tone(level=0.3) + 0.1))
    write("in/silent.wav", wav(np.zeros((4_000, 1))))
    write("in/lies.wav", wav(tone(), stated=80_000))
    came = run("audio", "in")
    named = {check: came.of(check).evidence["rows"] for check in came.failed}
    assert named == {
        "data.clipping": ["in/clipped.wav", "in/loud8.wav"],
        "data.dc_offset": ["in/offset.wav"],
        "data.silence": ["in/silent.wav"],
        "data.length": ["in/lies.wav"],
        "data.mixed_rates": ["in/loud8.wav"],
    }
    rows = {row["file"]: row for row in came.rows}
    assert (rows["in/lies.wav"]["stated_seconds"], rows["in/lies.wav"]["seconds"]) == (5.0, 0.5)
    assert rows["in/silent.wav"]["loudness"] is None


@pytest.mark.parametrize("stated", [0, 0xFFFFFFFF])
def test_a_header_that_leaves_the_length_open_is_no_lie(run: Any, write: Any, stated: int) -> None:
    write("a.wav", wav(tone(), stated=stated))
    came = run("audio", "a.wav")
    assert came.rows[0]["stated_seconds"] is None
    assert came.rows[0]["seconds"] == 0.5
    assert not came.failed


def test_a_header_that_says_less_than_there_is_counts(run: Any, write: Any) -> None:
    write("a.wav", wav(tone(), stated=1_600))
    assert run("audio", "a.wav").rows[0]["seconds"] == 0.1


TAG = b"ID3\x03\x00\x00\x00\x00\x01\x00" + b"TIT2\x00\x00\x00\x06\x00\x00\x00hello" + b"\x00" * 112
HOSTILE = {
    "tag.mp3": (TAG, "holds no sound of MP3"),
    "zero.wav": (riff(b""), "it holds no samples"),
    "head.wav": (b"RIFF\x24\x00\x00\x00WAVE", "no header that describes its samples"),
    "early.wav": (b"RIFF\x24\x00\x00\x00WAVEdata\x04\x00\x00\x00abcd", "before the header"),
    "form.wav": (riff(b"\x00" * 100, form=2), "format 2, 16 bits"),
    "depth.wav": (riff(b"\x00" * 100, bits=12), "12 bits"),
    "rate.wav": (riff(b"\x00" * 100, rate=0), "makes no sense"),
    "channels.wav": (riff(b"\x00" * 100, channels=0), "makes no sense"),
    "many.wav": (riff(b"\x00" * 100, channels=60_000, bits=8), "makes no sense"),
    "fmt.wav": (b"RIFF\x10\x00\x00\x00WAVEfmt \x04\x00\x00\x00abcd", "cut short"),
    "picture.wav": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "a PNG image"),
    "text.mp3": (b"no sound", "plain text"),
    "cut.flac": (FLAC[:60], "it holds no sound"),
    "cut.ogg": (OGG[:100], "of OGG"),
    "opus.ogg": (b"OggS" + b"\x00" * 24 + b"OpusHead" + b"\x00" * 40, "it is Opus"),
    "avi.wav": (b"RIFF\x24\x00\x00\x00AVI LIST", "no header of a WAV file"),
    "empty.wav": (b"", "it is empty"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_damaged_or_empty_file_is_told_and_the_others_read(run: Any, write: Any, name: str) -> None:
    data, said = HOSTILE[name]
    write(f"in/{name}", data)
    write("in/good.wav", wav(tone()))
    came = run("audio", "in")
    assert came.names == ["in/good.wav"]
    assert said in came.failed["data.readable"]
    assert came.of("data.readable").subject.endswith(name)


def test_a_flac_that_breaks_off_is_told(run: Any, write: Any) -> None:
    write("in/cut.flac", FLAC[: len(FLAC) * 2 // 3])
    write("in/good.wav", wav(tone()))
    came = run("audio", "in")
    assert {"data.readable", "data.length"} & came.failed.keys()


def test_limits(run: Any, write: Any) -> None:
    write("a.wav", wav(tone(2.5)))
    with pytest.raises(SourceError, match="longer than 2 seconds"):
        run("audio", "a.wav", max_seconds=2)
    with pytest.raises(SourceError, match="larger than 1,000 bytes"):
        run("audio", "a.wav", max_file="1KB")
    with pytest.raises(SourceError, match='did you mean "max_seconds"'):
        run("audio", "a.wav", max_second=2)


def test_without_miniaudio_the_error_says_how_to_get_it(run: Any, write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write("a.wav", wav(tone()))
    monkeypatch.delitem(sys.modules, "roadworthy.data.media.sounds", raising=False)
    monkeypatch.setitem(sys.modules, "miniaudio", None)
    with pytest.raises(SourceError, match=r'pip install "roadworthy\[audio\]"'):
        run("audio", "a.wav")


@settings(derandomize=True, max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from([wav(tone(0.05)), wav(tone(0.05), 24), FLAC, MP3, OGG, TAG]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=6),
    st.floats(0.1, 1),
)
def test_no_change_of_bytes_makes_a_reader_fail(
    run: Any, write: Any, data: bytes, changes: list[tuple[float, int]], kept: float
) -> None:
    changed = bytearray(data[: max(1, int(len(data) * kept))])
    for place, byte in changes:
        changed[int(place * (len(changed) - 1))] = byte
    write("in/a.wav", bytes(changed))
    write("in/good.wav", wav(tone(0.05)))
    came = run("audio", "in", max_seconds=60)
    assert "in/good.wav" in came.names
    assert came.frame.height == 2 or {"data.readable", "data.hostile"} & came.failed.keys()


@pytest.mark.corpus
def test_spoken_digits_give_no_finding(corpus: Path, run_at: Any) -> None:
    came = run_at(corpus, "audio", "audio_fsdd/fsdd_20_per_digit.tar.gz")
    assert came.frame.height == 1_200
    assert came.frame["rate"].unique().to_list() == [8_000]
    assert came.frame["seconds"].mean() == pytest.approx(0.437, abs=0.001)
    assert not came.failed
