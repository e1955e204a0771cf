"""Test level `integration`: inputs at and beyond the edge."""

from typing import Any

from roadworthy.bundle.encoded import Columns
from roadworthy.bundle.model import Model
from roadworthy.inspection.asking import Reply, ask, contract, malformed, take
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.ports import Progress, Silent

ODD_MAILS: dict[str, bytes] = {
    "nothing": b"",
    "one line break": b"\r\n",
    "NUL bytes": b"\x00" * 2000,
    "headers only": b"From: a@example.org\r\nSubject: hello\r\n",
    "text without headers": b"just some words\n" * 20,
    "Unicode of every kind": (
        "Subject: \U0001f4b8 \u202eevil\u202c \u0130\u0131 \ufb01\u0301\r\n\r\n\u200b\U0001d4d5\u00df\u0fd5 \ud55c"
    ).encode(),
    "bytes of no charset": b"Subject: \xff\x80\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\xc3\x28\xa0\xff",
    "an unknown charset": b"Content-Type: text/plain; charset=x-none\r\n\r\nwords",
    "a subject of 100 kB": b"Subject: " + b"free " * 20_000 + b"\r\n\r\nbody",
    "one word of 200 kB": b"Subject: x\r\n\r\n" + b"a" * 200_000,
    "a boundary that never comes": b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--y\r\n\r\nwords',
    "parts within parts": b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (k, k) for k in range(60)
    ),
    "broken HTML": b"Content-Type: text/html\r\n\r\n<html><a href='http://<b>&#xffffffff;<table><td" + b"<div>" * 3000,
    "broken base64": b"Content-Transfer-Encoding: base64\r\n\r\n!!!!====abc",
    "impossible dates": b"Date: Mon, 99 Foo 99999 99:99:99 +9999\r\nReceived: ; yesterday\r\n\r\nwords",
}
"""Messages that no mail program should send, and some do."""

_ODD_CELLS: dict[str, tuple[Any, ...]] = {
    "number": (0.0, -1.0, 1e300, -1e300, 1e-300, float("inf"), float("nan"), "12", "twelve", True),
    "text": ("", " ", "\x00", "\U0001f4b8\u202e", "never seen before", "x" * 100_000, 7, float("nan")),
    "boolean": (True, False, "yes", 3, ""),
    "date": ("", "2024-02-30", "9999-12-31T23:59:59", 0, -1e18, 1e18, "soon"),
    "list": ([], [""], ["\x00"], ["x"] * 5000, "no list"),
}


def inspect_odd_inputs(model: Model, columns: Columns, *, progress: Progress | None = None) -> list[Finding]:
    """Ask with inputs at and beyond the edge. Raw mail is always answered; a table's cell may also be refused in words.

    Args:
        columns: at least one ordinary row, in which one cell at a time is replaced.

    Returns:
        `integration.odd_inputs`, which blocks a release.
    """
    progress = progress or Silent()
    cases = _odd_mails(model) if model.kind == "mail" else _odd_cells(model, columns)
    progress.begin("odd inputs", len(cases))
    broken = []
    for name, reply in cases.items():
        if reply.predictions is not None:
            wrong = malformed(reply.predictions, 1)
        else:
            wrong = reply.crash or (f"refused: {reply.refusal}" if model.kind == "mail" else "")
        broken += [f"{name}: {wrong}"] if wrong else []
        progress.advance()
    progress.end()
    return [
        contract(
            "integration.odd_inputs",
            model.name,
            broken=broken,
            tried=len(cases),
            holds=f"{len(cases)} odd inputs are answered, or refused in words; none crashes",
            remedy="let the parser and the steps take whatever comes",
        )
    ]


def _odd_mails(model: Model) -> dict[str, Reply]:
    return {name: ask(model.predict_raw, [raw]) for name, raw in ODD_MAILS.items()}


def _odd_cells(model: Model, columns: Columns) -> dict[str, Reply]:
    row = take(columns, [0])
    found = {}
    for field in model.inputs:
        for cell in _ODD_CELLS[field.type]:
            found[f"{field.name} = {str(cell)[:20]!r}"] = ask(model.predict, {**row, field.name: [cell]})
    return found
