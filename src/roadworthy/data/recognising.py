"""What a file or folder is, by its content first and its ending second."""

import re
import zipfile
from collections import Counter
from pathlib import Path, PurePosixPath

from msgspec import Struct, field

from roadworthy.data.bounded import UNREADABLE, BombError, Limits, kind_of, open_bounded
from roadworthy.data.places import files_of
from roadworthy.data.sources.mail import looks_like_mail

_HEAD = 65_536
_LOOKED_AT = 60
_MEMBERS = 500
COMPRESSED = ("gz", "bz2", "xz", "zst")

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"PAR1", "parquet"),
    (0, b"PARE", "parquet"),
    (0, b"ARROW1", "arrow"),
    (0, b"FEA1", "arrow"),
    (0, b"\xff\xff\xff\xff", "arrow"),
    (0, b"SQLite format 3\x00", "database"),
    (8, b"DUCK", "database"),
    (0, b"%PDF-", "documents"),
    (0, b"{\\rtf", "documents"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (0, b"\x89PNG\r\n\x1a\n", "images"),
    (0, b"\xff\xd8\xff", "images"),
    (0, b"GIF87a", "images"),
    (0, b"GIF89a", "images"),
    (0, b"BM", "images"),
    (0, b"II*\x00", "images"),
    (0, b"MM\x00*", "images"),
    (8, b"WEBP", "images"),
    (4, b"ftypheic", "images"),
    (4, b"ftypavif", "images"),
    (4, b"ftypmif1", "images"),
    (4, b"ftypM4A", "audio"),
    (4, b"ftyp", "video"),
    (8, b"WAVE", "audio"),
    (0, b"fLaC", "audio"),
    (0, b"OggS", "audio"),
    (0, b"ID3", "audio"),
    (0, b"\xff\xfb", "audio"),
    (0, b"\xff\xf3", "audio"),
    (0, b"\xff\xf2", "audio"),
    (8, b"AVI ", "video"),
    (0, b"\x1aE\xdf\xa3", "video"),
    (0, b"\x89HDF\r\n\x1a\n", "HDF5 file"),
    (0, b"\x93NUMPY", "NumPy array"),
    (0, b"Obj\x01", "Avro file"),
    (0, b"ORC\x08", "ORC file"),
    (0, b"\x7fELF", "program"),
    (0, b"MZ", "program"),
    (0, b"\x80\x02", "Python pickle"),
    (0, b"\x80\x03", "Python pickle"),
    (0, b"\x80\x04", "Python pickle"),
    (0, b"\x80\x05", "Python pickle"),
)
_ENDINGS = {
    "csv": ".csv .tsv .tab .psv .data .dat",
    "excel": ".xlsx .xlsm .xls .xlsb .xltx",
    "parquet": ".parquet .parq .pq",
    "arrow": ".arrow .feather .ipc .arrows",
    "json": ".json .geojson",
    "jsonl": ".jsonl .ndjson",
    "xml": ".xml",
    "log": ".log",
    "database": ".db .sqlite .sqlite3 .duckdb",
    "mail": ".eml .mbox .mbx",
    "images": ".png .jpg .jpeg .gif .bmp .tif .tiff .webp .ppm .pgm .heic .avif",
    "audio": ".wav .mp3 .flac .ogg .opus .m4a .aac",
    "video": ".mp4 .mkv .avi .mov .webm .mpg .mpeg",
    "text": ".txt .md .rst",
    "documents": ".pdf .docx .odt .rtf",
}
_BY_ENDING = {ending: kind for kind, endings in _ENDINGS.items() for ending in endings.split()}
_LOG_LINES = (
    re.compile(rb'^\S+ \S+ \S+ \[\d{2}/[A-Za-z]{3}/\d{4}:\d{2}:\d{2}:\d{2} [-+]\d{4}\] "'),
    re.compile(rb"^(?:<\d{1,3}>)?(?:1 )?[A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \S+ \S+"),
    re.compile(rb"^<\d{1,3}>1 \d{4}-\d{2}-\d{2}T"),
    re.compile(
        rb"^\[?\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}\S*\]? +"
        rb"\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL)\b"
    ),
)
_MARKUP = re.compile(rb"^\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table)\b", re.IGNORECASE | re.DOTALL)


class Recognised(Struct, frozen=True, kw_only=True):
    """What lies somewhere.

    Attributes:
        kind: a kind of source (`csv`, `excel`, `parquet`, ...), or words for what no source reads (`HTML page`).
        options: of that source, as far as content tells them.
        why: what told it.
    """

    kind: str
    options: dict[str, object] = field(default_factory=dict)
    why: str = ""


def recognise(path: Path) -> Recognised:
    """What a file or folder is, and the options that its source needs.

    Content decides: a Parquet file named `.csv` is Parquet. Where content does not tell, as between texts, the ending
    does.

    Raises:
        OSError: if it cannot be read.
    """
    if path.is_dir():
        return _folder(path)
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    packed = kind_of(head)
    if packed == "zip":
        return _zip(path)
    if packed in COMPRESSED:
        return _unpacked(path, packed)
    if packed in ("tar", "7z", "rar"):
        return Recognised(kind="mail" if packed == "tar" else f"{packed} archive", why=f"it is a {packed} archive")
    return _content(head, path.name)


def _content(head: bytes, name: str) -> Recognised:
    """By the first bytes of a file."""
    ending = PurePosixPath(name).suffix.lower()
    by_magic = _by_magic(head, ending)
    if by_magic:
        return Recognised(kind=by_magic, why="its first bytes say so")
    kind = _of_text(head, ending)
    if kind:
        return Recognised(kind=kind, why="its first lines say so")
    named = _BY_ENDING.get(ending)
    if named in ("images", "audio", "video", "excel", "parquet", "arrow", "documents", "database"):
        said = f"its name ends in {ending}, but it does not begin as such a file does"
        return Recognised(kind="csv" if _printable(head) else named, why=said)
    if named:
        return Recognised(kind=named, why=f"it is text, and its name ends in {ending}")
    if not _printable(head):
        return Recognised(kind="unknown binary file", why="it is no text, and its first bytes are of no known kind")
    return Recognised(kind="csv", why="it is text")


def _by_magic(head: bytes, ending: str) -> str:
    """By signatures at fixed places; some are short enough to begin a text, and then need a zero byte too."""
    for start, magic, kind in _MAGIC:
        if head[start : start + len(magic)] == magic and (len(magic) > 2 or b"\x00" in head[:64]):
            if kind == "ole":
                return "documents" if ending in (".doc", ".ppt", ".msg") else "excel"
            return kind
    if re.match(rb"P[1-6]\s", head) and ending in (".ppm", ".pgm", ".pbm"):
        return "images"
    return ""


def _of_text(head: bytes, ending: str) -> str:
    """By the first lines of a text."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _MARKUP.match(start):
        return "HTML page"
    if start.startswith(b"<?xml") or (ending == ".xml" and start.startswith(b"<")):
        return "xml"
    return _json(start, ending) or _mail_or_log(start, ending)


def _mail_or_log(start: bytes, ending: str) -> str:
    mbox = start.startswith(b"From ") and looks_like_mail(start.partition(b"\n")[2])
    if mbox or (ending in (".eml", "") and looks_like_mail(start)):
        return "mail"
    lines = [line for line in start.splitlines()[:20] if line.strip()]
    return "log" if lines and sum(map(_is_logged, lines)) > 0.6 * len(lines) else ""


def _is_logged(line: bytes) -> bool:
    return any(shape.match(line) for shape in _LOG_LINES)


def _json(start: bytes, ending: str) -> str:
    if not start.startswith((b"{", b"[")):
        return ""
    lines = start.splitlines()
    records = [line for line in lines[:5] if line.strip().startswith(b"{") and line.strip().endswith(b"}")]
    if len(records) > 1 or (ending in (".jsonl", ".ndjson") and start.startswith(b"{")):
        return "jsonl"
    begins = re.match(rb"\{\s*(?:\"|\}|$)|\[\s*(?:[\[{\"\d\-tfn\]]|$)", start)
    return "json" if begins and (ending in _JSON_ENDINGS or not re.match(rb"\[[^\]\"{]*\][^,\]\s]", start)) else ""


_JSON_ENDINGS = (".json", ".geojson")


def _printable(head: bytes) -> bool:
    """Whether bytes are text in some encoding: UTF-16 has zero bytes, at every other place."""
    zeros = head.count(0)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or (zeros and _utf16(head)):
        return True
    odd = sum(byte < 9 or 13 < byte < 32 for byte in head)
    return odd - zeros <= 0.02 * len(head) and zeros <= 0.05 * len(head)


def _utf16(head: bytes) -> bool:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    most, least = max(even, odd), min(even, odd)
    return most > 0.3 * (len(head) // 2) and least < 0.1 * most + 1


def _unpacked(path: Path, packed: str) -> Recognised:
    """A compressed file is what its content is."""
    try:
        with open_bounded(path, packed, limits=Limits()) as stream:
            head = stream.read(_HEAD)
    except (BombError, *UNREADABLE) as err:
        return Recognised(kind=f"damaged {packed} file", why=str(err))
    if kind_of(head) == "tar":
        return Recognised(kind="mail", why="it is a packed tar archive")
    return _content(head, PurePosixPath(path.name).stem)


def _zip(path: Path) -> Recognised:
    """An archive is a workbook, a document, or what most of its members are."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist()[:_MEMBERS] if not info.is_dir()]
    except (zipfile.BadZipFile, NotImplementedError, ValueError, *UNREADABLE) as err:
        return Recognised(kind="damaged zip file", why=str(err))
    names = {info.filename for info in infos}
    if any(name.startswith("xl/") for name in names):
        return Recognised(kind="excel", why="it is a zip archive that holds xl/")
    if any(name.startswith("word/") for name in names):
        return Recognised(kind="documents", why="it is a zip archive that holds word/")
    if any(name.startswith("ppt/") for name in names) or "mimetype" in names:
        return Recognised(kind="office document", why="it is a zip archive with the parts of one")
    kinds = Counter(_BY_ENDING.get(PurePosixPath(name).suffix.lower(), "mail") for name in names)
    kinds.pop("text", None)
    if not kinds:
        return Recognised(kind="csv" if names else "empty zip file", why="it is a zip archive of texts")
    most = "csv" if kinds["csv"] else kinds.most_common(1)[0][0]
    return Recognised(kind=most, why="it is a zip archive, and most of its files are such")


def _folder(path: Path) -> Recognised:
    if (path / "_delta_log").is_dir():
        return Recognised(kind="delta", why="it holds _delta_log")
    if all((path / name).is_dir() for name in ("cur", "new")):
        return Recognised(kind="mail", why="it is a Maildir")
    kinds: Counter[str] = Counter()
    for inside in [one for one in files_of(path) if not one.name.startswith((".", "_"))][:_LOOKED_AT]:
        try:
            kinds[recognise(inside).kind] += 1
        except OSError:
            kinds["unreadable"] += 1
    if len(kinds) > 1:
        kinds.pop("text", None)
    if not kinds:
        return Recognised(kind="empty folder", why="it holds no file")
    kind, count = kinds.most_common(1)[0]
    return Recognised(kind=kind, why=f"{count} of the {kinds.total()} files looked at are such")
