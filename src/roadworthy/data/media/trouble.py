"""Why a file could not be looked at, and what it seems to be instead."""

_KINDS = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"BM", "a BMP image"),
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or an encrypted Office file"),
    (b"fLaC", "FLAC sound"),
    (b"OggS", "an Ogg file"),
    (b"ID3", "MP3 sound"),
    (b"\x1aE\xdf\xa3", "a Matroska film"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a Linux program"),
)
_MARKUP = ((b"<svg", "an SVG drawing"), (b"<html", "a web page"), (b"<!doctype html", "a web page"), (b"<?xml", "XML"))
_HEAD = 4_096


class TroubleError(Exception):
    """A file that is not what it should be.

    Attributes:
        why: goes on after "it was skipped:". check: `data.readable` or `data.hostile`.
    """

    def __init__(self, why: str, *, check: str = "data.readable") -> None:
        super().__init__(why)
        self.why, self.check = why, check


def seems(data: bytes) -> str:
    r"""What the first bytes of a file say that it is.

    >>> seems(b'<?xml version="1.0"?><svg/>'), seems(b"\x89PNG\r\n\x1a\n"), seems(b"\x00" * 9), seems(b"hi there")
    ('an SVG drawing', 'a PNG image', 'nothing but zero bytes', 'plain text')
    """
    for magic, kind in _KINDS:
        if data.startswith(magic):
            return kind
    head = data[:_HEAD]
    for mark, kind in _MARKUP:
        if mark in head.lower() and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            return kind
    if data[8:12] in (b"WEBP", b"WAVE", b"AVI ") and data.startswith(b"RIFF"):
        return {b"WEBP": "a WebP image", b"WAVE": "WAV sound", b"AVI ": "an AVI film"}[data[8:12]]
    if data[4:8] == b"ftyp":
        return "an MP4 film, or another file of that family"
    if not head.strip(b"\x00"):
        return "nothing but zero bytes"
    return "plain text" if b"\x00" not in head and _is_text(head) else "of an unknown kind"


def _is_text(head: bytes) -> bool:
    try:
        head[:-4].decode("utf-8") if len(head) == _HEAD else head.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
