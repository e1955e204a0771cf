"""The source `simulated_mail`: the simulated provider's mail, labelled as its users labelled it."""

from collections.abc import Iterator
from typing import Any

from roadworthy.data.simulated.calendar import MONTHS
from roadworthy.data.simulated.provider import PER_DAY, simulate
from roadworthy.data.source import Given, RawMail, SourceContext
from roadworthy.declare.data import Source
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.nearest import did_you_mean

_DEFAULTS = {"seed": 7, "from_month": 1, "months": MONTHS, "per_day": PER_DAY}


def simulated_mail(declared: Source, *, context: SourceContext) -> Iterator[Given]:
    """Mail of the simulated provider, in the order of receipt.

    Options: `seed` (7), `from_month` (1), `months` (as many as the year still has) and `per_day` (20).

    Raises:
        SourceError: if an option is not known, is no whole number, or asks for months that there are not.
    """
    options = _options(declared)
    seed, first, per_day = options["seed"], options["from_month"], options["per_day"]
    last = first + options["months"] - 1 if "months" in declared.options else MONTHS
    archive = f"simulated/seed-{seed}-per-day-{per_day}"
    context.progress.begin(f"simulate mail of months {first} to {last}")
    for mail in simulate(seed, first_month=first, last_month=last, per_day=per_day):
        context.progress.advance()
        yield RawMail(raw=mail.raw, archive=archive, member=mail.name, label=mail.label)
    context.progress.end()


def _options(declared: Source) -> dict[str, int]:
    return _DEFAULTS | {name: _whole(name, value) for name, value in declared.options.items()}


def _whole(name: str, value: Any) -> int:
    if name not in _DEFAULTS:
        fix = did_you_mean(name, _DEFAULTS)
        raise SourceError(f"{name!r} is no option of simulated mail", where="[[data.source]]", fix=fix)
    if type(value) is not int:
        raise SourceError(f"{name} cannot be {value!r}", where="[[data.source]]", fix="write a whole number")
    return value
