"""Score: the live model answers a file or a folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
from msgspec import Struct, field

from roadworthy.bundle.model import Model, Predictions
from roadworthy.data.source import RawMail, RawTable, SourceContext
from roadworthy.data.unlabelled import read_unlabelled
from roadworthy.data.writing import demand_ending, write_table
from roadworthy.kernel.errors import PlaceError
from roadworthy.kernel.finding import Finding
from roadworthy.lifecycle.live import read_live
from roadworthy.lifecycle.project import Project
from roadworthy.lifecycle.release import check

_BATCH = 256


class ScoredFile(Struct, frozen=True, kw_only=True):
    """What a batch came to.

    Attributes:
        out: the file of answers: `key`, `where`, `label`, `probability`, in the order of the input.
        findings: inputs that could not be read; nothing is dropped without one.
    """

    version: str
    rows: int
    positive: int
    out: str
    findings: list[Finding] = field(default_factory=list)


def score(project: Project, given: Path, out: Path) -> ScoredFile:
    """Answer every record of `given`, read as the first declared source is read, and write the answers at once.

    Args:
        given: a file, folder, archive or glob of the declared kind; labels are not needed.
        out: `.csv`, `.jsonl` or `.parquet`; it appears whole or not at all.

    Raises:
        PlaceError: if nothing is live, or the name of `out` says no known format.
        GateError, BundleError: if the live bundle's certificate does not hold.
    """
    demand_ending(out)
    live = read_live(project)
    if live is None:
        raise PlaceError("nothing is live", where=str(project.live), fix="release a model: roadworthy release")
    check(project, live.version)
    model = Model.load(live.folder)
    findings: list[Finding] = []
    answers = list(_answers(project, model, given, findings))
    schema = {"key": pl.String, "where": pl.String, "label": pl.String, "probability": pl.Float64}
    table = pl.DataFrame(answers, schema=schema)
    write_table(table, out)
    positive = int((table["label"] == model.positive).sum())
    return ScoredFile(version=live.version, rows=table.height, positive=positive, out=str(out), findings=findings)


def _answers(project: Project, model: Model, given: Path, findings: list[Finding]) -> Iterator[dict[str, Any]]:
    declaration = project.declaration
    declared = msgspec.structs.replace(declaration.data.sources[0], path=str(given.absolute()), label=None)
    context = SourceContext(
        root=project.root, target=declaration.problem.target, data=declaration.data, progress=project.progress
    )
    waiting: list[RawMail] = []
    for one in project.sources[declared.kind](declared, context=context):
        if isinstance(one, Finding):
            findings.append(one)
        elif isinstance(one, RawTable):
            frame, keys, found = read_unlabelled(one, declaration, model.inputs)
            findings += found
            said = model.predict(frame.to_dict(as_series=False))
            where = [f"{one.archive}:{one.first_line + place}" for place in range(len(keys))]
            yield from _rows(model, said, keys.to_list(), where)
        else:
            waiting.append(one)
            if len(waiting) == _BATCH:
                yield from _mails(model, waiting)
                waiting = []
    yield from _mails(model, waiting)


def _mails(model: Model, mails: list[RawMail]) -> Iterator[dict[str, Any]]:
    if mails:
        said = model.predict_raw([mail.raw for mail in mails])
        yield from _rows(model, said, said.keys, [f"{mail.archive}/{mail.member}" for mail in mails])


def _rows(model: Model, said: Predictions, keys: list[str], where: list[str]) -> Iterator[dict[str, Any]]:
    names = (model.negative, model.positive)
    for key, place, decision, probability in zip(keys, where, said.decision, said.probability, strict=True):
        yield {"key": key, "where": place, "label": names[decision], "probability": float(probability)}
