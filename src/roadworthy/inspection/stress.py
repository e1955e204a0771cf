"""Test level `stress`: what a load showed, held against the declared limits."""

import numpy as np
from numpy.typing import NDArray

from roadworthy.declare.requirements import Stress
from roadworthy.inspection.load import LoadResult
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Interval, Limit, Verdict
from roadworthy.kernel.units import plural

_BATCHES = 20
_T_19 = 2.093  # 97.5 % point of Student's t with _BATCHES - 1 degrees of freedom
_Z = 1.96
_REMEDY = "give the server more cores or a smaller model, or declare fewer concurrent requests"


def stress_findings(result: LoadResult, rss_mb: float, stress: Stress) -> list[Finding]:
    """One finding for each declared limit: `stress.mean_ms`, `stress.p99_ms`, `stress.errors`, `stress.memory_mb`.

    Args:
        result: what the load generator saw.
        rss_mb: resident memory of the server under that load, in 1,000,000 bytes.
        stress: the declared load and its limits.
    """
    latencies = result.latencies
    measured: dict[str, tuple[float, Interval | None, str]] = {
        "errors": (float(result.errors + result.timeouts), None, "requests"),
        "memory_mb": (rss_mb, None, "MB"),
    }
    if len(latencies):
        measured["mean_ms"] = (float(latencies.mean()), mean_interval(latencies), "ms")
        measured["p99_ms"] = (float(np.quantile(latencies, 0.99)), quantile_interval(latencies, 0.99), "ms")
    return [_finding(name, limit, measured.get(name), result, stress) for name, limit in stress.limits.items()]


def mean_interval(latencies: NDArray[np.float64]) -> Interval | None:
    """95 % interval of the mean by batch means, since neighbouring latencies resemble each other.

    Source: Law (2015), Simulation Modeling and Analysis, 9.5.3: 20 batches in order of time, Student's t.

    Returns:
        None below 10 replies a batch.
    """
    if len(latencies) < 10 * _BATCHES:
        return None
    means = np.array([part.mean() for part in np.array_split(latencies, _BATCHES)])
    half = _T_19 * float(means.std(ddof=1)) / _BATCHES**0.5
    middle = float(latencies.mean())
    return Interval(max(0.0, middle - half), middle + half)


def quantile_interval(latencies: NDArray[np.float64], share: float) -> Interval | None:
    """95 % interval of a quantile between two order statistics (binomial, normal approximation).

    Returns:
        None where too few replies lie beyond the quantile.
    """
    rows = len(latencies)
    half = _Z * (rows * share * (1 - share)) ** 0.5
    low, high = int(rows * share - half), int(np.ceil(rows * share + half))
    if low < 0 or high >= rows:
        return None
    ordered = np.partition(latencies, [low, high])
    return Interval(float(ordered[low]), float(ordered[high]))


def _finding(
    name: str, limit: Limit, found: tuple[float, Interval | None, str] | None, result: LoadResult, stress: Stress
) -> Finding:
    subject = f"{plural(stress.concurrent, 'concurrent request')} for {stress.seconds:g} s"
    evidence = {
        "requests": result.requests,
        "errors": result.errors,
        "timeouts": result.timeouts,
        "per_second": round(result.rate, 1),
        "first_error": result.first_error,
    }
    if found is None:
        return Finding(
            check=f"stress.{name}",
            subject=subject,
            verdict=Verdict.FAIL,
            limit=limit,
            severity=Severity.BLOCKER,
            summary=f"no request was answered, so there is no {name}: {result.first_error or 'none was sent'}",
            evidence=evidence,
            remedy="see why the server does not answer",
        )
    value, interval, unit = found
    finding = Finding.judged(
        f"stress.{name}",
        subject,
        measured=value,
        limit=limit,
        interval=interval,
        unit=unit,
        severity=Severity.BLOCKER,
        summary=_SUMMARIES[name].format(value=value, rate=result.rate, requests=result.requests, limit=limit),
        evidence=evidence,
    )
    return finding if finding.verdict is Verdict.PASS else _with_remedy(finding)


def _with_remedy(finding: Finding) -> Finding:
    fields = {name: getattr(finding, name) for name in finding.__struct_fields__}
    return Finding(**{**fields, "remedy": _REMEDY})


_SUMMARIES = {
    "mean_ms": "the mean reply took {value:.2f} ms at {rate:,.0f} replies a second (limit {limit})",
    "p99_ms": "99 % of the replies took at most {value:.2f} ms (limit {limit})",
    "errors": "{value:.0f} of {requests:,} requests failed or timed out (limit {limit})",
    "memory_mb": "the server held {value:.0f} MB under load (limit {limit})",
}
