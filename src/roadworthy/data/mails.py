"""Raw messages turned into the rows of a snapshot."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl
from msgspec import Struct, field

from roadworthy.bundle.mail import Mail, mail_columns, parse_mail
from roadworthy.data.consent import given as consent_given
from roadworthy.data.labels import Labeller
from roadworthy.data.personal import Marks
from roadworthy.data.source import RawMail
from roadworthy.declare.data import Source
from roadworthy.declare.declaration import Declaration
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.fingerprint import sha256

_BATCH = 2_000
_SHOWN = 5
_KEY_DIGITS = 16
_TEXTS = (
    "message_id",
    "from_name",
    "from_address",
    "from_domain",
    "reply_domain",
    "message_id_domain",
    "subject",
    "text",
    "mailer",
    "content_type",
    "transfer_encoding",
)
_LISTS = ("to_addresses", "headers", "list_headers", "links", "attachments", "charset_notes")
_TIMES = ("date", "received", "time")
PROVENANCE = ("archive", "member", "offset", "raw_sha256", "row_key")


def mail_schema() -> dict[str, pl.DataType]:
    """Type of each column that comes from `Mail`."""
    kinds: dict[str, pl.DataType] = {}
    for name in Mail.__struct_fields__:
        if name in _TEXTS:
            kinds[name] = pl.String()
        elif name in _LISTS:
            kinds[name] = pl.List(pl.String())
        else:
            kinds[name] = pl.Float64() if name in _TIMES else pl.Int64()
    return kinds


def mail_scales() -> dict[str, str]:
    """Scale of each column that comes from `Mail`."""
    scales = {name: "discrete" for name in Mail.__struct_fields__}
    scales |= dict.fromkeys(("subject", "text", *_LISTS), "text") | dict.fromkeys(_TIMES, "datetime")
    nominal = ("from_domain", "reply_domain", "message_id_domain", "mailer", "content_type", "transfer_encoding")
    identifier = ("message_id", "from_address", "from_name", *PROVENANCE)
    return scales | dict.fromkeys(nominal, "nominal") | dict.fromkeys(identifier, "identifier")


def mail_rows(mails: Sequence[RawMail]) -> pl.DataFrame:
    """Messages as rows, with nothing declared: what each one says, the label that its source gave, and where it lay."""
    parsed = pl.DataFrame(mail_columns([parse_mail(one.raw) for one in mails]), schema=mail_schema())
    beside = [{**one.extra, "label": one.label, "archive": one.archive, "member": one.member} for one in mails]
    return pl.concat([parsed, _beside_frame(beside)], how="horizontal")


class Left(Struct):
    """Records left out for one reason: how many, and the first few."""

    count: int = 0
    first: list[str] = field(default_factory=list)


class MailRows:
    """Collects parsed messages; `table` gives them as one frame."""

    def __init__(self, declaration: Declaration, marks: Marks) -> None:
        self._declaration, self._marks = declaration, marks
        self._frames: list[pl.DataFrame] = []
        self._mails: list[Mail] = []
        self._beside: list[dict[str, Any]] = []
        self._keys: Counter[str] = Counter()
        self.left: dict[tuple[str, str], Left] = {}

    def add(self, raw: RawMail, declared: Source, label_of: Labeller) -> None:
        """Parse, label and keep one message, or count why it is left out."""
        mail = parse_mail(raw.raw)
        labelled = label_of(raw, mail)
        extra = {**labelled.extra, **raw.extra}
        if labelled.label is None:
            self._leave("data.labels", labelled.why, raw)
        elif declared.consent_column and not consent_given(extra, declared.consent_column):
            self._leave("data.consent", f"{declared.consent_column} is not given", raw)
        else:
            self._keep(mail, raw, labelled.label, extra)

    def _keep(self, mail: Mail, raw: RawMail, label: str, extra: dict[str, Any]) -> None:
        digest = sha256(raw.raw)
        beside = {
            **extra,
            self._declaration.problem.target: label,
            "archive": raw.archive,
            "member": raw.member,
            "offset": raw.offset,
            "raw_sha256": digest,
            "row_key": self._key(mail, extra, digest),
        }
        clash = (extra.keys() | {self._declaration.problem.target}) & set(Mail.__struct_fields__)
        if clash:
            raise DataError(
                f"{', '.join(sorted(clash))} is already a column of every mail",
                where="[problem] target, or a column beside the mails",
                fix="give it another name",
            )
        if self._declaration.data.pseudonymise:
            mail = self._marks.mail(mail, self._declaration.data.pseudonymise)
        self._mails.append(mail)
        self._beside.append(beside)
        if len(self._mails) >= _BATCH:
            self._flush()

    def _key(self, mail: Mail, extra: dict[str, Any], digest: str) -> str:
        """The declared key (the message id unless declared otherwise), else the content; made unique by a number."""
        named = self._declaration.data.key or "message_id"
        value = extra[named] if named in extra else getattr(mail, named, "")
        key = str(value) if value else f"sha256:{digest[:_KEY_DIGITS]}"
        self._keys[key] += 1
        return key if self._keys[key] == 1 else f"{key}#{self._keys[key]}"

    def _leave(self, check: str, why: str, raw: RawMail) -> None:
        left = self.left.setdefault((check, why), Left())
        left.count += 1
        if len(left.first) < _SHOWN:
            left.first.append(f"{raw.archive}:{raw.member}")

    def _flush(self) -> None:
        if self._mails:
            columns = pl.DataFrame(mail_columns(self._mails), schema=mail_schema())
            self._frames.append(pl.concat([columns, _beside_frame(self._beside)], how="horizontal"))
            self._mails, self._beside = [], []

    def table(self) -> pl.DataFrame:
        """All rows so far, in reading order.

        Raises:
            DataError: if every message was left out.
        """
        self._flush()
        if not self._frames:
            why = "; ".join(f"{left.count:,} mails: {why}" for (_, why), left in self.left.items())
            raise DataError(
                f"no mail can be used: {why or 'there is none'}",
                where="[[data.source]]",
                fix='declare where labels come from, such as label = { from = "folder", spam = ["spam*"] }',
            )
        return pl.concat(self._frames, how="diagonal_relaxed")


def _beside_frame(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    names: Iterable[str] = dict.fromkeys(name for row in rows for name in row)
    return pl.DataFrame({name: pl.Series([row.get(name) for row in rows], strict=False) for name in names})
