"""What is read of mails."""

from fnmatch import fnmatchcase

import polars as pl

from roadworthy.bundle.inputs import InputType
from roadworthy.bundle.steps.mailfacts import GROUPS, INPUTS, MailFacts
from roadworthy.bundle.steps.texts import HEADERS, MailMarks, MailText
from roadworthy.bundle.steps.weighted import TermReader
from roadworthy.declare.declaration import Declaration
from roadworthy.declare.training import Features, Reputation, TextFeatures
from roadworthy.features.plan import MARKS_WEIGHT, Plan, known, text_terms
from roadworthy.features.terms import TermChoice
from roadworthy.kernel.errors import DataError

_LISTS = ("list-id", "list-unsubscribe", "list-post", "mailing-list")
_TRANSPORT = ("hops", "log_size", "header_count")
_EVERYTHING = Features(
    text=TextFeatures(columns=("subject", "text")), reputation=Reputation(entity="from_domain"), extra=tuple(GROUPS)
)
_TEXTS = (
    "text",
    "subject",
    "from_domain",
    "reply_domain",
    "message_id_domain",
    "message_id",
    "mailer",
    "content_type",
    "transfer_encoding",
)
_LIST_COLUMNS = ("links", "attachments", "headers", "to_addresses", "charset_notes")
TYPES: dict[str, InputType] = {
    **dict.fromkeys(INPUTS, "number"),
    **dict.fromkeys(_TEXTS, "text"),
    **dict.fromkeys(_LIST_COLUMNS, "list"),
    **dict.fromkeys(("date", "received"), "date"),
}


def mail_plan(table: pl.DataFrame, declaration: Declaration) -> Plan:
    """Words, letters, marks, facts and the sender's reputation, as far as they were declared; all if nothing was.

    Headers that are declared leaks are not read. If any header of mailing lists is one, the tags and lines that lists
    add to subject and body are not read either; nor is how long a way the mail took.

    Raises:
        DataError: if a declared column or group of facts is not known.
    """
    said = declaration.features if declaration.features != Features() else _EVERYTHING
    leaks = tuple(pattern.lower().replace("_", "-") for pattern in declaration.data.leaks)
    if said.columns:
        raise DataError(
            "mail is not read by columns", where="[features] columns", fix="say text, reputation and extra instead"
        )
    groups = known(said.extra, GROUPS, where="[features] extra")
    facts = MailFacts(groups=groups, without=_TRANSPORT if leaks else ())
    entity = said.reputation.entity if said.reputation else ""
    return Plan(
        fixed=(facts,) if groups else (),
        terms=(*_words(said.text, declaration, leaks), *_marks(groups, declaration, leaks)),
        reputation=known([entity], ["", *table.columns], where="[features] reputation")[0],
        time=_time(table, declaration),
        types=TYPES | {entity: "text"},
    )


def _words(said: TextFeatures | None, declaration: Declaration, leaks: tuple[str, ...]) -> tuple[TermChoice, ...]:
    if said is None:
        return ()
    columns = {"text" if name == "body" else name for name in said.columns}
    known(columns, ("subject", "text"), where="[features] text")
    lists = any(fnmatchcase(name, pattern) for name in _LISTS for pattern in leaks)
    text = MailText(redact=declaration.data.redact, lists=lists, subject="subject" in columns, body="text" in columns)
    return text_terms(text, said)


def _marks(groups: tuple[str, ...], declaration: Declaration, leaks: tuple[str, ...]) -> tuple[TermChoice, ...]:
    if "headers" not in groups:
        return ()
    headers = tuple(name for name in HEADERS if not any(fnmatchcase(name, pattern) for pattern in leaks))
    text = MailMarks(headers=headers, redact=declaration.data.redact)
    return (TermChoice(reader=TermReader(name="marks", text=text, analyser="lines", weight=MARKS_WEIGHT)),)


def _time(table: pl.DataFrame, declaration: Declaration) -> str:
    """The column that orders mails: `time` stands in for `received`, since it has the Date where that is missing."""
    declared = declaration.data.time
    return "time" if declared in {"", "received"} or declared not in table.columns else declared
