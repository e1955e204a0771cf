"""A compressed file read as a stream, with a limit on what may come out of it."""

import bz2
import gzip
import io
import lzma
import zlib
from pathlib import Path
from typing import IO

import zstandard
from msgspec import Struct

UNREADABLE = (OSError, EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError)
_MAGIC = (
    (b"\x1f\x8b", "gz"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zst"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!", "rar"),
)
_TAR_PLACE = slice(257, 262)
_ZSTD_WINDOW = 1 << 27
_LZMA_MEMORY = 1 << 28


class Limits(Struct, frozen=True, kw_only=True):
    """How much an archive may hold before it counts as hostile.

    Attributes:
        member: bytes of one member. total: bytes of all that comes out of one archive.
        ratio: bytes out for each byte in, judged once more than `grace` bytes came out.
    """

    member: int = 256 << 20
    total: int = 16 << 30
    ratio: float = 300.0
    grace: int = 64 << 20
    members: int = 5_000_000


class BombError(Exception):
    """More comes out of an archive than its limits allow."""


class Bounded(io.RawIOBase):
    """A readable stream that raises `BombError` when too much comes out of it."""

    def __init__(self, stream: IO[bytes], raw: IO[bytes], *, compressed: int, limits: Limits) -> None:
        super().__init__()
        self._stream, self._raw, self._limits, self.given = stream, raw, limits, 0
        self._most = min(limits.total, max(limits.grace, int(compressed * limits.ratio)))

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes."""
        data = self._stream.read(size if 0 <= size <= self._limits.grace else self._limits.grace)
        self.given += len(data)
        if self.given > self._most:
            raise BombError(f"more than {self._most:,} bytes come out of it")
        return data

    def close(self) -> None:
        """Close what lies below; a stream that unpacks leaves the file under it open."""
        self._stream.close()
        self._raw.close()
        super().close()


def kind_of(head: bytes) -> str:
    r"""`gz`, `bz2`, `xz`, `zst`, `zip`, `7z`, `rar`, `tar`, or empty for a plain file; 512 first bytes tell.

    >>> kind_of(b"PK\x03\x04..."), kind_of(b"From: me")
    ('zip', '')
    """
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    return "tar" if head[_TAR_PLACE] == b"ustar" else ""


def open_bounded(path: Path, kind: str, *, limits: Limits) -> Bounded:
    """The unpacked content of a file as a bounded stream. `kind` is as `kind_of` says it."""
    compressed = path.stat().st_size
    raw = path.open("rb")
    stream: IO[bytes]
    match kind:
        case "gz":
            stream = gzip.GzipFile(fileobj=raw)  # type: ignore[assignment]  # it reads bytes as IO[bytes] does
        case "bz2":
            stream = bz2.BZ2File(raw)
        case "xz":
            stream = io.BufferedReader(_Xz(raw))
        case "zst":
            reader = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
            stream = reader.stream_reader(raw, read_across_frames=True, closefd=True)
        case _:
            stream = raw
    return Bounded(stream, raw, compressed=compressed, limits=limits)


class _Xz(io.RawIOBase):
    """xz with a bound on the memory that its header may ask for."""

    def __init__(self, raw: IO[bytes]) -> None:
        super().__init__()
        self._raw, self._unpack = raw, lzma.LZMADecompressor(memlimit=_LZMA_MEMORY)
        self._over = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]  # a plain buffer will do
        while not self._over:
            given = self._raw.read(65_536) if self._unpack.needs_input else b""
            if self._unpack.needs_input and not given:
                raise EOFError("the file ends before its stream does")
            data = self._unpack.decompress(given, len(buffer))
            if self._unpack.eof:
                self._next_stream()
            if data:
                buffer[: len(data)] = data
                return len(data)
        return 0

    def _next_stream(self) -> None:
        rest = self._unpack.unused_data or self._raw.read(65_536)
        rest = rest.lstrip(b"\x00")
        self._over = not rest
        if rest:
            self._raw.seek(-len(rest), io.SEEK_CUR)
            self._unpack = lzma.LZMADecompressor(memlimit=_LZMA_MEMORY)

    def close(self) -> None:
        self._raw.close()
        super().close()
