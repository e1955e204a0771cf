"""Objects marked in pictures, as Pascal VOC writes them: one XML beside each picture.

Source: Everingham et al. (2010), International Journal of Computer Vision 88:303-338.
"""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import msgspec
from msgspec import Struct

from roadworthy.data.records.lines import BrokenError
from roadworthy.data.records.xml_rows import Node, xml_tree
from roadworthy.data.streams import Stream, set_aside
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import plural

_SHOWN = 20
_CORNERS = ("xmin", "ymin", "xmax", "ymax")


class Box(Struct, frozen=True):
    """One marked object; pixels from the upper left corner, both ends inside, the first of them 1."""

    label: str
    xmin: float
    ymin: float
    xmax: float
    ymax: float


class Marked(Struct, frozen=True):
    """The objects of one picture, and the size that the mark says that it has (0 where it says none)."""

    boxes: list[Box]
    width: int
    height: int
    source: str


class Marks:
    """All marks of a source by the stem of the picture's name, and what is wrong with them."""

    def __init__(self) -> None:
        self._marks: dict[str, Marked] = {}
        self._used: set[str] = set()
        self._bare: list[str] = []
        self._wrong: list[dict[str, Any]] = []

    def read(self, stream: Stream) -> Iterator[Finding]:
        """One XML file; a finding if it marks nothing that can be understood."""
        try:
            marked = _marked(xml_tree(stream.read()), stream.name)
        except (BrokenError, ValueError) as err:
            yield set_aside(stream, f"it marks no objects as VOC does ({err})")
            return
        self._marks[PurePosixPath(stream.member).stem] = marked

    def of(self, stream: Stream, width: int, height: int) -> dict[str, Any]:
        """The columns of one picture: `boxes` (JSON), `box_count`, `box_labels` (JSON, with counts)."""
        stem = PurePosixPath(stream.member).stem
        marked = self._marks.get(stem)
        if marked is None:
            self._bare.append(stream.name)
            return {"boxes": None, "box_count": None, "box_labels": None}
        self._used.add(stem)
        self._wrong += [{"row": stream.name, "why": why} for why in _wrong(marked, width, height)]
        counts: dict[str, int] = {}
        for box in marked.boxes:
            counts[box.label] = counts.get(box.label, 0) + 1
        return {
            "boxes": msgspec.json.encode(marked.boxes).decode(),
            "box_count": len(marked.boxes),
            "box_labels": msgspec.json.encode(counts, order="sorted").decode(),
        }

    def findings(self) -> list[Finding]:
        """Boxes that cannot be, pictures without marks, marks without a picture."""
        unused = [marked.source for stem, marked in self._marks.items() if stem not in self._used]
        found = []
        if self._wrong:
            first = self._wrong[0]
            found.append(
                _note(
                    f"{plural(len(self._wrong), 'mark')} cannot be; first: {first['row']}: {first['why']}.",
                    count=len(self._wrong),
                    evidence={"rows": [one["row"] for one in self._wrong[:_SHOWN]], "first": self._wrong[:_SHOWN]},
                )
            )
        for names, what in ((self._bare, "picture has no marks"), (unused, "file of marks has no picture")):
            if names:
                found.append(
                    _note(
                        f"{len(names):,} times a {what}; first: {names[0]}.",
                        count=len(names),
                        evidence={"rows": names[:_SHOWN]},
                    )
                )
        return found


def _marked(root: Node, source: str) -> Marked:
    size = root.child("size")
    boxes: list[Box] = []
    for found in root.children:
        if found.name != "object":
            continue
        name, bounds = found.child("name"), found.child("bndbox")
        if name is None or bounds is None:
            raise ValueError("an object has no name or no bndbox")
        corners = {corner: bounds.child(corner) for corner in _CORNERS}
        missing = [corner for corner, node in corners.items() if node is None]
        if missing:
            raise ValueError(f"a bndbox has no {missing[0]}")
        boxes.append(Box(name.text, *(float(node.text) for node in corners.values() if node)))
    if size is None and not boxes:
        raise ValueError("it has neither size nor object")
    width, height = (size.child(name) if size else None for name in ("width", "height"))
    return Marked(boxes, int(width.text) if width else 0, int(height.text) if height else 0, source)


def _wrong(marked: Marked, width: int, height: int) -> Iterator[str]:
    if marked.width and marked.height and (marked.width, marked.height) != (width, height):
        yield f"the marks say {marked.width} x {marked.height}, the picture has {width} x {height}"
    for box in marked.boxes:
        if box.xmax <= box.xmin or box.ymax <= box.ymin:
            yield f"a {box.label} has no area"
        elif box.xmin < 0 or box.ymin < 0 or box.xmax > width or box.ymax > height:
            yield f"a {box.label} reaches out of the picture"


def _note(summary: str, *, count: int, evidence: Mapping[str, Any]) -> Finding:
    return Finding(
        check="data.boxes",
        subject="boxes",
        verdict=Verdict.FAIL,
        summary=summary,
        measured=float(count),
        unit="records",
        severity=Severity.WARNING,
        evidence=dict(evidence),
        remedy="look at these pictures; correct their marks",
    )
