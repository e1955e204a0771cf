"""What a database says when it cannot go on, in words that say what to do."""

from roadworthy.kernel.errors import LedgerError

_SAID: tuple[tuple[str, str, str], ...] = (
    (
        "not a database",
        "the ledger file is damaged, or is no ledger",
        "restore it from a backup, or move it away; it was left as it is",
    ),
    ("malformed", "the ledger file is damaged", "restore it from a backup, or move it away; it was left as it is"),
    (
        "is locked",
        "another process holds the ledger",
        "wait for it to end (`roadworthy status` names it), then run this again",
    ),
    ("lock timeout", "another process holds the ledger", "wait for it to end, then run this again"),
    ("is full", "the disk is full; the ledger is as it was before", "free some space, then run this again"),
    ("no space left", "the disk is full; the ledger is as it was before", "free some space, then run this again"),
    ("disk i/o error", "the disk does not take or give the ledger's pages", "look at the disk, then run this again"),
    ("readonly", "no permission to write the ledger", "choose a file you own in ROADWORTHY_LEDGER"),
    ("unable to open", "the ledger cannot be opened", "choose a file you may read and write in ROADWORTHY_LEDGER"),
    ("connection refused", "no database server answers", "start PostgreSQL, or set ROADWORTHY_LEDGER to a file"),
    ("can't create a connection", "no database server answers", "start PostgreSQL, or set ROADWORTHY_LEDGER to a file"),
    ("failed to resolve", "no database server of that name", "look at the host in ROADWORTHY_LEDGER"),
    ("authentication failed", "the database does not let us in", "look at user and password in ROADWORTHY_LEDGER"),
    ("permission denied", "no permission to write the ledger", "grant the user of ROADWORTHY_LEDGER its rights"),
    ("does not exist", "there is no such database", "create it: createdb NAME"),
    ("surrogates not allowed", "text that is no Unicode cannot be recorded", "replace the broken characters first"),
)


def explain(error: Exception, *, where: str) -> LedgerError:
    """The database's own words turned into what, where and how to fix it.

    >>> explain(RuntimeError("database is locked"), where="ledger.db").what
    'another process holds the ledger'
    """
    said = str(getattr(error, "orig", None) or error)
    for sign, what, fix in _SAID:
        if sign in said.lower():
            return LedgerError(what, where=where, fix=fix)
    return LedgerError(
        f"the ledger did not answer: {said}", where=where, fix="look at the database, then run this again"
    )
