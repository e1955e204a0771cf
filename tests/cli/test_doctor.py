"""What `doctor` prints may be pasted anywhere."""

import pytest
from click.testing import CliRunner

from roadworthy.cli.declaring import doctor
from roadworthy.kernel.errors import LedgerError
from roadworthy.ledger.sql import open_ledger


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_settings_are_shown_without_their_secrets(options, monkeypatch):
    monkeypatch.setenv("ROADWORTHY_TOKEN", "a-token-of-sixteen-letters")
    monkeypatch.setenv("ROADWORTHY_LEDGER", "postgresql://ada:hunter2@db.example.org/ledger")
    printed = CliRunner().invoke(doctor, options).output
    assert "db.example.org" in printed
    assert "hunter2" not in printed
    assert "a-token" not in printed


def test_a_ledger_that_is_none_is_named_without_its_password():
    with pytest.raises(LedgerError, match="no address of a ledger") as caught:
        open_ledger("postgresql//ada://ada:hunter2@host:port/x")
    assert "hunter2" not in str(caught.value)
