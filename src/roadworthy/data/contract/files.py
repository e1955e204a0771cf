"""The files that lie beside the data and decide what is found in them: what a look at the data depends on too."""

from contextlib import suppress
from pathlib import Path

from roadworthy.data.contract.store import read_contract
from roadworthy.declare.data import Data
from roadworthy.kernel.errors import RoadworthyError
from roadworthy.kernel.fingerprint import sha256_file


def beside_files(data: Data, root: Path) -> list[tuple[str, str]]:
    """The declared contract, its reference tables, the trusted table and the checked sheet, each with its SHA-256.

    A file that is not there, or that cannot be read, is left out: the check that needs it says so.
    """
    named = [data.contract, *(one.path for one in (data.trusted, data.checked) if one is not None)]
    named = [name for name in named if name]
    if data.contract:
        with suppress(RoadworthyError):
            terms = read_contract(root / data.contract).columns.values()
            named += [one.reference.path for one in terms if one.reference]
    return [(name, sha256_file(root / name)) for name in dict.fromkeys(named) if (root / name).is_file()]
