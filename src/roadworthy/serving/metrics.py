"""Counters of the server, as Prometheus text with base units."""

import os
from bisect import bisect_left
from collections import Counter
from pathlib import Path
from time import time
from typing import TypeAlias

Labels: TypeAlias = tuple[tuple[str, str], ...]

_BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Metrics:
    """What is counted; the server adds, `text` shows."""

    def __init__(self) -> None:
        self.requests: Counter[int] = Counter()
        self.refused: Counter[str] = Counter()
        self.predictions: Counter[tuple[str, str, int]] = Counter()
        self.feedback = self.swaps = self.swap_refusals = self.turns = self.rows = 0
        self.connections = self.connections_opened = 0
        self.seconds_sum = 0.0
        self._seconds = [0] * (len(_BOUNDS) + 1)
        self._began = time()

    def took(self, seconds: float, requests: int) -> None:
        """Requests were answered this long after the first of their round arrived."""
        self._seconds[bisect_left(_BOUNDS, seconds)] += requests
        self.seconds_sum += seconds * requests

    def text(self, gauges: dict[str, float], info: Labels) -> bytes:
        """The metrics page.

        Args:
            gauges: name to value, what is known elsewhere (readiness, log).
            info: labels of the live model.
        """
        lines: list[str] = []
        _counter(lines, "requests_total", "Answered requests by status.", _by("status", self.requests))
        _counter(lines, "refused_total", "Refused requests by reason.", _by("reason", self.refused))
        _counter(
            lines,
            "predictions_total",
            "Answered rows by model, version and decision.",
            {
                (("model", model), ("version", version), ("decision", str(decision))): count
                for (model, version, decision), count in self.predictions.items()
            },
        )
        plain = {
            "feedback_total": ("Labels that came back.", self.feedback),
            "turns_total": ("Turns of the event loop that answered something.", self.turns),
            "turn_rows_total": ("Rows scored in those turns.", self.rows),
            "connections_opened_total": ("Connections accepted.", self.connections_opened),
            "model_swaps_total": ("Times a new model went live.", self.swaps),
            "model_refusals_total": ("Times a new model was refused and the old one kept.", self.swap_refusals),
        }
        for name, (told, value) in plain.items():
            _counter(lines, name, told, {(): value})
        self._histogram(lines)
        every = {"connections": float(self.connections), **gauges}
        for name, gauge in every.items():
            lines += [f"# TYPE roadworthy_{name} gauge", f"roadworthy_{name} {gauge:.17g}"]
        lines += ["# TYPE roadworthy_model_info gauge", f"roadworthy_model_info{_labels(info)} 1"]
        lines += ["# TYPE process_resident_memory_bytes gauge", f"process_resident_memory_bytes {_resident()}"]
        lines += ["# TYPE process_start_time_seconds gauge", f"process_start_time_seconds {self._began:.3f}", ""]
        return "\n".join(lines).encode()

    def _histogram(self, lines: list[str]) -> None:
        name = "roadworthy_request_seconds"
        lines += [
            f"# HELP {name} From the first request of a round of connections to the reply.",
            f"# TYPE {name} histogram",
        ]
        total = 0
        for bound, count in zip((*_BOUNDS, float("inf")), self._seconds, strict=True):
            total += count
            shown = "+Inf" if bound == float("inf") else f"{bound:g}"
            lines.append(f'{name}_bucket{{le="{shown}"}} {total}')
        lines += [f"{name}_sum {self.seconds_sum:.9g}", f"{name}_count {total}"]


def _by(label: str, counts: Counter[int] | Counter[str]) -> dict[Labels, int]:
    return {((label, str(value)),): count for value, count in sorted(counts.items())}


def _counter(lines: list[str], name: str, told: str, values: dict[Labels, int]) -> None:
    lines += [f"# HELP roadworthy_{name} {told}", f"# TYPE roadworthy_{name} counter"]
    lines += [f"roadworthy_{name}{_labels(labels)} {value}" for labels, value in values.items()]


def _labels(labels: Labels) -> str:
    shown = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{shown}}}" if shown else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _resident() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0
