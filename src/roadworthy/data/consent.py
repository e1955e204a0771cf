"""Consent given per record: only a plain yes is one."""

from collections.abc import Mapping
from typing import Any

YES = frozenset({"true", "yes", "y", "1", "1.0", "granted", "given"})


def given(record: Mapping[str, Any], column: str) -> bool:
    """Whether a record's consent column says yes; a missing column or value is a no.

    >>> given({"consent": "Yes"}, "consent"), given({"consent": ""}, "consent"), given({}, "consent")
    (True, False, False)
    """
    return str(record.get(column, "")).strip().lower() in YES
