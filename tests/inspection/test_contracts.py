import msgspec
import numpy as np
import pytest

from roadworthy.inspection.contracts import inspect_contracts
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.limits import Verdict

ALL = {"shape", "determinism", "batch", "order", "empty", "missing_values", "missing_column", "reload"}


class Broken:
    """A released model whose `predict` is spoilt."""

    def __init__(self, model, spoil):
        self.model, self.spoil, self.calls = model, spoil, 0

    def __getattr__(self, name):
        return getattr(self.model, name)

    def predict(self, columns):
        self.calls += 1
        return self.spoil(self, columns)


def failing(model, columns, **rest):
    found = inspect_contracts(model, columns, **rest)
    return {finding.check.removeprefix("unit.") for finding in found if finding.verdict is not Verdict.PASS}


@pytest.mark.parametrize("kind", ["table", "mail"])
def test_a_sound_model_keeps_every_contract(kind, request):
    released = request.getfixturevalue(kind)
    found = inspect_contracts(released.model, released.columns, folder=released.folder)
    assert {finding.check.removeprefix("unit.") for finding in found} == ALL
    assert [f.summary for f in found if f.verdict is not Verdict.PASS] == []
    assert all(finding.evidence["tried"] for finding in found)


def _change(found, **parts):
    return msgspec.structs.replace(found, **parts)


def _wrong_kind(self, columns):
    found = self.model.predict(columns)
    return _change(found, probability=found.probability.astype(np.float32))


def _out_of_range(self, columns):
    found = self.model.predict(columns)
    return _change(found, probability=found.probability + 0.9)


def _not_a_number(self, columns):
    found = self.model.predict(columns)
    return _change(found, probability=np.where(found.dense[:, 0] > 0, np.nan, found.probability))


def _by_chance(self, columns):
    found = self.model.predict(columns)
    return _change(found, probability=np.clip(found.probability + 1e-9 * self.calls, 0, 1))


def _scaled_by_the_batch(self, columns):
    found = self.model.predict(columns)
    return _change(found, probability=found.probability * (1 - 1 / (9 + len(found.probability))))


def _first_row_counts(self, columns):
    found = self.model.predict(columns)
    return _change(found, probability=(found.probability + found.probability[:1]) / 2)


def _empty_crash(self, columns):
    if not len(columns["amount"]):
        raise IndexError("list index out of range")
    return self.model.predict(columns)


def _missing_crash(self, columns):
    if "amount" in columns and None in columns["amount"]:
        raise TypeError("float() argument")
    return self.model.predict(columns)


def _guesses(self, columns):
    return self.model.predict(
        {"amount": [0.0] * len(columns["purpose"]), **columns} if "purpose" in columns else columns
    )


@pytest.mark.parametrize(
    ("spoil", "check"),
    [
        (_wrong_kind, "shape"),
        (_out_of_range, "shape"),
        (_not_a_number, "shape"),
        (_by_chance, "determinism"),
        (_scaled_by_the_batch, "batch"),
        (_first_row_counts, "order"),
        (_empty_crash, "empty"),
        (_missing_crash, "missing_values"),
        (_guesses, "missing_column"),
    ],
)
def test_each_way_to_break_a_contract_is_found(table, spoil, check):
    assert check in failing(Broken(table.model, spoil), table.columns)


def test_a_model_that_changes_when_it_is_stored_is_found(table):
    class Reloaded(Broken):
        @classmethod
        def load(cls, folder):
            return table.model

    model = Reloaded(table.model, _scaled_by_the_batch)
    assert "reload" in failing(model, table.columns, folder=table.folder)


def test_a_model_that_refuses_everything_is_one_clear_finding(table):
    def refuse(self, columns):
        raise DataError("no", where="here", fix="nothing")

    found = inspect_contracts(Broken(table.model, refuse), table.columns)
    assert [(f.check, f.verdict) for f in found] == [("unit.shape", Verdict.FAIL)]
    assert found[0].blocks
