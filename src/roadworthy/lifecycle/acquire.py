"""Acquire: raw sources become a snapshot, and every check of quality looks at it."""

from typing import Any

import msgspec

from roadworthy.bundle.keys import pseudonym_key
from roadworthy.data.acquire import acquire as acquire_data
from roadworthy.data.quality.card import score_card
from roadworthy.data.quality.look import look_with
from roadworthy.lifecycle.findings import write_findings
from roadworthy.lifecycle.stage import Work

SUSPECTS_FILE = "suspects.parquet"
"""Cells that are likely wrong (`data.quality.look.SUSPECTS`), likeliest first, beside the snapshot."""
CARD_FILE = "card.json"
"""The score card (`data.quality.card.ScoreCard`), beside the snapshot."""


def make(work: Work) -> dict[str, Any]:
    """Read every source into `table.parquet` and `snapshot.json`; likely wrong cells into `suspects.parquet`."""
    project = work.project
    acquired = acquire_data(
        project.declaration,
        root=project.root,
        sources=project.sources,
        folder=work.folder,
        progress=project.progress,
        key=pseudonym_key(project.keys.pseudonym),
    )
    seen = look_with(project.checks, acquired.look)
    seen.suspects.write_parquet(work.folder / SUSPECTS_FILE, compression="zstd")
    findings = [*acquired.findings, *seen.findings]
    card = score_card(acquired.look, findings, seen.suspects)
    (work.folder / CARD_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(card), indent=1))
    write_findings(work.folder, findings)
    snapshot = acquired.snapshot
    return {
        "snapshot": snapshot.id,
        "kind": snapshot.kind,
        "rows": snapshot.rows,
        "suspects": seen.suspects.height,
        "scores": {one.dimension: one.score for one in card.dimensions},
        "sources": msgspec.to_builtins(snapshot.sources),
    }
