"""Acquire: raw sources become a snapshot."""

from typing import Any

import msgspec

from roadworthy.bundle.keys import pseudonym_key
from roadworthy.data.acquire import acquire as acquire_data
from roadworthy.lifecycle.findings import write_findings
from roadworthy.lifecycle.stage import Work


def make(work: Work) -> dict[str, Any]:
    """Read every declared source into `table.parquet` and `snapshot.json`."""
    project = work.project
    acquired = acquire_data(
        project.declaration,
        root=project.root,
        sources=project.sources,
        folder=work.folder,
        progress=project.progress,
        key=pseudonym_key(project.keys.pseudonym),
    )
    write_findings(work.folder, acquired.findings)
    snapshot = acquired.snapshot
    return {
        "snapshot": snapshot.id,
        "kind": snapshot.kind,
        "rows": snapshot.rows,
        "sources": msgspec.to_builtins(snapshot.sources),
    }
