"""Old, future and late records, deliveries, clocks, values that stand still, and how far back to learn from."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pytest

from roadworthy.data.quality.clocks import clocks
from roadworthy.data.quality.look import Look, Seen
from roadworthy.data.quality.stale import stale
from roadworthy.data.quality.timeliness import deliveries, timeliness
from roadworthy.data.quality.windows import windows
from roadworthy.declare.data import Data
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import parse_duration

Looking = Callable[..., Look]
DAY = 86_400.0
START = datetime(2022, 1, 3, tzinfo=UTC).timestamp()


def of(seen: Seen) -> dict[str, Finding]:
    return {one.check: one for one in seen.findings}


def timed(look: Looking, times: Any, *, others: dict[str, Any] | None = None, **rest: Any) -> Look:
    data = rest.pop("data", Data(sources=(), time="t"))
    columns = pl.DataFrame({"t": times, **(others or {})})
    made = look(columns, data=data, **rest)
    return msgspec.structs.replace(made, table=columns, scales={**made.scales, "t": "datetime"})


def test_old_future_and_lone_dates(look: Looking) -> None:
    times = START + DAY * np.arange(300.0)
    times[[5, 6]] += 5000 * DAY
    times[7] -= 9000 * DAY
    data = Data(sources=(), time="t", max_age=parse_duration("100d"))
    found = of(timeliness(timed(look, times, data=data)))
    assert found["data.future_dates"].evidence["rows"] == ["r5", "r6"]
    assert found["data.old_dates"].evidence["rows"] == ["r7"]
    assert found["data.timeliness"].measured == 199 - 2
    clean = timeliness(timed(look, START + DAY * np.arange(300.0)))
    assert clean.findings == []
    ahead = of(timeliness(timed(look, START + DAY * np.arange(300.0), as_of=START + 290 * DAY)))
    assert ahead["data.future_dates"].measured == 9.0


def test_without_one_column_of_times_nothing_is_said(look: Looking) -> None:
    assert timeliness(look({"a": ["x", "y"] * 30})).findings == []
    two = {"a": ["2020-01-01", "2020-01-02"] * 30, "b": ["2020-01-01", "2020-01-02"] * 30}
    assert timeliness(look(two)).findings == []


@pytest.mark.parametrize(
    ("times", "skipped", "late"),
    [
        (np.arange(30.0), 0, 0),
        (np.delete(np.arange(30.0), [4, 5, 20]), 3, 0),
        (np.arange(30.0) + np.where(np.arange(30) == 9, 0.3, 0.0), 0, 1),
        (np.repeat(np.arange(30.0), 5) + np.tile(np.arange(5) / 1000, 30), 0, 0),
        (np.delete(np.arange(0, 30, 0.01), slice(500, 800)), 3, 0),
    ],
)
def test_deliveries_in_batches_and_in_streams(times: np.ndarray, skipped: int, late: int) -> None:
    seen = deliveries(START + times * DAY, DAY)
    assert (seen.skipped, seen.late) == (skipped, late)


def test_a_schedule_is_held_against_what_came(look: Looking) -> None:
    data = Data(sources=(), time="t", refresh=parse_duration("1d"))
    times = START + DAY * np.delete(np.arange(60.0), [30, 31])
    gap = of(timeliness(timed(look, times, data=data)))["data.refresh"]
    assert (gap.verdict, gap.measured) == (Verdict.FAIL, 2.0)
    assert gap.evidence["skipped_from"][0]["from"].startswith("2022-02-02")
    whole = START + DAY * np.arange(60.0)
    assert of(timeliness(timed(look, whole, data=data)))["data.refresh"].verdict is Verdict.PASS
    overdue = of(timeliness(timed(look, whole, data=data, as_of=START + 64 * DAY)))["data.refresh"]
    assert "periods old" in overdue.summary


def test_clocks_that_run_ahead_and_zones_that_were_lost(look: Looking) -> None:
    random = np.random.default_rng(2)
    sent = START + np.sort(random.uniform(0, 90 * DAY, 400))
    arrived = sent + random.uniform(1, 120, 400)
    shifted = sent.copy()
    shifted[::20] += 2 * 3600
    columns = pl.DataFrame({"sent": shifted, "arrived": arrived})
    made = look(columns)
    made = msgspec.structs.replace(made, table=columns, scales={"sent": "datetime", "arrived": "datetime"})
    (found,) = clocks(made).findings
    assert (found.subject, found.measured) == ("sent, arrived", 20.0)
    assert found.evidence["shifted_by_hours"] == {"-2": 20}
    columns = pl.DataFrame({"sent": sent, "arrived": arrived})
    assert clocks(msgspec.structs.replace(made, table=columns)).findings == []


def test_daylight_saving_is_seen_in_local_times(look: Looking) -> None:
    utc = [datetime(2021, 2, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(24 * 300)]
    spring, autumn = datetime(2021, 3, 28, 1, tzinfo=UTC), datetime(2021, 10, 31, 1, tzinfo=UTC)
    local = [moment + timedelta(hours=2 if spring <= moment < autumn else 1) for moment in utc]
    found = of(clocks(timed(look, [moment.timestamp() for moment in local])))["data.daylight_saving"]
    assert found.evidence["days"] == ["2021-03-28", "2021-10-31"]
    assert "data.daylight_saving" not in of(clocks(timed(look, [moment.timestamp() for moment in utc])))


def test_late_records_lie_far_behind(look: Looking) -> None:
    times = START + DAY / 10 * np.arange(1000.0)
    times[500:505] -= 20 * DAY
    late = of(clocks(timed(look, times)))["data.late"]
    assert late.evidence["rows"] == [f"r{row}" for row in range(500, 505)]
    assert clocks(timed(look, START + DAY / 10 * np.arange(1000.0))).findings == []
    assert clocks(timed(look, np.random.default_rng(0).permutation(times))).findings == []


def test_a_column_that_stands_still(look: Looking) -> None:
    random = np.random.default_rng(4)
    steady = random.normal(size=1000).round(3)
    rain = np.where(random.random(1000) < 0.1, random.gamma(2, size=1000).round(2), 0.0)
    hanging = steady.copy()
    hanging[300:360] = hanging[300]
    seen = stale(timed(look, START + DAY * np.arange(1000.0), others={"a": steady, "b": rain, "c": hanging}))
    (found,) = seen.findings
    assert (found.subject, found.measured) == ("c", 60.0)
    assert (found.evidence["runs"][0]["from"], found.evidence["runs"][0]["to"]) == ("r300", "r359")
    assert sorted(seen.suspects["row"].to_list()) == list(range(301, 360))


def test_a_sensor_that_hangs_is_found_among_those_that_do_not(look: Looking) -> None:
    random = np.random.default_rng(4)
    rows = [(f"s{sensor}", START + 3600.0 * hour, float(random.normal())) for hour in range(200) for sensor in range(5)]
    values = pl.DataFrame(rows, schema=["sensor", "t", "v"], orient="row")
    values = values.with_columns(
        v=pl.when((pl.col("sensor") == "s3") & (pl.col("t") > START + 360_000)).then(0.25).otherwise(pl.col("v"))
    )
    data = Data(sources=(), time="t", key="sensor")
    (found,) = stale(timed(look, values["t"], others={n: values[n] for n in ("sensor", "v")}, data=data)).findings
    assert found.evidence["runs"][0]["entity"] == "s3"
    assert found.measured == 99.0


def drifting(turn: int, rows: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(9)
    x = random.normal(size=rows)
    sign = np.where(np.arange(rows) < turn, -1.0, 1.0)
    return x, (sign * x + 0.5 * random.normal(size=rows) > 0).astype(int)


@pytest.mark.parametrize(("turn", "verdict"), [(0, Verdict.PASS), (1400, Verdict.FAIL)])
def test_a_window_is_proposed_where_the_past_misleads(look: Looking, turn: int, verdict: Verdict) -> None:
    x, answer = drifting(turn)
    table = timed(look, START + 3600.0 * np.arange(3000.0), others={"x": x, "y": answer}, target="y")
    (found,) = windows(table).findings
    assert found.verdict is verdict
    if verdict is Verdict.FAIL:
        assert "last" in found.remedy
        assert found.interval is not None
        assert found.interval.high < 0


def test_windows_of_a_quantity_and_of_too_little(look: Looking) -> None:
    random = np.random.default_rng(1)
    x = random.normal(size=1000)
    y = x + random.normal(size=1000)
    (found,) = windows(timed(look, START + DAY * np.arange(1000.0), others={"x": x, "y": y}, target="y")).findings
    assert found.verdict is Verdict.PASS
    few = timed(look, START + DAY * np.arange(100.0), others={"x": x[:100], "y": y[:100]}, target="y")
    assert windows(few).findings == []


def test_windows_rarely_alarm_where_nothing_changes(look: Looking) -> None:
    alarms = 0
    for seed in range(30):
        random = np.random.default_rng(seed)
        x = random.normal(size=800)
        y = (x + random.normal(size=800) > 0).astype(int)
        table = timed(look, START + DAY * np.arange(800.0), others={"x": x, "y": y}, target="y")
        alarms += windows(table).findings[0].verdict is Verdict.FAIL
    assert alarms <= 1


@pytest.mark.corpus
def test_elec2_stood_still_until_the_other_market_opened(corpus: Path, look: Looking) -> None:
    table = look(pl.read_csv(corpus / "elec2" / "electricity.csv.gz", infer_schema=False), target="class")
    found = {one.subject: one for one in stale(table).findings}
    assert set(found) == {"vicprice", "vicdemand", "transfer"}
    assert found["vicprice"].measured == 17_424.0
