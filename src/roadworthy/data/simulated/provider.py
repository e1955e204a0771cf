"""The provider: a year of raw mail, with the labels that users gave and when they gave them."""

from collections.abc import Iterator
from importlib.resources import files
from random import Random

from msgspec import Struct

from roadworthy.data.simulated.calendar import MONTHS, Calendar
from roadworthy.data.simulated.draft import Draft
from roadworthy.data.simulated.grammar import Grammar
from roadworthy.data.simulated.unwanted import NEW_TACTIC, Unwanted
from roadworthy.data.simulated.wanted import Wanted
from roadworthy.data.simulated.world import World, make_world
from roadworthy.data.simulated.writing import write
from roadworthy.kernel.errors import SourceError

PER_DAY = 20
_SPAM_SHARE = 0.30
_UNASKED = 0.055  # of newsletters: a user who subscribed and forgot says spam
_OVERLOOKED = 0.018  # of spam: filed as wanted
_REPORTED = {"spam": 0.80, "ham": 0.35}
_REPORTED_NEW = 0.65  # the new tactic is believed by many
_HOUR = 3_600.0


class SimulatedMail(Struct, frozen=True, kw_only=True):
    """One message as the provider holds it.

    Attributes:
        raw: the message, RFC 5322.
        label: `spam` or `ham` as users see it, about one in a hundred wrongly.
        truth: what it is.
        received: UTC seconds.
        reported_at: when a user told the label (marked it as spam, or as wanted); None if nobody ever did.
        kind: work, personal, list, notice, receipt, newsletter, or the campaign that it belongs to.
        name: the same message has the same name whenever it is made again, such as `2025-03/00042`.
    """

    raw: bytes
    label: str
    truth: str
    received: float
    reported_at: float | None
    kind: str
    name: str


def simulate(
    seed: int, *, first_month: int = 1, last_month: int = MONTHS, per_day: int = PER_DAY
) -> Iterator[SimulatedMail]:
    """Mail of some months, in the order of receipt.

    A month is the same whether it is made alone or with others.

    Args:
        seed: another seed is another company.
        first_month: 1 to 12; last_month: the same or later; both are made.
        per_day: mails a day on average, at least 1.

    Raises:
        SourceError: if there is no such month, or no mail to make.

    >>> first = next(simulate(7))
    >>> first.label in ("spam", "ham"), b"Received: " in first.raw
    (True, True)
    """
    if not 1 <= first_month <= last_month <= MONTHS:
        asked = f"months {first_month} to {last_month}"
        raise SourceError(f"there are no {asked}", where="simulated mail", fix=f"months go from 1 to {MONTHS}")
    if per_day < 1:
        raise SourceError(f"{per_day} mails a day are none", where="simulated mail", fix="per_day is 1 or more")
    grammar = read_grammar()
    world = make_world(seed, grammar)
    for month in range(first_month, last_month + 1):
        yield from _month(seed, month, per_day, grammar, world)


def read_grammar() -> Grammar:
    """The rules that ship with the package."""
    folder = files("roadworthy.data.simulated") / "grammar"
    names = ("words.txt", "work.txt", "services.txt", "spam.txt")
    return Grammar.read((folder / name).read_text(encoding="utf-8") for name in names)


def _month(seed: int, month: int, per_day: int, grammar: Grammar, world: World) -> Iterator[SimulatedMail]:
    random, calendar = Random(f"{seed}:{month}:{per_day}"), Calendar(month)  # noqa: S311 - a simulation needs no secrets
    count = round(calendar.days * per_day * random.uniform(0.95, 1.05))
    spam = round(count * _SPAM_SHARE * random.uniform(0.9, 1.1))
    drafts = Wanted(world, grammar, calendar, random).write(count - spam)
    drafts += Unwanted(world, grammar, calendar, random).write(spam)
    drafts.sort(key=lambda draft: draft.received)
    for place, draft in enumerate(drafts):
        label = _label(draft, random)
        yield SimulatedMail(
            raw=write(draft, random),
            label=label,
            truth=draft.truth,
            received=float(int(draft.received)),
            reported_at=_reported(draft, label, random),
            kind=draft.kind,
            name=f"month-{month:02}/{place:05}",
        )


def _label(draft: Draft, random: Random) -> str:
    """What users make of it."""
    wrong = _OVERLOOKED if draft.truth == "spam" else _UNASKED if draft.kind == "newsletter" else 0.0
    return {"spam": "ham", "ham": "spam"}[draft.truth] if random.random() < wrong else draft.truth


def _reported(draft: Draft, label: str, random: Random) -> float | None:
    """When the label came in: soon or much later, or never."""
    share = _REPORTED_NEW if draft.kind == NEW_TACTIC else _REPORTED[label]
    if label != draft.truth:
        share = float(label == "spam")
    delay = random.lognormvariate(0.0, 1.2) * (30.0 if draft.kind == NEW_TACTIC else 6.0) * _HOUR
    return draft.received + delay if random.random() < share else None
