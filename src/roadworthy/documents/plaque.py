"""The inspection plaque: as on a car, the year in the middle and the month it runs out at the top."""

import math
from datetime import date

from roadworthy.documents.svg import picture, tag, text


def plaque(*, class_: str, last: date, words: str) -> str:
    """A round plaque.

    Args:
        class_: style class of the verdict: pass, fail, doubt or waived. Only a model that may drive gets a date.
        last: the last day of the certificate.
        words: for those who cannot see it.
    """
    valid = class_ in ("pass", "waived")
    marks = [
        tag("circle", cx=100.0, cy=100.0, r=96.0, class_="rim"),
        tag("circle", cx=100.0, cy=100.0, r=60.0, class_="hub"),
    ]
    for month in range(1, 13):
        turn = -(month - last.month) * math.tau / 12 if valid else -(month - 12) * math.tau / 12
        x, y = 100 + 76 * math.sin(turn), 100 - 76 * math.cos(turn)
        there = valid and month == last.month
        if there:
            marks.append(tag("path", d="M91 3.5 L109 3.5 L100 12.5 Z", class_="mark"))
        marks.append(text(x, y + 5, str(month), class_="month now" if there else "month", text_anchor="middle"))
    if valid:
        marks.append(text(100.0, 97.0, f"{last.year}", class_="year", text_anchor="middle"))
        marks.append(text(100.0, 122.0, "roadworthy", class_="make", text_anchor="middle"))
    else:
        sign = "?" if class_ == "doubt" else "✕"
        marks.append(text(100.0, 122.0, sign, class_="sign", text_anchor="middle"))
    return picture(200.0, 200.0, "".join(marks), label=words, class_=f"plaque {class_}")
