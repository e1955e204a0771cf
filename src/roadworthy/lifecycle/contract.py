"""Contracts of any form held against any table, and written in another form; cells to check by hand."""

from pathlib import Path

from msgspec import Struct

from roadworthy.data.contract.forms.files import read_form, write_form
from roadworthy.data.contract.store import FORMAT, read_contract, write_contract
from roadworthy.data.contract.terms import Contract
from roadworthy.data.quality.contracted import judge_contract
from roadworthy.data.quality.look import Check, Look, look_with
from roadworthy.data.quality.manual import draw_sheet, write_sheet
from roadworthy.declare.data import Data
from roadworthy.kernel.catalogue import Catalogue
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.finding import Finding
from roadworthy.lifecycle.reading import Table
from roadworthy.measures.sampling import sample_size

_HEAD = 4_096


class Wanted(Struct, frozen=True, kw_only=True):
    """What a check by hand is to give.

    Attributes:
        within: wanted half-width of the interval of the share of wrong cells.
        expected: share of wrong cells that is expected.
        columns: to check; all where empty.
        seed: the same seed draws the same cells.
    """

    within: float
    expected: float
    columns: tuple[str, ...] = ()
    seed: int = 0


class Drawn(Struct, frozen=True, kw_only=True):
    """A sheet of cells that was drawn: how many of how many."""

    sheet: str
    cells: int
    among: int


def read_agreed(path: Path) -> Contract:
    """A contract from a file of our own form or of another.

    Raises:
        SourceError: if it cannot be read.
        DataError: if it says what a contract cannot.
    """
    return _read(path)[0]


def _read(path: Path) -> tuple[Contract, tuple[str, ...]]:
    try:
        ours = FORMAT in path.read_text(encoding="utf-8", errors="replace")[:_HEAD]
    except OSError as err:
        raise SourceError(f"there is no contract: {err.strerror}", where=str(path), fix="correct the path") from err
    if ours:
        return read_contract(path), ()
    found = read_form(path)
    return found.contract, found.left_out


def hold_against(table: Table, contract: Path) -> list[Finding]:
    """Every clause of a contract, of any form, on every row of a table.

    Raises:
        SourceError: if the contract cannot be read.
        DataError: if it says what cannot be judged.
    """
    look = _look(table, data=Data(sources=(), contract=contract.name), folder=contract.parent)
    return judge_contract(read_agreed(contract), look).findings


def translate_contract(contract: Path, out: Path, *, form: str) -> tuple[str, ...]:
    """Write a contract in another form, or in ours; returns what was left out on the way.

    Raises:
        SourceError: if the contract cannot be read.
        RoadworthyError: if there is no such form.
    """
    read, left = _read(contract)
    if form:
        return (*left, *write_form(read, out, form=form))
    write_contract(read, out)
    return left


def draw_cells(table: Table, checks: Catalogue[Check], *, out: Path, wanted: Wanted) -> Drawn:
    """Draw the cells that a wanted precision takes, more from the suspects of all checks, and write the sheet.

    Raises:
        DataError: if a column is not there. MeasureError: if a share is out of range.
    """
    look = _look(table, data=Data(sources=()), folder=Path())
    among = table.frame.height * (len(wanted.columns) or len(table.frame.columns))
    size = sample_size(wanted.expected, within=wanted.within, among=among)
    suspects = look_with(checks, look).suspects
    sheet = draw_sheet(look, cells=size, columns=wanted.columns, suspects=suspects, seed=wanted.seed)
    write_sheet(sheet, out)
    return Drawn(sheet=str(out), cells=sheet.height, among=among)


def _look(table: Table, *, data: Data, folder: Path) -> Look:
    return Look(
        table=table.frame, keys=table.keys, scales=table.scales, texts=table.texts, data=data, folder=str(folder)
    )
