"""Whatever a user can name (verb, setting, error, source, learner, metric, check) has its place on a page."""

import ast
import inspect
import re
from pathlib import Path

import click
import pytest

import roadworthy
from roadworthy.cli.verbs import EVERY_VERB as VERBS
from roadworthy.declare.names import FAIRNESS, PERTURBATIONS, STRESS
from roadworthy.evaluation.metrics import METRICS
from roadworthy.kernel import errors
from roadworthy.kernel.catalogue import resolve
from roadworthy.wiring.builtin import LEARNERS, SOURCES
from roadworthy.wiring.settings import SETTINGS

LEVELS = ("data", "unit", "integration", "performance", "robustness", "fairness", "stress", "drift", "quality")
SHARED = ("--json", "--project")
CHECK = re.compile(rf"({'|'.join(LEVELS)})\.[a-z0-9_]+(\.[a-z0-9_]+)?")
FAMILY = re.compile(rf"({'|'.join(LEVELS)})\.[a-z0-9_.]*<>")
ERRORS = [made for _, made in inspect.getmembers(errors, inspect.isclass) if issubclass(made, errors.RoadworthyError)]


def _said(node):
    """The text of a literal; `<>` stands for what an f-string fills in."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "<>" for part in node.values)
    return ""


def _names_in(source):
    tree = ast.parse(source)
    passed_over = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            passed_over |= {id(part) for part in node.values}
        if isinstance(node, ast.keyword) and node.arg in ("where", "fix"):
            passed_over.add(id(node.value))
    return {_said(node) for node in ast.walk(tree) if id(node) not in passed_over}


def _every_name():
    files = Path(roadworthy.__file__).parent.rglob("*.py")
    return set().union(*(_names_in(file.read_text("utf-8")) for file in files))


NAMES = _every_name()
CHECKS = sorted(name for name in NAMES if CHECK.fullmatch(name))
FAMILIES = sorted(name for name in NAMES if FAMILY.fullmatch(name))


@pytest.fixture(scope="module")
def documented(page):
    """Names in the first column of the tables of `findings.md`; `<>` stands for the filled-in part."""
    rows = re.findall(r"^\| ([^|]+)\|", page("findings.md").text, re.MULTILINE)
    words = (re.sub(r"<\w+>", "<>", word) for row in rows for word in re.findall(r"`([^`]+)`", row))
    return {word for word in words if CHECK.fullmatch(word) or FAMILY.fullmatch(word)}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_section_that_names_its_options(verb, page):
    section = page("commands.md").section(f"`{verb}`")
    assert section, f"docs/commands.md has no section `{verb}`"
    command = resolve(VERBS[verb][0])
    named = [max(option.opts, key=len) for option in command.params if isinstance(option, click.Option)]
    missing = [name for name in named if name not in SHARED and f"`{name}" not in section]
    assert not missing, f"docs/commands.md, {verb}: {missing} not explained"
    told = set(re.findall(r"`(--[a-z-]+)", section))
    assert told <= set(named), f"docs/commands.md, {verb}: there is no {told - set(named)}"


def test_options_that_verbs_share_are_explained_before_the_verbs(page):
    assert set(SHARED) <= set(re.findall(r"`(--[a-z]+)", page("commands.md").text.partition("\n## ")[0]))


def test_no_verb_is_documented_that_is_not_there(page):
    assert set(re.findall(r"^### `([\w ]+)`$", page("commands.md").text, re.MULTILINE)) == set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_an_example_call_stands_under_every_verb(verb, page):
    assert f"roadworthy {verb}" in page("commands.md").section(f"`{verb}`")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_has_a_row_with_its_meaning_and_default(setting, page):
    rows = [row for row in page("settings.md").text.splitlines() if row.startswith(f"| `{setting.name}` |")]
    assert len(rows) == 1, f"docs/settings.md: one row for {setting.name}"
    plain = rows[0].replace("`", "")
    assert setting.meaning.replace("`", "") in plain
    assert setting.default in plain


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_every_error_has_a_section(error, page):
    if error is errors.RoadworthyError:
        assert error.__name__ in page("errors.md").words
    else:
        assert len(page("errors.md").section(f"`{error.__name__}`")) > 100


def test_the_tree_of_errors_is_the_one_in_the_source(page):
    tree = inspect.cleandoc(errors.__doc__).partition("\n\n")[2].partition("\n\n")[2]
    (block,) = [block.text for block in page("errors.md").blocks if "├──" in block.text]
    assert block.strip() == inspect.cleandoc(tree).strip()


@pytest.mark.parametrize("name", [*SOURCES, *LEARNERS])
def test_every_built_in_source_and_learner_is_on_a_page(name, words_of_all):
    assert name in words_of_all


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_is_on_a_page(metric, page, words_of_all):
    assert metric in page("findings.md").words
    assert metric in words_of_all


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_is_in_the_list_of_findings(check, documented):
    assert check in documented, f"{check} stands in the source and not in docs/findings.md"


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_of_checks_is_in_the_list_of_findings(family, documented):
    assert (
        any(name.startswith(family.removesuffix("<>")) and name.endswith("<>") for name in documented)
        or {family.replace("<>", name) for name in (*FAIRNESS, *STRESS, *PERTURBATIONS)} & documented
    )


def test_no_finding_is_documented_that_no_code_gives(documented):
    filled = {f"fairness.{name}" for name in FAIRNESS} | {f"stress.{name}" for name in STRESS}
    assert documented <= {*CHECKS, *FAMILIES, *filled}


def test_every_notion_of_fairness_and_stress_is_in_the_list_of_findings(documented):
    wanted = {f"fairness.{name}" for name in FAIRNESS} | {f"stress.{name}" for name in STRESS}
    assert wanted <= documented


def test_the_search_for_names_finds_literals_and_families_and_nothing_else():
    source = 'def f():\n    """data.doc"""\n    g(check="data.a", where="data.b")\n    return f"data.c.{x}", "unit.d"\n'
    found = _names_in(source)
    assert {"data.a", "data.c.<>", "unit.d"} <= found
    assert not {"data.b", "data.doc", "data.c."} & found
