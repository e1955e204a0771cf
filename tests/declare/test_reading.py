"""Declarations read, and every kind of mistake told with its line."""
# ruff: noqa: E501 - one mistake a line reads best

import re
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from roadworthy.declare.declaration import Declaration
from roadworthy.declare.monitoring import FalseAlarms
from roadworthy.declare.reading import parse_declaration, read_declaration
from roadworthy.declare.sections import Known
from roadworthy.kernel.errors import DeclarationError
from roadworthy.kernel.limits import Limit

EXAMPLES = Path(__file__).parents[2] / "examples"
TEMPLATES = files("roadworthy.declare") / "templates"
ENVIRONMENT = {"ROADWORTHY_DATA": "/data"}
KNOWN = Known(
    kinds=("mail", "csv", "simulated_mail", "prediction_log"),
    learners=("logistic_regression", "random_forest", "boosted_trees"),
    today=date(2026, 1, 1),
)

GOOD = """\
[problem]
name = "loans"
need = "Lend to those who repay"
task = "binary"
unit = "one loan"
target = "repaid"
positive = "yes"
protected = ["sex"]

[costs]
false_positive = 5
false_negative = 1

[[data.source]]
kind = "csv"
path = "loans.csv"
names = ["age", "amount", "repaid", "sex"]

[data]
key = "age"

[split]
method = "random"
test = 0.3

[features]
columns = ["amount"]

[training]
learners = ["random_forest"]
search = { trials = 3, folds = 2, budget = "1m" }
seed = 1

[require]
auc = ">= 0.7"

[require.robustness]
typos = { rate = 0.05, max_drop = 0.03 }

[require.fairness]
equalized_odds_gap = "<= 0.1"

[require.stress]
concurrent = 8
p99_ms = "<= 1000"

[deploy.online]
port = 8080

[monitor]
window = "1h"
on_failure = ["review"]
"""

MAIL = """\
[problem]
name = "spam"
need = "Keep spam out"
task = "binary"
unit = "one mail"
target = "label"
positive = "spam"

[[data.source]]
kind = "mail"
path = "mail"
label = { from = "folder", spam = ["spam*"], ham = ["ham*"] }
"""


def read(text: str, **environment: str) -> Declaration:
    return parse_declaration(text, name="r.toml", environment=environment, known=KNOWN)


def problems(text: str, **environment: str) -> list[tuple[int, str, str]]:
    with pytest.raises(DeclarationError) as caught:
        read(text, **environment)
    return [(int(one.where.rpartition(":")[2]), one.what, one.fix) for one in caught.value.problems]


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize("name", ["spam", "credit"])
def test_the_examples_are_read(name):
    declared = read_declaration(EXAMPLES / name, environment=ENVIRONMENT, known=KNOWN)
    assert declared.data.sources[0].path.startswith("/data/")
    assert declared.monitor.false_alarms == FalseAlarms(count=1, windows=1000)


@pytest.mark.parametrize("name", ["spam", "credit", "blank"])
def test_the_templates_are_read_without_any_environment(name):
    text = (TEMPLATES / f"{name}.toml").read_text(encoding="utf-8")
    assert parse_declaration(text, name=name, environment={}, known=KNOWN).problem.task == "binary"


@pytest.mark.parametrize("name", ["spam", "credit"])
def test_templates_and_examples_say_the_same_apart_from_data_and_people(name):
    example = read_declaration(EXAMPLES / name, environment=ENVIRONMENT)
    text = (TEMPLATES / f"{name}.toml").read_text(encoding="utf-8")
    template = parse_declaration(text, name=name, environment={})
    for section in ("costs", "split", "features", "training", "require", "deploy", "monitor"):
        assert getattr(example, section) == getattr(template, section), section


def test_values_become_records():
    declared = read(
        GOOD.replace('auc = ">= 0.7"', 'auc = { limit = ">= 0.7", at = "point" }\nbetter_than = "majority"')
    )
    assert declared.require.metrics == {"auc": Limit(">=", 0.7, at="point")}
    assert declared.require.better_than == ("majority",)
    assert declared.require.stress.limits == {"p99_ms": Limit("<=", 1000.0)}
    assert declared.require.fairness.limits == {"equalized_odds_gap": Limit("<=", 0.1)}
    assert declared.training.search.budget.seconds == 60
    assert declared.costs.false_positive == 5.0
    assert declared.data.sources[0].options == {"names": ["age", "amount", "repaid", "sex"]}
    assert declared.data.sources[0].line == line_of(GOOD, "[[data.source]]")


def test_a_size_may_be_written_as_text():
    assert read(GOOD.replace("port = 8080", 'max_body = "50MB"')).deploy.online.max_body == 50_000_000


def test_labels_of_mail():
    label = read(MAIL).data.sources[0].label
    assert label.origin == "folder"
    assert label.values == {"spam": ("spam*",), "ham": ("ham*",)}


def test_environment_is_filled_in_anywhere():
    assert read(MAIL.replace('"mail"\nlabel', '"${HERE}/mail"\nlabel'), HERE="/x").data.sources[0].path == "/x/mail"


# what to replace, by what, what must be said (a pattern), the remedy (a pattern); the line is that of the replacement
MISTAKES = [
    ("[costs]", "[cots]", 'unknown table "cots"', 'did you mean "costs"'),
    ("[problem]", "[probelm]", 'unknown table "probelm"', 'did you mean "problem"'),
    ('target = "repaid"', 'taget = "repaid"', 'unknown key "taget" in problem', 'did you mean "target"'),
    ('name = "loans"', 'name = "My Loans"', "cannot name a folder", "small letters"),
    ('name = "loans"', "name = 3", "problem.name must be text in quotes, but is the number 3", "write text"),
    ('need = "Lend to those who repay"', 'need = " "', '"need" in problem is empty', "write need"),
    ('task = "binary"', 'task = "multiclass"', "not available in this version", 'write "binary"'),
    ('task = "binary"', 'task = "binry"', "cannot be", 'did you mean "binary"'),
    ('positive = "yes"', 'positive = "yes"\nreview_by = 2025-12-31', "review was due by 2025-12-31", "after 2026-01-01"),
    ('positive = "yes"', 'positive = "yes"\nreview_by = "2027-01-01"', "must be a date without quotes", "2027-06-30"),
    ('positive = "yes"', 'positive = "yes"\nuse_protected = true', "only for a stated reason", "use_protected_reason"),
    ('protected = ["sex"]', 'protected = ["sex", "repaid"]', "cannot be protected", "take it out"),
    ('protected = ["sex"]', 'protected = ["sxe"]', 'no column "sxe"', 'did you mean "sex"'),
    ('protected = ["sex"]', 'protected = "sex"', "must be a list in brackets", "a list"),
    ("false_positive = 5", "false_positive = -5", "cannot cost -5", "from 0"),
    ("false_positive = 5", "false_positive = true", "must be a number, but is true", "a number"),
    ("false_positive = 5", "false_positive = nan", "must be a number, but is the number nan", "a number"),
    ('kind = "csv"', 'kind = "csf"', 'no kind of source "csf"', 'did you mean "csv"'),
    ('path = "loans.csv"', 'path = "${NO_SUCH}/loans.csv"', "NO_SUCH is not set", "export NO_SUCH"),
    ('path = "loans.csv"', 'path = "loans.csv"\nlabel = { from = "folder", a = ["a"], b = ["b"] }', "themselves", "out"),
    ('names = ["age"', 'nmaes = ["age"', 'unknown key "nmaes"', 'did you mean "names"'),
    ('key = "age"', 'key = "aeg"', 'no column "aeg"', 'did you mean "age"'),
    ('key = "age"', 'key = "repaid"', "both key and target", "tells records apart"),
    ('key = "age"', 'max_age = "a year"', "'a year' is no duration", '"5m"'),
    ('key = "age"', 'max_age = "0d"', "no time at all", "365d"),
    ('key = "age"', 'as_of = "yesterday"', "as_of cannot be", "latest"),
    ('key = "age"', 'leaks = ["amount_paid", "rep*"]', 'takes the target "repaid" away', "narrower"),
    ('key = "age"', 'repair.aeg = ["typo"]', 'no column "aeg"', 'did you mean "age"'),
    ('key = "age"', 'repair.repaid = ["typo"]', "is not read by the model", "at its source"),
    ('key = "age"', "repair.age = []", "nothing is repaired", "leave it out"),
    ('key = "age"', 'repair.age = ["typos"]', "cannot be", 'did you mean "typo"'),
    ('key = "age"', 'repair.age = ["unit"]\ncolumns.age = { scale = "discrete" }', "typed before its unit", "scale"),
    ('key = "age"', 'trusted = { path = "x.csv" }', "which trusted record belongs to which", "add key"),
    ('key = "age"', 'trusted = { key = "age" }', '"path" is missing in data.trusted', "add path"),
    ('key = "age"', 'trusted = { path = "x", key = "age", tolerance = { a = -1 } }', "off by -1", "0 or more"),
    ('key = "age"', 'trusted = { path = "x", key = "age", fuzzy = { a = 2 } }', "alike by 2", "0.9"),
    ('key = "age"', 'columns.age = { min = 9, max = 1 }', "at least 9 and at most 1", "swap"),
    ('key = "age"', 'columns.age = { scale = "ordinal" }', "nothing says in which order", "add order"),
    ('key = "age"', 'columns.age = { scale = "nominal", order = ["a"] }', "but its scale is nominal", "ordinal"),
    ('key = "age"', 'columns.age = { scale = "ordnal" }', "cannot be", 'did you mean "ordinal"'),
    ('key = "age"', 'columns.aeg = { min = 1 }', 'no column "aeg"', 'did you mean "age"'),
    ('key = "age"', "derive = { x = 3 }", "data.derive.x must be text", "text in quotes"),
    ('key = "age"', "rules = { adult = true }", "data.rules.adult must be text in quotes, but is true", "text"),
    ('method = "random"', 'method = "tiem"', "cannot be", 'did you mean "time"'),
    ('method = "random"', 'method = "time"', "needs a time column", "add time"),
    ('method = "random"', 'method = "group"', "needs the group", "near_duplicate"),
    ("test = 0.3", "test = 1.0", "cannot be 1 of the data", "0.30"),
    ("test = 0.3", "test = 0", "cannot be 0 of the data", "0.30"),
    ('columns = ["amount"]', 'columns = ["amount", "sex"]', 'protected column "sex"', "use_protected"),
    ('columns = ["amount"]', 'columns = ["repaid"]', 'the target "repaid" is declared as a feature', "take it out"),
    ('columns = ["amount"]', 'columns = ["amuont"]', 'no column "amuont"', 'did you mean "amount"'),
    ('columns = ["amount"]', "columns = [1]", "must be text in quotes", "text"),
    ('columns = ["amount"]', 'text = { columns = ["amount"], ngrams = 9 }', "ngrams cannot be 9", "1, 2 or 3"),
    ('columns = ["amount"]', 'reputation = { entity = "sex" }', 'protected column "sex"', "use_protected"),
    ('learners = ["random_forest"]', "learners = []", "no learner", "logistic_regression"),
    ('learners = ["random_forest"]', 'learners = ["random_forrest"]', "no learner", 'did you mean "random_forest"'),
    ("trials = 3", "trials = 0", "cannot have 0 trials", "1 or more"),
    ("folds = 2", "folds = 1", "cannot have 1 folds", "2 or more"),
    ("folds = 2", "folds = 2.5", "must be a whole number, but is the number 2.5", "whole"),
    ('budget = "1m"', 'budget = "0s"', "has no time", "5m"),
    ('budget = "1m"', "budget = 60", 'must be text such as "5m"', "5m"),
    ("seed = 1", "seed = -1", "seed cannot be -1", "from 0"),
    ('auc = ">= 0.7"', 'acu = ">= 0.7"', 'unknown key "acu" in require', 'did you mean "auc"'),
    ('auc = ">= 0.7"', 'rmse = "<= 0.7"', 'unknown key "rmse"', "known: "),
    ('auc = ">= 0.7"', 'auc = "high"', "'high' is no requirement", ">= 0.99"),
    ('auc = ">= 0.7"', "auc = 0.7", "must be text such as", ">= 0.99"),
    ('auc = ">= 0.7"', 'auc = "<= 0.7"', "wrong side for auc", '">= 0.7"'),
    ('auc = ">= 0.7"', 'error_rate = ">= 0.7"', "wrong side for error_rate", '"<= 0.7"'),
    ('auc = ">= 0.7"', 'auc = ">= 70"', "between 0 and 1, not at 70", '">= 70 %"'),
    ('auc = ">= 0.7"', 'auc = { limt = ">= 0.7", limit = ">= 0.7" }', 'unknown key "limt"', 'did you mean "limit"'),
    ('auc = ">= 0.7"', 'auc = { at = "point" }', '"limit" is missing', "add limit"),
    ('auc = ">= 0.7"', 'auc = { limit = ">= 0.7", at = "pint" }', "cannot be", 'did you mean "point"'),
    ('auc = ">= 0.7"', 'better_than = ["baselin"]', "nothing is called", 'did you mean "baseline"'),
    ("typos = {", "tpyos = {", 'unknown key "tpyos"', 'did you mean "typos"'),
    ("typos = {", "evasion = { budget = 3 }\ntypos = {", "evasion is not available in this version", "take it out"),
    ("max_drop = 0.03", "max_drop = 0.03, budget = 3", "typos.budget is not available in this version", "take it out"),
    ("max_drop = 0.03", "max_drop = 0.03, min_recall = 0.5", "typos.min_recall is not available", "take it out"),
    ("rate = 0.05", "rate = 5", "rate of typos cannot be 5", "0.05"),
    ("max_drop = 0.03", "max_drop = 3", "max_drop cannot be 3", "0.03"),
    (", max_drop = 0.03", "", "nothing says how much typos may cost", "max_drop"),
    ('equalized_odds_gap = "<= 0.1"', 'equalised_odds_gap = "<= 0.1"', "unknown key", 'did you mean "equalized_odds_gap"'),
    ('equalized_odds_gap = "<= 0.1"', 'equalized_odds_gap = ">= 0.1"', "wrong side", '"<= 0.1"'),
    ('equalized_odds_gap = "<= 0.1"', 'demographic_parity_ratio = "<= 0.8"', "wrong side", '">= 0.8"'),
    ('equalized_odds_gap = "<= 0.1"', "intersections = true", "need two group columns", "two group columns"),
    ('equalized_odds_gap = "<= 0.1"', 'groups = ["gae"]', 'no column "gae"', 'did you mean "age"'),
    ("concurrent = 8", "concurrent = 0", "no load", "1 or more"),
    ("concurrent = 8", "seconds = 0", "no time", "3.0"),
    ('p99_ms = "<= 1000"', 'p99_ms = ">= 1000"', "wrong side for p99_ms", '"<= 1000"'),
    ('p99_ms = "<= 1000"', 'p99ms = "<= 1000"', 'unknown key "p99ms"', 'did you mean "p99_ms"'),
    ("port = 8080", "port = 99999", "no port 99999", "65535"),
    ("port = 8080", "max_body = 0", "no request", "50MB"),
    ("port = 8080", 'max_body = "big"', "'big' is no size", "50MB"),
    ("port = 8080", 'workers = "auto"', "workers is not available in this version", "take it out"),
    ("[deploy.online]", "[deploy.experiment]\nshare = 0.1\n[deploy.online]", "deploy.experiment is not available", "out"),
    ('window = "1h"', 'window = "0h"', "a window has no length", "1h"),
    ('window = "1h"', 'false_alarms = "few"', "'few' is no rate of alarms", "per 1000 windows"),
    ('window = "1h"', 'labels = { dealy = "3d" }', 'unknown key "dealy"', 'did you mean "delay"'),
    ('key = "age"', 'pseudonyms = { amuont = { as = "digits" } }', 'no column "amuont"', 'did you mean "amount"'),
    ('key = "age"', 'pseudonyms = { amount = { as = "digit" } }', "cannot be", 'did you mean "digits"'),
    ('key = "age"', 'pseudonyms = { amount = { days = 3 } }', '"as" is missing', "add as = "),
    ('key = "age"', 'pseudonyms = { amount = { as = "date", days = 0 } }', "would not be moved", "365"),
    ('key = "age"', 'pseudonyms = { amount = { as = "card", person = "sex" } }', "needs no person", 'as = "date"'),
    ('key = "age"', 'pseudonyms = { amount = { as = "card", region = "GB" } }', "needs no region", 'as = "phone"'),
    ('key = "age"', 'pseudonyms = { repaid = { as = "mark" } }', "cannot be a pseudonym", "take it out"),
    ('key = "age"', 'pseudonymise = ["sex"]\npseudonyms = { sex = { as = "mark" } }', "replaced twice", "pseudonymise"),
    ('key = "age"', 'quasi_identifiers = ["agee"]', 'no column "agee"', 'did you mean "age"'),
    ('on_failure = ["review"]', 'on_failure = ["retrain"]', "nothing to retrain on", "keep_inputs"),
    ('on_failure = ["review"]', 'on_failure = ["reveiw"]', "cannot be", 'did you mean "review"'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "what", "fix"), MISTAKES, ids=[new[:40] or old for old, new, _, _ in MISTAKES])
def test_each_mistake_is_told_with_its_line_and_remedy(old, new, what, fix):
    assert old in GOOD
    broken = GOOD.replace(old, new, 1)
    found = problems(broken)
    fitting = [one for one in found if re.search(what, one[1]) or what in one[1]]
    assert len(fitting) == 1, found
    line, _, remedy = fitting[0]
    assert fix in remedy
    begins = GOOD[: GOOD.index(old)].count("\n") + 1
    assert begins <= line <= begins + new.count("\n")


MAIL_MISTAKES = [
    ('label = { from = "folder", spam = ["spam*"], ham = ["ham*"] }', "", "where the label of a mail comes from", 9),
    ('spam = ["spam*"], ', "", "at least two values", 12),
    ('ham = ["ham*"]', 'ham = ["spam*"]', "stands for two labels", 12),
    ('positive = "spam"', 'positive = "Spam"', 'the label is never "Spam"', 7),
    ('from = "folder"', 'from = "header"', 'a label from header needs "name"', 12),
    ('from = "folder"', 'from = "foldr"', "cannot be", 12),
    ('from = "folder"', 'form = "folder"', '"from" is missing in data.source[1].label', 12),
    ('path = "mail"', "", "needs a path", 9),
    ("[[data.source]]", '[data.pseudonyms]\nfrom = { as = "email" }\n[[data.source]]', "by marks only", 9),
]


@pytest.mark.parametrize(("old", "new", "what", "line"), MAIL_MISTAKES)
def test_mistakes_about_mail(old, new, what, line):
    found = problems(MAIL.replace(old, new, 1))
    assert [place for place, told, _ in found if what in told] == [line], found


def test_a_label_file_needs_its_columns():
    found = problems(MAIL.replace('from = "folder", spam = ["spam*"], ham = ["ham*"]', 'from = "csv", path = "l.csv"'))
    assert {told for _, told, _ in found} == {'a label from csv needs "key"', 'a label from csv needs "name"'}


@pytest.mark.parametrize(("kind", "clashes"), [("csv", True), ("simulated_mail", False), ("prediction_log", False)])
def test_mail_and_tables_are_declared_apart(kind, clashes):
    path = "" if kind == "simulated_mail" else 'path = "x"\n'
    text = f'{MAIL}[[data.source]]\nkind = "{kind}"\n{path}'
    if clashes:
        assert [told for _, told, _ in problems(text)] == ["mail and tables cannot be one set of data"]
    else:
        assert len(read(text).data.sources) == 2


def test_limits_between_groups_need_groups():
    found = problems(GOOD.replace('protected = ["sex"]\n', ""))
    assert [told for _, told, _ in found] == ["limits between groups, but no groups"]


def test_a_feature_that_is_a_leak():
    found = problems(GOOD.replace('key = "age"', 'leaks = ["amo*"]'))
    assert [line for line, told, _ in found if "both as a leak and as a feature" in told] == [
        line_of(GOOD, "columns =")
    ]


def test_both_costs_zero():
    found = problems(GOOD.replace("false_positive = 5\nfalse_negative = 1", "false_positive = 0\nfalse_negative = 0"))
    assert "if no error costs anything" in found[0][1]


def test_a_positive_that_the_codes_never_give():
    found = problems(GOOD.replace('key = "age"', 'columns.repaid = { codes = { 1 = "good", 2 = "bad" } }'))
    assert [(line, told) for line, told, _ in found] == [(7, '"repaid" is never "yes"')]


def test_everything_is_told_at_once_and_in_order():
    broken = GOOD.replace('name = "loans"', 'nam = "loans"').replace("false_positive = 5", "false_positive = -5")
    broken = (
        broken.replace("test = 0.3", "test = 3").replace("trials = 3", "trials = 0").replace("port = 8080", "port = -1")
    )
    found = problems(broken)
    assert [line for line, _, _ in found] == sorted(line for line, _, _ in found)
    assert len(found) == 6  # the missing name, the unknown nam, and four wrong values


def test_every_missing_key_and_table_is_told():
    told = {what for _, what, _ in problems("[problem]\n")}
    assert told >= {f'"{key}" is missing in problem' for key in ("name", "need", "task", "unit", "target", "positive")}
    assert 'the table "data" is missing' in told


def test_a_missing_source_is_told_as_a_table():
    assert ('"source" is missing in data', "add a table [[data.source]]") in [
        (what, fix) for _, what, fix in problems(GOOD.replace("[[data.source]]", "[data.other]"))
    ]


@pytest.mark.parametrize(
    ("text", "line"), [("[a]\nb = \n", 2), ("a = 1\na = 2\n", 2), ('a = 1\n\nb = """\nopen', 4), ("[a\n", 1)]
)
def test_what_is_no_toml_is_told_with_its_line(text, line):
    (found,) = problems(text)
    assert found[0] == line
    assert "not TOML" in found[1]


def test_a_file_that_is_not_there_and_one_that_is_no_text(tmp_path):
    with pytest.raises(DeclarationError, match="there is no declaration"):
        read_declaration(tmp_path / "none.toml", environment={})
    with pytest.raises(DeclarationError, match="there is no declaration"):
        read_declaration(tmp_path, environment={})
    (tmp_path / "roadworthy.toml").write_bytes(b"a = 1\nb = '\xff'\n")
    with pytest.raises(DeclarationError, match=r"not UTF-8 text\n.*roadworthy\.toml:2"):
        read_declaration(tmp_path, environment={})


def test_nothing_outside_the_file_is_compared_unless_given():
    text = GOOD.replace('kind = "csv"', 'kind = "parquet"').replace('names = ["age", "amount", "repaid", "sex"]\n', "")
    text = text.replace('positive = "yes"', 'positive = "yes"\nreview_by = 2000-01-01')
    assert parse_declaration(text, name="r", environment={}).data.sources[0].kind == "parquet"


def test_options_of_a_plug_in_are_as_given():
    text = GOOD.replace('kind = "csv"', 'kind = "lake"').replace("names = [", "tables = [")
    declared = parse_declaration(text, name="r", environment={}, options={"lake": ("tables",)})
    assert list(declared.data.sources[0].options) == ["tables"]
