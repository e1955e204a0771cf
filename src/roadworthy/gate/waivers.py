"""Waivers: how a person answers for a finding, and how that is kept."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from roadworthy.bundle.certificate import Waiver
from roadworthy.kernel.errors import GateError
from roadworthy.kernel.fingerprint import fingerprint

KIND = "waiver"
"""The kind under which the ledger keeps them."""


def defects(waiver: Waiver, *, now: datetime) -> list[str]:
    """Why a waiver counts for nothing; empty if it is good.

    A waiver needs a person, a reason of at least three words, a check by its full name, and a day in the future.
    """
    found = []
    if not waiver.person.strip():
        found.append("it names no person")
    if len(waiver.reason.split()) < 3:
        found.append("it gives no reason (say it in at least three words)")
    if "." not in waiver.check or any(sign in waiver.check for sign in "*?["):
        found.append("it does not name one check (such as performance.precision)")
    if now >= waiver.ends:
        found.append(f"it expired on {waiver.expires}")
    return found


def granted(waiver: Waiver, *, now: datetime) -> Waiver:
    """The waiver with the time at which it was given.

    Raises:
        GateError: if it lacks a person, a reason, a check or an expiry in the future.
    """
    wrong = defects(waiver, now=now)
    if wrong:
        raise GateError(
            f"this waiver is refused: {'; '.join(wrong)}",
            where=f"waiver of {waiver.check or '(no check)'}",
            fix="name who answers for it, why, for which check, and until which day",
        )
    return msgspec.structs.replace(waiver, granted=now.isoformat())


def waiver_document(waiver: Waiver) -> tuple[str, dict[str, Any]]:
    """Key and body under which the ledger keeps it; the same waiver has the same key."""
    body = msgspec.to_builtins(waiver)
    return fingerprint({**body, "granted": ""})[:16], body


def read_waivers(bodies: Iterable[dict[str, Any]]) -> list[Waiver]:
    """Waivers from the ledger's documents.

    Raises:
        GateError: if a document is none.
    """
    try:
        return [msgspec.convert(body, Waiver) for body in bodies]
    except msgspec.ValidationError as err:
        raise GateError(f"a kept waiver cannot be read: {err}", where="ledger", fix="grant it again") from err
