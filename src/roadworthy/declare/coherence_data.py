"""Statements about data, split and features that contradict themselves or each other."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from fnmatch import fnmatchcase

from roadworthy.declare.data import Column, MailLabel, Pseudonym, Source
from roadworthy.declare.locate import Path
from roadworthy.declare.names import LABELLED, MAIL, NO_PATH, OWN_LABEL, TABLES
from roadworthy.declare.problems import Problems
from roadworthy.declare.sections import Known, Sections, columns
from roadworthy.declare.training import Features
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.kernel.scales import Operation, allows
from roadworthy.kernel.sealed import holds_password

_DIGEST = re.compile(r"[0-9a-fA-F]{64}")
Rule = Callable[[Sections, Known, Problems], None]


def sources(sections: Sections, known: Known, problems: Problems) -> None:
    """Each source is of a known kind, has a path where it needs one, and a label where its records hold none."""
    data = sections.data
    if data is None:
        return
    if not data.sources:
        problems.doubt(("data", "source"), "there is no source of data", fix="add a table [[data.source]]")
    for place, source in enumerate(data.sources):
        here = ("data", "source", place)
        if known.kinds is not None and source.kind not in known.kinds:
            fix = did_you_mean(source.kind, known.kinds)
            problems.doubt((*here, "kind"), f'there is no kind of source "{source.kind}"', fix=fix)
        if source.kind and not source.path and source.kind not in NO_PATH:
            problems.doubt((*here, "path"), f'a source of kind "{source.kind}" needs a path', fix='add path = "..."')
        _secrets(source, here, problems)
        _label_of(source, here, sections, problems)
    kinds = {source.kind for source in data.sources}
    if kinds & MAIL and kinds & TABLES:
        problems.doubt(("data", "source"), "mail and tables cannot be one set of data", fix="declare them apart")


def _secrets(source: Source, here: Path, problems: Problems) -> None:
    """No password stands in a file that is committed and stored."""
    for key, address in (("path", source.path), ("url", source.options.get("url"))):
        if isinstance(address, str) and holds_password(address):
            fix = f'write {key} = "...://user:${{PASSWORD}}@..." and export PASSWORD=...'
            problems.doubt((*here, key), f"{key} holds a password in the open", fix=fix)
    if source.path.startswith("http://") and not source.sha256:
        fix = 'use https://, or add sha256 = "..."'
        problems.doubt((*here, "path"), "what comes by plain http may be anything", fix=fix)
    if source.sha256 and not _DIGEST.fullmatch(source.sha256):
        problems.doubt((*here, "sha256"), "sha256 is no SHA-256", fix="write the 64 digits that sha256sum gives")
    if source.kind == "database" and not source.options.get("url"):
        problems.doubt((*here, "url"), 'a source of kind "database" needs a url', fix='add url = "sqlite:///shop.db"')


def _label_of(source: Source, here: Path, sections: Sections, problems: Problems) -> None:
    if source.label is None:
        if source.kind in LABELLED:
            fix = 'add label = { from = "folder", spam = ["spam*"], ham = ["*ham*"] }'
            problems.doubt((*here, "label"), "nothing says where the label of a mail comes from", fix=fix)
        return
    if source.kind in OWN_LABEL:
        problems.doubt(
            (*here, "label"), f'records of kind "{source.kind}" hold their label themselves', fix="take label out"
        )
    _label(source.label, (*here, "label"), sections, problems)


def _label(label: MailLabel, here: Path, sections: Sections, problems: Problems) -> None:
    """The label names what its origin needs, both classes, and the positive one among them."""
    needed = {"folder": (), "header": ("name",), "csv": ("path", "key", "name")}[label.origin]
    for key in needed:
        if not getattr(label, key):
            problems.doubt((*here, key), f'a label from {label.origin} needs "{key}"', fix=f'add {key} = "..."')
    if label.origin == "csv":
        return
    if len(label.values) < 2:
        problems.doubt(
            here,
            "the label needs at least two values, each with its patterns",
            fix='such as spam = ["spam*"], ham = ["*ham*"]',
        )
    elif sections.problem and sections.problem.positive not in label.values:
        positive = sections.problem.positive
        fix = did_you_mean(positive, label.values)
        problems.doubt(("problem", "positive"), f'the label is never "{positive}"', fix=fix)
    patterns = Counter(pattern for group in label.values.values() for pattern in group)
    for pattern, count in patterns.items():
        if count > 1:
            problems.doubt(
                here, f'the pattern "{pattern}" stands for two labels', fix="give each label its own patterns"
            )


def data_statements(sections: Sections, _known: Known, problems: Problems) -> None:
    """Dates, ages, and leaks that would take the answer itself away."""
    data = sections.data
    if data is None:
        return
    if data.as_of != "latest" and not _is_date(data.as_of):
        problems.doubt(
            ("data", "as_of"), f'as_of cannot be "{data.as_of}"', fix='write "latest", or a date such as "2026-01-31"'
        )
    for name, asked in (("max_age", 'how old a record may be, such as "365d"'), ("refresh", 'how often, such as "1d"')):
        said = getattr(data, name)
        if said is not None and said.seconds <= 0:
            problems.doubt(("data", name), f"{name} is no time at all", fix=f"write {asked}")
    target = sections.problem.target if sections.problem else ""
    for place, leak in enumerate(data.leaks):
        if target and fnmatchcase(target, leak):
            problems.doubt(
                ("data", "leaks", place),
                f'the leak "{leak}" takes the target "{target}" away',
                fix="make the pattern narrower",
            )
    if target and data.key == target:
        problems.doubt(
            ("data", "key"), f'"{target}" cannot be both key and target', fix="name the column that tells records apart"
        )


def population(sections: Sections, _known: Known, problems: Problems) -> None:
    """The groups of each column are shares of one whole."""
    for column, groups in sections.data.population.items() if sections.data else ():
        here: Path = ("data", "population", column)
        for group, share in groups.items():
            if not 0 < share <= 1:
                fix = "write a share above 0, such as 0.5"
                problems.doubt((*here, group), f"the share of {group} cannot be {share:g}", fix=fix)
        total = sum(groups.values())
        if total > 1 + 1e-6:
            problems.doubt(
                here,
                f'the groups of "{column}" are {total:.4g} of the population together',
                fix="write shares that add up to 1 at most",
            )


def repairs(sections: Sections, _known: Known, problems: Problems) -> None:
    """Repairs are of columns that a model reads; a number is not typed before its unit is taken off."""
    data, target = sections.data, sections.problem.target if sections.problem else ""
    if data is None:
        return
    for name, kinds in data.repair.items():
        here: Path = ("data", "repair", name)
        if name in {target, data.key, data.time}:
            problems.doubt(here, f'"{name}" is not read by the model', fix="repair it at its source")
        if not kinds:
            problems.doubt(here, f'nothing is repaired in "{name}"', fix='write ["spelling"], or leave it out')
        if "unit" in kinds and (data.columns.get(name) or Column()).scale is not None:
            fix = "take its scale away: what is left without a unit is a number"
            problems.doubt(here, f'"{name}" would be typed before its unit is taken off', fix=fix)
    if data.repair and any(source.kind in MAIL for source in data.sources):
        problems.doubt(("data", "repair"), "the fields of a mail are read by their own parser", fix="take it out")


def column_statements(sections: Sections, _known: Known, problems: Problems) -> None:
    """Ranges that hold nothing, orders without an ordinal scale, codes that never give the positive value."""
    data = sections.data
    for name, column in data.columns.items() if data else ():
        here = ("data", "columns", name)
        if column.min is not None and column.max is not None and column.min > column.max:
            problems.doubt(
                here,
                f'no value of "{name}" is at least {column.min:g} and at most {column.max:g}',
                fix="swap min and max",
            )
        _order(name, column, here, problems)
        _impute(column, here, problems)
        positive = sections.problem.positive if sections.problem and sections.problem.target == name else ""
        if positive and column.codes and positive not in column.codes.values():
            fix = did_you_mean(positive, column.codes.values())
            problems.doubt(("problem", "positive"), f'"{name}" is never "{positive}"', fix=fix)


def _order(name: str, column: Column, here: Path, problems: Problems) -> None:
    if column.order and column.scale not in (None, "ordinal"):
        problems.doubt(here, f'"{name}" has an order, but its scale is {column.scale}', fix='write scale = "ordinal"')
    if column.scale == "ordinal" and not column.order:
        problems.doubt(here, f'"{name}" is ordinal, but nothing says in which order', fix='add order = ["low", "high"]')


def _impute(column: Column, here: Path, problems: Problems) -> None:
    """A constant says which; a method has a meaning on the declared scale."""
    if (column.impute == "constant") != bool(column.fill):
        problems.doubt(
            here, 'impute = "constant" and fill belong together', fix='write impute = "constant", fill = "0"'
        )
    needs = {"mean": Operation.MEAN, "model": Operation.MEAN, "median": Operation.MEDIAN}.get(column.impute)
    if column.scale and needs and not allows(column.scale, needs):
        problems.doubt(
            here, f"there is no {column.impute} of a column that is {column.scale}", fix='write impute = "mode"'
        )


def named_columns(sections: Sections, _known: Known, problems: Problems) -> None:
    """Where the sources name their columns, every column spoken of elsewhere is one of them."""
    problem, data = sections.problem, sections.data
    known = columns(data) if data else None
    if problem is None or data is None or known is None:
        return
    spoken: list[tuple[Path, str]] = [(("problem", "target"), problem.target), (("data", "key"), data.key)]
    spoken += [(("data", "time"), data.time)]
    spoken += _items(("problem", "protected"), problem.protected)
    spoken += _items(("data", "pseudonymise"), data.pseudonymise)
    spoken += _items(("data", "quasi_identifiers"), data.quasi_identifiers)
    spoken += [(("data", "pseudonyms", name), name) for name in data.pseudonyms]
    spoken += [(("data", "pseudonyms", name, "person"), one.person) for name, one in data.pseudonyms.items()]
    spoken += [(("data", "columns", name), name) for name in data.columns]
    spoken += [(("data", "population", name), name) for name in data.population]
    spoken += [(("data", "repair", name), name) for name in data.repair]
    spoken += _items(("features", "columns"), sections.features.columns)
    spoken += _items(("features", "text", "columns"), sections.features.text.columns if sections.features.text else ())
    spoken += _items(("require", "fairness", "groups"), sections.require.fairness.groups)
    for path, name in spoken:
        if name and name not in known:
            problems.doubt(path, f'there is no column "{name}"', fix=did_you_mean(name, known))


def pseudonyms(sections: Sections, _known: Known, problems: Problems) -> None:
    """A column is replaced in one way, the answer in none, and what a form needs is there."""
    data, target = sections.data, sections.problem.target if sections.problem else ""
    if data is None:
        return
    for name, declared in data.pseudonyms.items():
        here = ("data", "pseudonyms", name)
        if name in data.pseudonymise:
            problems.doubt(here, f'"{name}" is replaced twice', fix="take it out of pseudonymise")
        if name == target:
            problems.doubt(here, f'the target "{name}" cannot be a pseudonym', fix="take it out")
        _form(declared, here, problems)
    if data.pseudonyms and any(source.kind in MAIL for source in data.sources):
        fix = 'write pseudonymise = ["from", "to"]'
        problems.doubt(("data", "pseudonyms"), "the fields of a mail are replaced by marks only", fix=fix)


def _form(declared: Pseudonym, here: Path, problems: Problems) -> None:
    if declared.days < 1:
        problems.doubt((*here, "days"), "dates would not be moved", fix="write a number of days, such as 365")
    if declared.person and declared.form != "date":
        problems.doubt((*here, "person"), f'"{declared.form}" needs no person', fix='write as = "date"')
    if declared.region and declared.form != "phone":
        problems.doubt((*here, "region"), f'"{declared.form}" needs no region', fix='write as = "phone"')


def split(sections: Sections, _known: Known, problems: Problems) -> None:
    """The test part is a real part, and its method has the column that it needs."""
    plan, data = sections.split, sections.data
    if not 0 < plan.test < 1:
        problems.doubt(
            ("split", "test"), f"the test part cannot be {plan.test:g} of the data", fix="write a share, such as 0.30"
        )
    if plan.method == "group" and not plan.group:
        problems.doubt(
            ("split", "method"),
            "a split by group needs the group",
            fix='add group = "<column>", or group = "near_duplicate"',
        )
    if data is None or plan.method != "time" or data.time:
        return
    if any(source.kind in TABLES for source in data.sources):
        problems.doubt(
            ("split", "method"), "a split by time needs a time column", fix='add time = "<column>" to [data]'
        )


def features(sections: Sections, _known: Known, problems: Problems) -> None:
    """No feature is the target, a protected column or a declared leak."""
    text = sections.features.text
    if text and not 1 <= text.ngrams <= 3:
        problems.doubt(("features", "text", "ngrams"), f"ngrams cannot be {text.ngrams}", fix="write 1, 2 or 3")
    for path, name in _features(sections.features):
        _feature(path, name, sections, problems)


def _features(chosen: Features) -> list[tuple[Path, str]]:
    """Every column named as a feature, and where."""
    spoken = _items(("features", "columns"), chosen.columns) + _items(("features", "extra"), chosen.extra)
    if chosen.text:
        spoken += _items(("features", "text", "columns"), chosen.text.columns)
    if chosen.reputation:
        spoken.append((("features", "reputation", "entity"), chosen.reputation.entity))
    return spoken


def _feature(path: Path, name: str, sections: Sections, problems: Problems) -> None:
    problem, leaks = sections.problem, sections.data.leaks if sections.data else ()
    if problem and name == problem.target:
        problems.doubt(path, f'the target "{name}" is declared as a feature', fix="take it out of the features")
    elif problem and name in problem.protected and not problem.use_protected:
        fix = "take it out of the features, or set use_protected = true with use_protected_reason"
        problems.doubt(path, f'the protected column "{name}" is declared as a feature', fix=fix)
    elif any(fnmatchcase(name, leak) for leak in leaks):
        problems.doubt(path, f'"{name}" is declared both as a leak and as a feature', fix="take it out of one of them")


def _items(path: Path, names: Iterable[str]) -> list[tuple[Path, str]]:
    return [((*path, place), name) for place, name in enumerate(names)]


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def trusted(sections: Sections, _known: Known, problems: Problems) -> None:
    """The trusted table has a key, tolerances that can be met, and similarities between 0 and 1."""
    data = sections.data
    if data is None or data.trusted is None:
        return
    said, here = data.trusted, ("data", "trusted")
    if not said.key and not data.key:
        problems.doubt(here, "nothing says which trusted record belongs to which", fix='add key = "<column>"')
    for name, off in said.tolerance.items():
        if off < 0:
            problems.doubt((*here, "tolerance", name), f'"{name}" cannot be off by {off:g}', fix="write 0 or more")
    for name, least in said.fuzzy.items():
        if not 0 < least <= 1:
            fix = "write how alike texts must be, such as 0.9"
            problems.doubt((*here, "fuzzy", name), f"no two texts are alike by {least:g}", fix=fix)


RULES: tuple[Rule, ...] = (
    sources,
    data_statements,
    trusted,
    population,
    repairs,
    column_statements,
    named_columns,
    pseudonyms,
    split,
    features,
)
"""Every rule of this page; each notes what it finds and goes on."""
