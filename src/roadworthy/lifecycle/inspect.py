"""Inspect: the test levels before a release, cheap ones first."""

import os
from typing import Any

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from roadworthy.bundle.model import Model
from roadworthy.data.raw import read_raw
from roadworthy.data.snapshot import read_table
from roadworthy.inspection.checks import run_checks
from roadworthy.inspection.contracts import inspect_contracts
from roadworthy.inspection.load import load
from roadworthy.inspection.odd import inspect_odd_inputs
from roadworthy.inspection.parity import inspect_parity
from roadworthy.inspection.replay import Sample
from roadworthy.inspection.robustness import inspect_typos
from roadworthy.inspection.stress import stress_findings
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.units import plural
from roadworthy.lifecycle.child_server import Served, on_trial
from roadworthy.lifecycle.findings import write_findings
from roadworthy.lifecycle.prepare import truth_of
from roadworthy.lifecycle.stage import Work
from roadworthy.lifecycle.train import read_path

_SAMPLE = 200
_WARM_SECONDS = 0.3


def make(work: Work) -> dict[str, Any]:
    """Contracts, parity, odd inputs, robustness, load, and the user's own checks."""
    require = work.project.declaration.require
    bundle = work.before["train"].folder / "bundle"
    model = Model.load(bundle)
    rows, expected = read_path(work.before["train"].folder)
    tested = read_table(work.before["acquire"].folder)[rows]
    columns = tested.to_dict(as_series=False)
    progress = work.project.progress
    findings = [
        *inspect_contracts(model, columns, folder=bundle, progress=progress),
        *run_checks(work.project.root / "checks", bundle, environment=dict(os.environ)),
        *_parity(work, model, tested[:_SAMPLE], expected[:_SAMPLE]),
        *inspect_odd_inputs(model, columns, progress=progress),
    ]
    levels = ["data", "unit", "integration", "performance"]
    if require.fairness.limits:
        levels.append("fairness")
    if require.robustness:
        findings += _typos(work, model, tested)
        levels.append("robustness")
    if require.stress is not None:
        findings += _stress(work, model, tested)
        levels.append("stress")
    write_findings(work.folder, findings)
    return {"levels": levels, "findings": len(findings)}


def _parity(work: Work, model: Model, sample: pl.DataFrame, expected: NDArray[np.float64]) -> list[Finding]:
    """From the raw input where there is one, as production gives it; from the columns else."""
    bundle = work.before["train"].folder / "bundle"
    if model.kind == "mail":
        given = Sample(raws=_raws(work, sample))
    else:
        names = [field.name for field in model.inputs]
        given = Sample(columns=sample.select(names).to_dict(as_series=False))
    return inspect_parity(bundle, given, expected=expected, threshold=model.threshold)


def _raws(work: Work, rows: pl.DataFrame) -> list[bytes]:
    """The raw messages of these rows, in their order.

    Raises:
        DataError: if the source holds one of them no longer.
    """
    project, wanted = work.project, rows["raw_sha256"].to_list()
    found = read_raw(project.declaration, root=project.root, sources=project.sources, wanted=wanted)
    gone = [name for name in wanted if name not in found]
    if gone:
        raise DataError(
            f"{plural(len(gone), 'message')} of the snapshot can no longer be read from the source",
            where=gone[0],
            fix="restore the raw mail, or run again so that a new snapshot is taken",
        )
    return [found[name] for name in wanted]


def _typos(work: Work, model: Model, tested: pl.DataFrame) -> list[Finding]:
    declaration = work.project.declaration
    return inspect_typos(
        model,
        tested.to_dict(as_series=False),
        truth=truth_of(tested, declaration.problem),
        bar=declaration.require.robustness["typos"],
        seed=declaration.training.seed,
        progress=work.project.progress,
    )


def _stress(work: Work, model: Model, tested: pl.DataFrame) -> list[Finding]:
    """The real server under the declared load, fed with the test part."""
    stress = work.project.declaration.require.stress
    if stress is None:
        return []
    bundle = work.before["train"].folder / "bundle"
    requests = _requests(work, model, tested[:_SAMPLE])
    work.project.progress.begin("load the server")
    with on_trial(bundle, model.version, desk=work.desk) as served:
        asked = _addressed(requests, served)
        load(served.host, served.port, asked, concurrent=min(8, stress.concurrent), seconds=_WARM_SECONDS)
        result = load(served.host, served.port, asked, concurrent=stress.concurrent, seconds=stress.seconds)
        resident = served.resident_mb
    work.project.progress.end()
    return stress_findings(result, resident, stress)


def _requests(work: Work, model: Model, tested: pl.DataFrame) -> list[tuple[str, str, bytes]]:
    """Path, content type and body of each request."""
    if model.kind == "mail":
        return [(f"/v2/models/{model.name}/mail", "message/rfc822", raw) for raw in _raws(work, tested)]
    rows = tested.select([field.name for field in model.inputs]).to_dicts()
    return [("/predict", "application/json", msgspec.json.encode(row)) for row in rows]


def _addressed(requests: list[tuple[str, str, bytes]], served: Served) -> list[bytes]:
    """Whole HTTP requests."""
    return [
        f"POST {path} HTTP/1.1\r\nhost: {served.host}:{served.port}\r\ncontent-type: {kind}\r\n"
        f"content-length: {len(body)}\r\n\r\n".encode()
        + body
        for path, kind, body in requests
    ]
