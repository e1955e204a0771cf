"""How `src/roadworthy/bundle/steps/characters.txt` was made from the Unicode database of Python 3.11 (Unicode 14.0).

Run as a script, it prints the file. A changed rule is a new version: bump `VERSION` here and in `characters.py`.
"""

import sys
import unicodedata

VERSION = 1
SIZE = 0x20000
DROP = 0x110000
SEPARATOR, WORD, MARK, SINGLE, JOINER, SPACE = range(6)
LOOK_ALIKES = dict(zip("аеорсухіјѕһԛԝο" + "νρτακιυχ", "aeopcyxijshqwo" + "vptakiux", strict=True)) | {
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "‐": "-",
    "‑": "-",
    "–": "-",
}
JOINERS = frozenset("'-_.")
SPACES = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85")
IDEOGRAPHS = ((0x3040, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))
MARKS = frozenset("!%")


def fold(point: int) -> int:
    """Lower case without accents, width variants or look-alikes; DROP for what a reader does not see."""
    char = chr(point)
    category = unicodedata.category(char)
    if 0x300 <= point <= 0x36F or 0xFE00 <= point <= 0xFE0F or category == "Cf":
        return DROP
    if category == "Cs":
        return point
    plain = plainly(plainly(char).lower())
    plain = plain.replace("ς", "σ")
    return ord(LOOK_ALIKES.get(plain, plain)) if len(plain) == 1 else point


def plainly(char: str) -> str:
    parts = unicodedata.normalize("NFKD", char)
    base = "".join(part for part in parts if not 0x300 <= ord(part) <= 0x36F)
    return base if len(base) == 1 else char


def kind(point: int) -> int:
    """What a folded character does to the words around it."""
    char = chr(point)
    category = unicodedata.category(char)
    if char in JOINERS:
        return JOINER
    if char in SPACES or category[0] == "Z":
        return SPACE
    if any(low <= point <= high for low, high in IDEOGRAPHS) or category == "So":
        return SINGLE
    if char in MARKS or category == "Sc":
        return MARK
    return WORD if category[0] in "LNM" else SEPARATOR


def runs(values: list[int]) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    for point, value in enumerate(values):
        if found and found[-1][2] == value and found[-1][1] == point - 1:
            found[-1] = (found[-1][0], point, value)
        else:
            found.append((point, point, value))
    return found


def text() -> str:
    kinds = [(a, b, value) for a, b, value in runs([kind(point) for point in range(SIZE)]) if value]
    shifts = runs([0 if fold(p) == p else (DROP if fold(p) == DROP else fold(p) - p) for p in range(SIZE)])
    lines = [f"version {VERSION} unicode {unicodedata.unidata_version}"]
    lines += [f"k {a:x} {b:x} {value}" for a, b, value in kinds]
    lines += [f"d {a:x} {b:x} 0" if s == DROP else f"f {a:x} {b:x} {s}" for a, b, s in shifts if s]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
