"""`roadworthy.toml` read: a declaration, or everything that is wrong with it at once."""

import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from roadworthy.declare import coherence, coherence_data
from roadworthy.declare import locate as locating
from roadworthy.declare.convert import Converter
from roadworthy.declare.data import Data, SplitPlan
from roadworthy.declare.declaration import Declaration
from roadworthy.declare.deployment import Deploy
from roadworthy.declare.monitoring import Monitor
from roadworthy.declare.names import SEALED, SOURCE_OPTIONS
from roadworthy.declare.problem import Costs
from roadworthy.declare.problem import Problem as Stated
from roadworthy.declare.problems import Problems
from roadworthy.declare.requirements import Require
from roadworthy.declare.sections import Known, Sections
from roadworthy.declare.shapes import entries
from roadworthy.declare.training import Features, Training
from roadworthy.kernel.errors import DeclarationError, Problem
from roadworthy.kernel.nearest import did_you_mean, nearest
from roadworthy.kernel.sealed import Sealed

FILE_NAME = "roadworthy.toml"
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SYNTAX_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_NOTHING_KNOWN = Known()


def read_declaration(
    path: Path,
    *,
    environment: Mapping[str, str],
    known: Known = _NOTHING_KNOWN,
    options: Mapping[str, Collection[str]] = SOURCE_OPTIONS,
) -> Declaration:
    """Read a declaration from its file, or from `roadworthy.toml` in a folder.

    Args:
        path: the file, or the folder that holds it.
        environment: what `${NAME}` in any text is filled from.
        known: names of sources and learners, and today's date, to compare with.
        options: kind of source to the keys that it reads beside those of every source.

    Raises:
        DeclarationError: holding every problem, each with file, line and remedy.
    """
    file = path / FILE_NAME if path.is_dir() else path
    try:
        text = file.read_bytes().decode("utf-8")
    except OSError as err:
        fix = "name a file or a folder that holds one; `roadworthy init` writes one"
        raise DeclarationError([Problem(f"there is no declaration: {err.strerror}", str(file), fix)]) from err
    except UnicodeDecodeError as err:
        line = err.object.count(b"\n", 0, err.start) + 1
        raise DeclarationError([Problem("the file is not UTF-8 text", f"{file}:{line}", "save it as UTF-8")]) from err
    return parse_declaration(text, name=str(file), environment=environment, known=known, options=options)


def parse_declaration(
    text: str,
    *,
    name: str,
    environment: Mapping[str, str],
    known: Known = _NOTHING_KNOWN,
    options: Mapping[str, Collection[str]] = SOURCE_OPTIONS,
) -> Declaration:
    """Read a declaration from its text; `name` stands in the messages for the file.

    Raises:
        DeclarationError: holding every problem, each with line and remedy.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        raise DeclarationError([_syntax(str(err), text, name)]) from err
    problems = Problems(name, locating.locate(text))
    document = _filled(document, environment, (), problems)
    sections = _sections(document, Converter(problems, options=options), problems)
    for rule in (*coherence.RULES, *coherence_data.RULES):
        rule(sections, known, problems)
    found = problems.all()
    if found or sections.problem is None or sections.data is None:
        raise DeclarationError(found)
    return Declaration(
        problem=sections.problem,
        data=sections.data,
        costs=sections.costs,
        split=sections.split,
        features=sections.features,
        training=sections.training,
        require=sections.require,
        deploy=sections.deploy,
        monitor=sections.monitor,
    )


def _sections(document: dict[str, Any], converter: Converter, problems: Problems) -> Sections:
    """Every table as far as it can be read."""
    known = [entry.key for entry in entries(Declaration)]
    for key, value in document.items():
        if key not in known:
            problems.add((key,), f'unknown {_noun(value)} "{key}"', fix=did_you_mean(key, known))
    problem = data = None
    if "problem" in document:
        problem = converter.record(Stated, document["problem"], ("problem",))
    elif nearest("problem", document) is None:
        problems.add(("problem",), 'the table "problem" is missing', fix="add [problem]; `roadworthy init` writes one")
    if "data" in document:
        data = converter.record(Data, document["data"], ("data",))
    elif nearest("data", document) is None:
        problems.add(("data",), 'the table "data" is missing', fix="add [[data.source]] with kind and path")
    return Sections(
        problem=problem,
        data=data,
        costs=converter.record(Costs, document.get("costs", {}), ("costs",)) or Costs(),
        split=converter.record(SplitPlan, document.get("split", {}), ("split",)) or SplitPlan(),
        features=converter.record(Features, document.get("features", {}), ("features",)) or Features(),
        training=converter.record(Training, document.get("training", {}), ("training",)) or Training(),
        require=converter.record(Require, document.get("require", {}), ("require",)) or Require(),
        deploy=converter.record(Deploy, document.get("deploy", {}), ("deploy",)) or Deploy(),
        monitor=converter.record(Monitor, document.get("monitor", {}), ("monitor",)) or Monitor(),
    )


def _filled(value: Any, environment: Mapping[str, str], path: locating.Path, problems: Problems) -> Any:
    """The document with `${NAME}` filled from the environment."""
    if isinstance(value, dict):
        return {key: _filled(item, environment, (*path, key), problems) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, environment, (*path, place), problems) for place, item in enumerate(value)]
    if not isinstance(value, str):
        return value
    for variable in dict.fromkeys(_VARIABLE.findall(value)):
        if not environment.get(variable):
            fix = f"set it (export {variable}=...), or write the path itself"
            problems.add(path, f"the environment variable {variable} is not set", fix=fix)
    filled = _VARIABLE.sub(lambda found: environment.get(found[1]) or found[0], value)
    return Sealed(value, filled) if filled != value and _secret(value, path) else filled


def _secret(value: str, path: locating.Path) -> bool:
    """Whether what is filled in may be a secret: an address, or a key that is made for secrets."""
    of_source = path[:2] == ("data", "source")
    return of_source and (bool(SEALED.intersection(path)) or (path[-1] == "path" and "://" in value))


def _syntax(message: str, text: str, name: str) -> Problem:
    """A TOML error with its line; tomllib says `at end of document` where the text ends too early."""
    found = _SYNTAX_LINE.search(message)
    line = int(found[1]) if found else text.rstrip().count("\n") + 1
    what = message.split(" (at ", maxsplit=1)[0]
    return Problem(
        f"this is not TOML: {what}", f"{name}:{line}", "mend the line; see https://toml.io for how it is written"
    )


def _noun(value: object) -> str:
    return "table" if isinstance(value, (dict, list)) else "key"
