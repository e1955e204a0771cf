"""A datasheet: what a data set is, where it came from and what it should not be used for, from evidence.

Source: Gebru et al. (2021), Datasheets for datasets, Commun. ACM 64(12):86-92. Its questions are the sections; an
answer is a figure, a declaration, or "not declared".
"""

from roadworthy.documents.dataset import DataFacts
from roadworthy.documents.words import capital, day, number
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict

_SHOWN = 40
_NOT = "*Not declared.*"


def datasheet(facts: DataFacts) -> str:
    """The sheet as Markdown."""
    parts = [
        f"# Datasheet: {facts.name}",
        f"Version `{facts.version[:16]}`, {day(facts.at)}.",
        *_motivation(facts),
        *_composition(facts),
        *_quality(facts),
        *_collection(facts),
        *_processing(facts),
        *_uses(facts),
        *_distribution(facts),
    ]
    return "\n\n".join(parts) + "\n"


def _motivation(facts: DataFacts) -> list[str]:
    owner = f"Answerable: {facts.owner}." if facts.owner else f"Answerable: {_NOT}"
    return ["## Motivation", f"{facts.need}." if facts.need else _NOT, owner]


def _composition(facts: DataFacts) -> list[str]:
    portrait = facts.portrait
    cells = portrait.rows * len(portrait.columns)
    rows = ["| column | scale | distinct | missing | middle or most frequent |", "| --- | --- | --- | --- | --- |"]
    for column in portrait.columns:
        share = number(column.missing / column.rows if column.rows else 0.0, "share")
        middle = column.numbers.get("median") or (column.top[0].value if column.top and not column.masked else "")
        cell = [column.name, column.scale, f"{column.distinct:,}", share, middle]
        rows.append("| " + " | ".join(_cell(one) for one in cell) + " |")
    unit = f"One row is {facts.unit}. " if facts.unit else ""
    target = f" The answer is in `{facts.target}`." if facts.target else ""
    groups = f" Groups of people are named by {_listed(facts.protected)}." if facts.protected else ""
    return [
        "## Composition",
        f"{unit}{portrait.rows:,} rows, {len(portrait.columns)} columns; "
        f"{number(portrait.missing / cells if cells else 0.0, 'share')} of all cells hold no value, "
        f"{number(portrait.repeated, 'share')} of the rows repeat another.{target}{groups}",
        "\n".join(rows),
    ]


def _quality(facts: DataFacts) -> list[str]:
    portrait = facts.portrait
    scores = [
        f"- {capital(one.dimension)}: {number(one.score, 'share')} "
        f"({number(one.low, 'share')} to {number(one.high, 'share')})"
        for one in portrait.scores
    ]
    concerns = [_concern(one) for one in portrait.findings if one.verdict is not Verdict.PASS]
    more = f"\n- and {len(concerns) - _SHOWN} more" if len(concerns) > _SHOWN else ""
    return [
        "## Quality",
        *(["Share free of breaches, by dimension:", "\n".join(scores)] if scores else []),
        "Errors, noise, redundancies that were found:",
        ("\n".join(concerns[:_SHOWN]) + more) if concerns else "None.",
    ]


def _collection(facts: DataFacts) -> list[str]:
    raw = [f"- `{one.name}` ({one.bytes:,} bytes, SHA-256 `{one.sha256[:16]}`)" for one in facts.raw[:_SHOWN]]
    more = [f"- and {len(facts.raw) - _SHOWN} more files"] if len(facts.raw) > _SHOWN else []
    return [
        "## Collection",
        f"Rows are dated {day(facts.period[0])} to {day(facts.period[1])}." if facts.period else "Rows have no time.",
        "Ground of use: " + ("; ".join(facts.consents) if facts.consents else _NOT),
        "Read from:\n\n" + "\n".join(raw + more) if raw else "Read from: " + _NOT,
    ]


def _processing(facts: DataFacts) -> list[str]:
    marks = f"People in {_listed(facts.pseudonymised)} are replaced by keyed marks." if facts.pseudonymised else ""
    derived = [f"- `{name}` = `{text}`" for name, text in facts.derived.items()]
    made = "Derived columns:\n\n" + "\n".join(derived) if derived else "No column was derived."
    return ["## Processing", *([marks] if marks else []), made]


def _uses(facts: DataFacts) -> list[str]:
    personal = [one for one in facts.portrait.findings if one.check.startswith("data.personal")]
    said = ["- " + capital(one.summary) for one in personal if one.verdict is not Verdict.PASS]
    asked = f"To learn `{facts.target}`." if facts.target else _NOT
    return ["## Uses", asked, *(["Personal data that were noticed:", "\n".join(said)] if said else [])]


def _distribution(facts: DataFacts) -> list[str]:
    licence = "; ".join(facts.licences) if facts.licences else _NOT
    kept = f" Kept for {facts.retention}." if facts.retention else ""
    fresh = f"Renewed every {facts.refresh}." if facts.refresh else f"Renewal: {_NOT}"
    return ["## Distribution and maintenance", f"Licence: {licence}", fresh + kept]


def _concern(finding: Finding) -> str:
    return f"- {capital(finding.summary)} (`{finding.check}`)"


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")[:60]
