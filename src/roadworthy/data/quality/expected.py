"""Which columns are expected to hold a value in every row."""

from roadworthy.data.quality.look import Look

_EVERY_MAIL = frozenset(("message_id", "date", "received", "from_address", "subject", "text"))


def expected_columns(look: Look) -> list[str]:
    """Columns in which a missing value is a lack, in the order of the table.

    Left out are names of rows, nested values, and what was declared optional. Of a mail's own columns only those count
    that every mail has: a mail without attachments lacks nothing.
    """
    by_mail = "raw_sha256" in look.table.columns
    optional = {name for name, declared in look.data.columns.items() if declared.optional}
    return [
        name
        for name, dtype in look.table.schema.items()
        if name != "row_key"
        and name not in optional
        and not dtype.is_nested()
        and not (by_mail and name not in _EVERY_MAIL)
    ]
