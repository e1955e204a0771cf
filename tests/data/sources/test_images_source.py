"""Images: facts that are right, labels, boxes, and every odd or hostile file told by name."""

import gzip
import io
import struct
import sys
import tarfile
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from roadworthy.declare.data import MailLabel
from roadworthy.kernel.errors import SourceError


def picture(width: int = 40, height: int = 30, seed: int = 0) -> Image.Image:
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8), "RGB")


def saved(image: Image.Image, form: str, **more: Any) -> bytes:
    with io.BytesIO() as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image.save(stream, form, **more)
        return stream.getvalue()


def png(width: int, height: int, *, body: bytes = b"", depth: int = 8, colour: int = 2) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def turned(orientation: int, *, gps: bool = False) -> bytes:
    exif = Image.Exif()
    exif[274] = orientation
    exif[306] = "2024:01:31 12:00:00"
    if gps:
        exif.get_ifd(0x8825)[1] = "N"
    return saved(picture(), "JPEG", exif=exif)


@pytest.mark.parametrize(
    ("name", "data", "wanted"),
    [
        ("a.png", saved(picture(), "PNG"), {"format": "PNG", "mode": "RGB", "bits": 8, "width": 40, "height": 30}),
        ("a.jpg", saved(picture(), "JPEG"), {"format": "JPEG", "channels": 3, "frames": 1, "orientation": 1}),
        ("a.gif", saved(picture(), "GIF"), {"format": "GIF", "mode": "P", "frames": 1}),
        ("a.webp", saved(picture(), "WEBP"), {"format": "WEBP", "mode": "RGB"}),
        ("a.bmp", saved(picture(), "BMP"), {"format": "BMP", "bits": 8}),
        ("a.tif", saved(picture(), "TIFF"), {"format": "TIFF", "bits": 8}),
        ("a.ppm", saved(picture(), "PPM"), {"format": "PPM"}),
        ("cmyk.jpg", saved(picture().convert("CMYK"), "JPEG"), {"mode": "CMYK", "channels": 4}),
        ("palette.png", saved(picture().quantize(16), "PNG"), {"mode": "P", "channels": 1, "bits": 4}),
        ("one.png", saved(picture().convert("1"), "PNG"), {"mode": "1", "bits": 1}),
        ("alpha.png", saved(picture().convert("RGBA"), "PNG"), {"mode": "RGBA", "channels": 4}),
        ("tiny.png", saved(picture(1, 1), "PNG"), {"width": 1, "height": 1, "sharpness": 0.0}),
    ],
)
def test_what_a_file_says_of_itself(run: Any, write: Any, name: str, data: bytes, wanted: dict[str, Any]) -> None:
    write(name, data)
    (row,) = run("images", name).rows
    assert {key: row[key] for key in wanted} == wanted
    assert row["file"] == name
    assert row["bytes"] == len(data)
    assert len(row["sha256"]) == 64
    assert len(row["phash"]) == 16


def test_sixteen_bits_are_kept_as_such(run: Any, write: Any) -> None:
    values = np.full((20, 20), 16_384, dtype=np.uint16)
    values[:10] = 49_152
    write("a.png", saved(Image.fromarray(values), "PNG"))
    (row,) = run("images", "a.png").rows
    assert row["bits"] == 16
    assert row["brightness"] == pytest.approx(0.5, abs=0.001)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_exif_note_turns_size_and_hash(run: Any, write: Any, orientation: int) -> None:
    write("a.jpg", turned(orientation))
    came = run("images", "a.jpg")
    (row,) = came.rows
    assert (row["width"], row["height"]) == ((40, 30) if orientation < 5 else (30, 40))
    assert row["taken"] == "2024-01-31T12:00:00"
    assert row["orientation"] == orientation
    assert ("data.orientation" in came.failed) == (orientation != 1)


def test_a_picture_and_its_turned_copy_have_nearly_the_same_hash(run: Any, write: Any) -> None:
    slope = np.linspace(0, 255, 64 * 48).reshape(48, 64).astype(np.uint8)
    plain = Image.fromarray(slope, "L")
    exif = Image.Exif()
    exif[274] = 6
    write("a.png", saved(plain, "PNG"))
    write("b.png", saved(plain.transpose(Image.Transpose.ROTATE_90), "PNG", exif=exif))
    one, other = run("images", "*.png").rows
    assert (int(one["phash"], 16) ^ int(other["phash"], 16)).bit_count() <= 2


def test_odd_files_are_named_and_the_others_are_not(run: Any, write: Any) -> None:
    for number in range(30):
        write(f"in/{number:02d}.png", saved(picture(seed=number), "PNG"))
    assert not run("images", "in").failed
    write("in/blank.png", saved(Image.new("RGB", (40, 30), "grey"), "PNG"))
    write(
        "in/burnt.png",
        saved(Image.fromarray(np.r_[np.full((24, 40, 3), 255), np.zeros((6, 40, 3))].astype("u1")), "PNG"),
    )
    write("in/black.png", saved(Image.fromarray((np.arange(3600).reshape(30, 40, 3) % 13).astype("u1")), "PNG"))
    write("in/wrong.png", saved(picture(), "JPEG"))
    write("in/anim.gif", saved(picture(), "GIF", save_all=True, append_images=[picture(seed=1), picture(seed=2)]))
    write("in/placed.jpg", turned(1, gps=True))
    write("in/small.png", saved(picture(20, 20), "PNG"))
    came = run("images", "in")
    named = {check: came.of(check).evidence["rows"] for check in came.failed}
    assert named == {
        "data.blank": ["in/blank.png"],
        "data.exposure": ["in/black.png", "in/burnt.png"],
        "data.disguised": ["in/wrong.png"],
        "data.animated": ["in/anim.gif"],
        "data.location": ["in/placed.jpg"],
        "data.mixed_sizes": ["in/small.png"],
        "data.mixed_modes": ["in/anim.gif"],
    }


def test_pictures_of_many_sizes_are_no_finding(run: Any, write: Any) -> None:
    for number in range(12):
        write(f"in/{number}.png", saved(picture(20 + number % 4, 20), "PNG"))
    assert not run("images", "in").failed


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
WHOLE = saved(picture(200, 200), "PNG")
HOSTILE = {
    "svg.png": (SVG, "data.readable", "an SVG drawing"),
    "text.jpg": (b"hello there", "data.readable", "plain text"),
    "zeros.jpg": (b"\x00" * 5_000, "data.readable", "nothing but zero bytes"),
    "empty.png": (b"", "data.readable", "it is empty"),
    "bomb.png": (png(60_000, 60_000), "data.hostile", "60000"),
    "large.png": (png(12_000, 12_000), "data.hostile", "12,000 x 12,000 pixels"),
    "cut.jpg": (saved(picture(200, 200), "JPEG")[:9_000], "data.readable", "cut short"),
    "cut.png": (WHOLE[: len(WHOLE) // 2], "data.readable", "cut short"),
    "cut.gif": (saved(picture(99, 99), "GIF")[:3_000], "data.readable", "cut short"),
    "cut.webp": (saved(picture(99, 99), "WEBP")[:2_000], "data.readable", "skipped"),
    "cut.bmp": (saved(picture(99, 99), "BMP")[:2_000], "data.readable", "cut short"),
    "cut.tif": (saved(picture(99, 99), "TIFF")[:2_000], "data.readable", "skipped"),
    "sum.png": (WHOLE[:5_000] + b"\x00" + WHOLE[5_001:], "data.readable", "wrong checksum of its part IDAT at byte"),
    "head.png": (WHOLE[:20] + b"\x09" + WHOLE[21:], "data.readable", "wrong checksum of its part IHDR"),
    "short.png": (png(100, 100, body=zlib.compress(b"\x00" * 50)), "data.readable", "skipped"),
    "zip.png": (b"PK\x03\x04" + b"\x00" * 100, "data.readable", "a zip archive"),
    "eps.png": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "data.readable", "plain text"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_damaged_or_hostile_file_is_told_and_the_others_read(run: Any, write: Any, name: str) -> None:
    data, check, said = HOSTILE[name]
    write(f"in/{name}", data)
    write("in/good.png", saved(picture(), "PNG"))
    came = run("images", "in")
    assert came.frame["file"].to_list() == ["in/good.png"]
    assert said in came.failed[check]
    assert came.of(check).subject.endswith(name)
    with pytest.raises(SourceError, match="no image was found; first"):
        run("images", f"in/{name}")


def test_large_pictures_are_averaged_down(run: Any, write: Any) -> None:
    write("a.png", saved(Image.linear_gradient("L").resize((2_500, 2_000)), "PNG"))
    (row,) = run("images", "a.png").rows
    assert (row["width"], row["height"]) == (2_500, 2_000)
    assert row["brightness"] == pytest.approx(0.5, abs=0.01)
    with pytest.raises(SourceError, match="more than 100"):
        run("images", "a.png", max_pixels=100)


def test_labels_from_folders_and_from_a_csv(run: Any, write: Any, tmp_path: Path) -> None:
    write("in/cat/a.png", saved(picture(), "PNG"))
    write("in/dog/b.png", saved(picture(seed=1), "PNG"))
    label = MailLabel(origin="folder", values={"cat": ("cat",), "dog": ("dog",)})
    assert run("images", "in", label=label, target="animal").frame["animal"].to_list() == ["cat", "dog"]
    write("labels.csv", "name,what,who\na.png,cat,ann\n")
    beside = MailLabel(origin="csv", path="labels.csv", key="name", name="what")
    frame = run("images", "in", label=beside).frame
    assert frame.select("label", "who").rows() == [("cat", "ann"), (None, None)]
    with tarfile.open(tmp_path / "in.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "in", "in")
    packed = run("images", "in.tar.gz", label=label)
    assert packed.frame["label"].to_list() == ["cat", "dog"]
    assert packed.names[0] == "in.tar.gz/in/cat/a.png"
    with pytest.raises(SourceError, match="only mail has headers"):
        run("images", "in", label=MailLabel(origin="header", name="x"))


VOC = (
    "<annotation><filename>a.png</filename><size><width>40</width><height>30</height></size><object><name>cell</name>"
    "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>{}</xmax><ymax>20</ymax></bndbox></object></annotation>"
)


def test_boxes_come_along_and_impossible_ones_are_told(run: Any, write: Any) -> None:
    for name, right in (("a", 10), ("b", 1), ("c", 41)):
        write(f"in/{name}.png", saved(picture(), "PNG"))
        write(f"in/marks/{name}.xml", VOC.format(right))
    write("in/bare.png", saved(picture(), "PNG"))
    write("in/marks/gone.xml", VOC.format(5))
    write("in/marks/bomb.xml", '<!DOCTYPE a [<!ENTITY b "c">]><annotation/>')
    came = run("images", "in", boxes="voc")
    rows = {row["file"]: row for row in came.rows}
    assert rows["in/a.png"]["boxes"] == '[{"label":"cell","xmin":1.0,"ymin":2.0,"xmax":10.0,"ymax":20.0}]'
    assert rows["in/a.png"]["box_labels"] == '{"cell":1}'
    assert rows["in/bare.png"]["box_count"] is None
    told = [one for one in came.findings if one.check == "data.boxes"]
    assert [one["why"] for one in told[0].evidence["first"]] == [
        "a cell has no area",
        "a cell reaches out of the picture",
    ]
    assert [one.evidence["rows"] for one in told[1:]] == [["in/bare.png"], ["in/marks/gone.xml"]]
    assert "declares a document type" in came.failed["data.readable"]


def test_without_pillow_the_error_says_how_to_get_it(run: Any, write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write("a.png", saved(picture(), "PNG"))
    monkeypatch.delitem(sys.modules, "roadworthy.data.media.pictures", raising=False)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(SourceError, match=r'pip install "roadworthy\[images\]"'):
        run("images", "a.png")


def test_wrong_options_are_refused(run: Any, write: Any) -> None:
    write("a.png", saved(picture(), "PNG"))
    with pytest.raises(SourceError, match='did you mean "max_pixels"'):
        run("images", "a.png", max_pixel=5)
    with pytest.raises(SourceError, match="boxes cannot be 'coco'"):
        run("images", "a.png", boxes="coco")


SEEDS = [saved(picture(9, 7), form) for form in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "PPM")] + [turned(6)]


@settings(derandomize=True, max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=6), st.floats(0.2, 1))
def test_no_change_of_bytes_makes_a_reader_fail(
    run: Any, write: Any, data: bytes, changes: list[tuple[float, int]], kept: float
) -> None:
    changed = bytearray(data[: int(len(data) * kept)])
    for place, byte in changes:
        changed[int(place * (len(changed) - 1))] = byte
    write("in/a.png", bytes(changed))
    write("in/good.png", SEEDS[0])
    came = run("images", "in")
    assert "in/good.png" in came.names
    assert came.frame.height == 2 or {"data.readable", "data.hostile"} & came.failed.keys()


@pytest.mark.corpus
def test_blood_cells_with_their_known_wrong_marks(corpus: Path, run_at: Any) -> None:
    came = run_at(corpus, "images", "images_bccd_boxes/bccd.tar.gz", boxes="voc")
    assert came.frame.height == 364
    assert came.frame["box_count"].sum() == 4_888
    assert set(came.failed) == {"data.boxes"}
    assert came.of("data.boxes").measured == 2


@pytest.mark.corpus
def test_traffic_signs_are_labelled_by_folder(corpus: Path, run_at: Any) -> None:
    label = MailLabel(origin="folder", values={"stop": ("00014",), "other": ("000[0234]*", "0001[0-35-9]")})
    came = run_at(corpus, "images", "images_gtsrb_sample/gtsrb_sample.tar.gz", label=label, target="sign")
    assert came.frame["sign"].value_counts(sort=True).rows() == [("other", 3_843), ("stop", 780)]
    assert came.frame.select(pl.struct("width", "height").n_unique()).item() == 1
    assert set(came.failed) == {"data.blank", "data.exposure"}
    assert came.of("data.blank").measured + came.of("data.exposure").measured <= 40


@pytest.mark.corpus
def test_digits_give_no_finding(corpus: Path, run: Any, write: Any) -> None:
    with gzip.open(corpus / "images_mnist10k" / "t10k-images-idx3-ubyte.gz") as stream:
        digits = np.frombuffer(stream.read(16 + 784 * 400)[16:], dtype=np.uint8).reshape(-1, 28, 28)
    for number, digit in enumerate(digits):
        write(f"in/{number:03d}.png", saved(Image.fromarray(digit), "PNG"))
    came = run("images", "in")
    assert came.frame.height == 400
    assert came.frame["brightness"].to_numpy() == pytest.approx(digits.mean(axis=(1, 2)) / 255, abs=1e-6)
    assert not came.failed
