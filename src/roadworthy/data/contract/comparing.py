"""Two editions of a contract: which clauses were added, taken away, made tighter or looser."""

from typing import Any, Literal

from msgspec import Struct

from roadworthy.data.contract.terms import CLAUSES, Contract, Terms

How = Literal["added", "removed", "tighter", "looser", "changed"]

_WITHIN = frozenset({("number", "integer"), ("text", "number"), ("text", "integer"), ("datetime", "date")})


class Change(Struct, frozen=True, kw_only=True):
    """One clause in which two contracts differ.

    Attributes:
        subject: a column, `a + b` for a key, the name of a rule.
        clause: `column`, a clause of it, `key`, `rule`, or a word of the whole contract.
        how: `tighter` if every table that keeps the new one keeps the old one, `looser` the other way round.
    """

    subject: str
    clause: str
    how: How
    old: Any = None
    new: Any = None

    def __str__(self) -> str:
        """One line for people."""
        if self.how == "added":
            return f"{self.subject}: {self.clause} added: {self.new}"
        if self.how == "removed":
            return f"{self.subject}: {self.clause} removed (was {self.old})"
        return f"{self.subject}: {self.clause} {self.how}, from {self.old} to {self.new}"


def compare(old: Contract, new: Contract) -> list[Change]:
    """What changed, column by column, then across columns. Evidence, scales and words are not compared.

    >>> a, b = Contract(columns={"x": Terms(min=0, max=9)}), Contract(columns={"x": Terms(min=0, max=5)})
    >>> [str(change) for change in compare(a, b)]
    ['x: range tighter, from (0, 9) to (0, 5)']
    """
    changes = [change for name in {**old.columns, **new.columns} for change in _column(name, old, new)]
    sides = (old.keys, new.keys)
    pairs = {" + ".join(key.columns): key for keys in sides for key in keys}
    for name, key in pairs.items():
        before, after = (key.columns if key.columns in [one.columns for one in keys] else None for keys in sides)
        changes += _clause(name, "key", before, after)
    for name in {**old.rules, **new.rules}:
        said, says = old.rules.get(name), new.rules.get(name)
        changes += _clause(name, "rule", said and said.rule, says and says.rule)
    changes += _clause("the table", "closed", old.closed or None, new.closed or None)
    return changes


def _column(name: str, old: Contract, new: Contract) -> list[Change]:
    before, after = old.columns.get(name), new.columns.get(name)
    if before is None or after is None:
        told = _told(after or before or Terms())
        how: How = "removed" if after is None else "added"
        return [Change(subject=name, clause="column", how=how, old=before and told, new=after and told)]
    changes = [
        change for clause in CLAUSES for change in _clause(name, clause, before.says(clause), after.says(clause))
    ]
    return changes + _clause(name, "presence", name not in old.optional or None, name not in new.optional or None)


def _told(terms: Terms) -> str:
    return ", ".join(clause for clause in CLAUSES if terms.says(clause) is not None) or "nothing but its name"


def _clause(name: str, clause: str, old: Any, new: Any) -> list[Change]:
    if old == new:
        return []
    if old is None or new is None:
        return [Change(subject=name, clause=clause, how="added" if old is None else "removed", old=old, new=new)]
    return [Change(subject=name, clause=clause, how=_how(clause, old, new), old=old, new=new)]


def _how(clause: str, old: Any, new: Any) -> How:
    if clause == "values":
        inside = (set(new) <= set(old), set(old) <= set(new))
    elif clause in ("range", "length"):
        inside = (_within(new, old), _within(old, new))
    elif clause == "type":
        inside = ((old, new) in _WITHIN, (new, old) in _WITHIN)
    else:
        inside = (False, False)
    return "tighter" if inside[0] else "looser" if inside[1] else "changed"


def _within(inner: tuple[Any, Any], outer: tuple[Any, Any]) -> bool:
    """Whether one pair of bounds lies within another; an open end lies within an open end only."""
    ends = [end for end in (*inner, *outer) if end is not None]
    if len({isinstance(end, str) for end in ends}) > 1:
        return False
    low = outer[0] is None or (inner[0] is not None and inner[0] >= outer[0])
    high = outer[1] is None or (inner[1] is not None and inner[1] <= outer[1])
    return bool(low and high)
