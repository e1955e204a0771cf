"""Raw bytes of given mails, read back from where they lay."""

from collections.abc import Collection
from pathlib import Path

from roadworthy.data.source import RawMail, ReadSource, SourceContext
from roadworthy.declare.declaration import Declaration
from roadworthy.kernel.catalogue import Catalogue
from roadworthy.kernel.fingerprint import sha256
from roadworthy.kernel.ports import Silent


def read_raw(
    declaration: Declaration, *, root: Path, sources: Catalogue[ReadSource], wanted: Collection[str]
) -> dict[str, bytes]:
    """The raw messages with these content addresses (column `raw_sha256`); one that lies there no longer is left out.

    Sources are read again from the beginning, until all are found: archives cannot be entered in the middle, and a
    source that makes its mails makes the same ones again.
    """
    left = set(wanted)
    found: dict[str, bytes] = {}
    context = SourceContext(root=root, target=declaration.problem.target, data=declaration.data, progress=Silent())
    for declared in declaration.data.sources:
        if not left:
            break
        for given in sources[declared.kind](declared, context=context):
            if isinstance(given, RawMail) and (digest := sha256(given.raw)) in left:
                found[digest] = given.raw
                left.discard(digest)
                if not left:
                    break
    return found
