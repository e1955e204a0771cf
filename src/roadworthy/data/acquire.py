"""Raw sources to a versioned table, with what was noticed on the way."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
from msgspec import Struct

from roadworthy.data.labels import labeller
from roadworthy.data.mails import MailRows, mail_scales
from roadworthy.data.personal import Marks
from roadworthy.data.places import source_files
from roadworthy.data.provenance import write_origins
from roadworthy.data.pseudonyms.forms import Forms
from roadworthy.data.quality.balance import judge_balance
from roadworthy.data.quality.look import Look
from roadworthy.data.retention import within_retention
from roadworthy.data.rules import derive, judge_rules
from roadworthy.data.snapshot import rows_id, write_snapshot
from roadworthy.data.source import Given, RawMail, ReadSource, SourceContext
from roadworthy.data.tables import TableRows
from roadworthy.declare.data import Source
from roadworthy.declare.declaration import Declaration
from roadworthy.kernel.catalogue import Catalogue
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.ports import Progress
from roadworthy.kernel.records import Snapshot, SourceFile
from roadworthy.kernel.sealed import shown, told_address
from roadworthy.kernel.units import plural

_NAMED = 20
_DAY = 86_400.0


class Acquired(Struct, frozen=True):
    """A snapshot, what was noticed while reading it, and the same rows for the checks of quality to look at."""

    snapshot: Snapshot
    findings: list[Finding]
    look: Look


def acquire(
    declaration: Declaration,
    *,
    root: Path,
    sources: Catalogue[ReadSource],
    folder: Path,
    progress: Progress,
    key: bytes,
) -> Acquired:
    """Read every declared source into one table; write `table.parquet` and `snapshot.json` into `folder`.

    Args:
        declaration: `[data]` says what is read, `[problem]` names the target.
        root: the folder of the declaration.
        sources: source kinds by name.
        folder: an existing scratch folder.
        progress: told how far reading has come.
        key: for pseudonyms; never stored.

    Raises:
        SourceError: if a source cannot be read at all.
        DataError: if no row can be used, the target is missing, or rows are of two kinds.
    """
    context = SourceContext(root=root, target=declaration.problem.target, data=declaration.data, progress=progress)
    marks = Marks(key)
    mails, tables = MailRows(declaration, marks), TableRows(declaration, marks, Forms(key))
    findings: list[Finding] = []
    kinds: set[str] = set()
    read: list[SourceFile] = []
    for declared in declaration.data.sources:
        label_of = labeller(declared.label, root)
        for given in _read(declared, sources, context):
            if isinstance(given, Finding):
                findings.append(given)
            elif isinstance(given, SourceFile):
                read.append(given)
            elif isinstance(given, RawMail):
                kinds.add("mail")
                mails.add(given, declared, label_of)
            else:
                kinds.add("table")
                tables.add(given, declared)
    if len(kinds) > 1:
        raise DataError("some sources hold mail and some hold tables", where="[[data.source]]", fix="declare one kind")
    if "mail" in kinds or not kinds:
        table, scales, kind = mails.table(), mail_scales(), "mail"
        findings += [_left_out(check, why, left.count, left.first) for (check, why), left in mails.left.items()]
    else:
        table, scales, more = tables.table()
        findings, kind = findings + more, "table"
    kept, old = within_retention(table, declaration, as_of=_as_of(declaration))
    table, findings = table.filter(kept), findings + old
    table, derived = derive(table, declaration)
    scales = _scales(table, scales | derived, declaration)
    snapshot = Snapshot(
        id=rows_id(table),
        kind=kind,
        rows=table.height,
        columns=scales,
        sources=source_files(declaration, root) + read,
        lineage=_lineage(declaration, tables.reasons),
    )
    write_snapshot(folder, table, snapshot)
    write_origins(folder, tables.origins, kept)
    judged = [judge_balance(table, declaration.problem), *judge_rules(table, declaration)]
    look = Look(
        table=table,
        keys=table["row_key"],
        scales=scales,
        texts=tables.texts.filter(kept) if kind == "table" else None,
        data=declaration.data,
        target=declaration.problem.target,
        used=declaration.features.named,
        as_of=_as_of(declaration),
        folder=str(root),
        progress=progress,
    )
    return Acquired(snapshot, few(findings) + judged, look)


def _as_of(declaration: Declaration) -> float | None:
    """The end of the declared day; None for the newest record."""
    said = declaration.data.as_of
    return None if said == "latest" else datetime.fromisoformat(said).replace(tzinfo=UTC).timestamp() + _DAY


def few(findings: list[Finding]) -> list[Finding]:
    """The same findings, of which no check and archive has more than 20: the rest are counted in one."""
    groups: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.check, str(finding.evidence.get("archive", finding.subject))].append(finding)
    kept: list[Finding] = []
    for (check, archive), group in groups.items():
        kept.extend(group[:_NAMED])
        rest = group[_NAMED:]
        if rest:
            members = [str(finding.evidence.get("member", "")) for finding in rest]
            kept.append(
                Finding(
                    check=check,
                    subject=archive,
                    verdict=Verdict.FAIL,
                    summary=f"{plural(len(rest), 'more record')} of {archive} like these.",
                    measured=float(len(rest)),
                    unit="records",
                    evidence={"archive": archive, "members": members},
                )
            )
    return kept


def _read(declared: Source, sources: Catalogue[ReadSource], context: SourceContext) -> Iterator[Given]:
    yield from sources[declared.kind](declared, context=context)


def _left_out(check: str, why: str, count: int, first: list[str]) -> Finding:
    return Finding(
        check=check,
        subject=first[0] if count == 1 else why,
        verdict=Verdict.FAIL,
        summary=f"{plural(count, 'mail')} left out: {why}; first: {', '.join(first[:3])}.",
        measured=float(count),
        unit="mails",
        evidence={"first": first},
        remedy="complete the label or consent if they should be used",
    )


def _scales(table: pl.DataFrame, known: dict[str, str], declaration: Declaration) -> dict[str, str]:
    """Scale of each column: declared, else known from the kind of data, else by its type."""
    scales: dict[str, str] = {}
    for name, dtype in table.schema.items():
        declared = declaration.data.columns.get(name)
        usual = "discrete" if dtype.is_integer() else "continuous" if dtype.is_numeric() else "nominal"
        scales[name] = (declared.scale if declared and declared.scale else None) or known.get(name, usual)
    return scales


def _lineage(declaration: Declaration, reasons: dict[str, str]) -> dict[str, Any]:
    """What was declared to make the table, and why each column has its scale."""
    data = declaration.data
    lineage: dict[str, Any] = {
        "sources": [
            {
                "kind": source.kind,
                "path": told_address(source.path) if "://" in source.path else source.path,
                "licence": source.licence,
                "consent": source.consent,
                "consent_column": source.consent_column,
                "label": source.label,
                "options": source.options,
            }
            for source in data.sources
        ],
        "pseudonymised": list(data.pseudonymise),
        "pseudonyms": {name: one.form for name, one in data.pseudonyms.items()},
        "derived": dict(data.derive),
        "scales": reasons,
    }
    return msgspec.json.decode(msgspec.json.encode(lineage, enc_hook=shown), type=dict[str, Any])
