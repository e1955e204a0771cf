"""The pictures of an evaluation: curves, calibration, cost, search."""

import math
from collections.abc import Sequence
from html import escape

from roadworthy.documents.svg import Plot, Point, WidePlot, picture, tag, text
from roadworthy.documents.words import number
from roadworthy.kernel.records import Trial

_ENLARGED = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
SERIES = 6
"""How many series have a colour of their own."""


def roc(points: Sequence[Sequence[float]], *, threshold: float) -> str:
    """False-positive rate against recall; where the curve hugs the corner, the corner is enlarged."""
    curve = [(p[0], p[1]) for p in points]
    edge = next((x for x in _ENLARGED if _height(curve, x) >= 0.97), 1.0)
    low = 0.0 if edge == 1.0 else _floor(min((y for x, y in curve if x > 0), default=0.0))
    plot = _shares((0.0, edge), (low, 1.0), "false-positive rate", "recall")
    if edge == 1.0:
        plot.line([(0.0, 0.0), (1.0, 1.0)], class_="chance")
    plot.line([*_steps(_within(curve, edge))], class_="model")
    mark = _nearest(points, threshold)
    if mark:
        _chosen(plot, (mark[0], mark[1]), f"chosen threshold {threshold:.3g}")
    scope = f" (enlarged: false-positive rates up to {number(edge, 'share')})" if edge < 1 else ""
    return plot.render(f"ROC curve{scope}")


def precision_recall(points: Sequence[Sequence[float]], *, threshold: float, base_rate: float) -> str:
    """Recall against precision, with the share of positives as the line of chance."""
    curve = [(p[0], p[1]) for p in points]
    low = min(1.0, max(0.0, base_rate))
    seen = [y for x, y in curve if x > 0.02]
    floor = _floor(min(seen, default=0.0)) if min(seen, default=0.0) > 0.5 and low > 0.5 else 0.0
    plot = _shares((0.0, 1.0), (floor, 1.0), "recall", "precision")
    plot.line([(0.0, low), (1.0, low)], class_="chance")
    plot.line(curve, class_="model")
    mark = _nearest(points, threshold)
    if mark:
        _chosen(plot, (mark[0], mark[1]), f"chosen threshold {threshold:.3g}")
    return plot.render("Precision against recall; the dashed line is the share of positives")


def calibration(points: Sequence[Sequence[float]]) -> str:
    """Mean probability of each bin against the share of positives in it, with error bars; the diagonal is honesty."""
    plot = _shares((0.0, 1.0), (0.0, 1.0), "probability that the model states", "share that turned out positive")
    plot.line([(0.0, 0.0), (1.0, 1.0)], class_="chance")
    plot.line([(p[0], p[1]) for p in points], class_="model thin")
    most = max((p[4] for p in points if len(p) > 4), default=1.0)
    for stated, seen, low, high, *rows in points:
        plot.upright(stated, low=low, high=high, class_="whisker")
        radius = 3.0 + 4.0 * math.sqrt(rows[0] / most) if rows and most else 4.0
        note = f"stated {number(stated, 'share')}, seen {number(seen, 'share')}" + (
            f", {rows[0]:,.0f} rows" if rows else ""
        )
        plot.dot((stated, seen), class_="point model", radius=radius, label=note)
    return plot.render("Calibration: stated probability against what turned out, with 95 % intervals")


def cost(points: Sequence[Sequence[float]], *, threshold: float, unit: str) -> str:
    """Cost per row over all thresholds, the chosen one marked."""
    curve = sorted((p[0], p[1]) for p in points if math.isfinite(p[0]) and 0.0 <= p[0] <= 1.0)
    here = _height(curve, threshold)
    least = min((y for _, y in curve), default=0.0)
    edge_costs = [y for x, y in curve if 0.02 <= x <= 0.98] or [y for _, y in curve]
    top = min(max((y for _, y in curve), default=1.0), max([*edge_costs, here, 4 * least])) * 1.1 or 1.0
    plot = Plot((0.0, 1.0), (0.0, top), x_title="threshold", y_title=f"cost per row{f' ({unit})' if unit else ''}")
    plot.line([(x, min(y, top)) for x, y in curve], class_="model")
    plot.upright(threshold, class_="post")
    plot.dot((threshold, min(here, top)), class_="chosen", radius=6.0)
    right = threshold > 0.6
    words, beside = f"chosen {threshold:.3g}: {here:.3g} per row", threshold + (-0.02 if right else 0.02)
    plot.words((beside, top), words, class_="note strong", anchor="end" if right else "start", dy=12.0)
    return plot.render("Cost of the errors per row, over all thresholds")


def search(trials: Sequence[Trial]) -> str:
    """Every configuration tried: its mean score, the spread of its folds, and the best so far."""
    done = [trial for trial in trials if math.isfinite(trial.score) and trial.state == "complete"]
    if not done:
        return ""
    learners = list(dict.fromkeys(trial.learner for trial in done))
    scores = sorted(trial.score for trial in done)
    middle = scores[len(scores) // 2]
    # A few hopeless trials must not flatten the picture of the rest: they lie at its lower edge.
    worst = max(scores[0], scores[-1] - 6 * (scores[-1] - middle)) if scores[-1] > middle else scores[0]
    spread = (scores[-1] - worst) * 0.2 or 0.01
    last = max(trial.number for trial in done)
    plot = WidePlot(
        (-0.5, last + 0.5), (worst - spread, scores[-1] + spread), x_title="trial", y_title="score (mean of folds)"
    )
    best, steps = -math.inf, []
    for trial in sorted(done, key=lambda trial: trial.number):
        best = max(best, trial.score)
        steps.append((float(trial.number), best))
    plot.line([*_steps(steps)], class_="best")
    for trial in done:
        series = f"s{learners.index(trial.learner) % SERIES + 1}"
        if len(trial.folds) > 1:
            plot.upright(trial.number, low=min(trial.folds), high=max(trial.folds), class_=f"whisker {series}")
        label = f"trial {trial.number}, {trial.learner}: {trial.score:.4f} in {trial.seconds:.1f} s"
        radius = 6.0 if trial.score == scores[-1] else 4.0
        plot.dot((trial.number, trial.score), class_=f"point {series}", radius=radius, label=label)
    return plot.render(f"The search: {len(done)} configurations of {', '.join(learners)}")


def sparkbars(parts: Sequence[tuple[str, int, str]], *, label: str) -> str:
    """One bar cut into parts by count: name, count, style class."""
    total, width, x, marks = sum(count for _, count, _ in parts) or 1, 640.0, 0.0, []
    for name, count, class_ in parts:
        wide = width * count / total
        marks.append(
            tag("rect", tag("title", escape(f"{name}: {count:,}")), x=x, y=0.0, width=wide, height=26.0, class_=class_)
        )
        if wide > 90:
            marks.append(text(x + 10, 17.0, f"{name} {count:,}", class_="on"))
        x += wide
    return picture(width, 26.0, "".join(marks), label=label, class_="chart parts")


def _shares(x: Point, y: Point, x_title: str, y_title: str) -> Plot:
    return Plot(x, y, x_title=x_title, y_title=y_title, form=lambda value: f"{value * 100:g} %")


def _chosen(plot: Plot, point: Point, words: str) -> None:
    """The working point, with its words on the side where there is room."""
    plot.dot(point, class_="chosen", radius=6.0, label=words)
    right = plot.x(point[0]) > plot.width * 0.6
    shift = (point[0] + (-1 if right else 1) * 0.03 * (plot.x.high - plot.x.low), point[1])
    plot.words(shift, words, class_="note strong", anchor="end" if right else "start", dy=18.0)


def _steps(points: Sequence[Point]) -> list[Point]:
    """The corners of a staircase through points."""
    corners: list[Point] = []
    for point in points:
        if corners:
            corners.append((point[0], corners[-1][1]))
        corners.append(point)
    return corners


def _within(curve: Sequence[Point], edge: float) -> list[Point]:
    inside = [point for point in curve if point[0] <= edge]
    return [*inside, (edge, _height(curve, edge))]


def _height(curve: Sequence[Point], x: float) -> float:
    """The value of a staircase at x: that of the last point not beyond it."""
    return max((point for point in curve if point[0] <= x), default=(0.0, 0.0))[1]


def _floor(value: float) -> float:
    """A round place below a share, for the start of an axis."""
    return max(0.0, math.floor((value - 0.02) * 10) / 10)


def _nearest(points: Sequence[Sequence[float]], threshold: float) -> Sequence[float] | None:
    """The point of the largest threshold not above the chosen one decides like it."""
    known = [p for p in points if len(p) > 2 and math.isfinite(p[2])]
    at_least = [p for p in known if p[2] >= threshold]
    return min(at_least, key=lambda p: p[2], default=None) or min(
        known, key=lambda p: abs(p[2] - threshold), default=None
    )
