"""Statements about the problem, the search, the requirements and the watch that cannot hold."""

import re
from collections.abc import Callable

from roadworthy.declare.locate import Path
from roadworthy.declare.names import BETTER_WHEN_HIGH, COMPARED, SHARES
from roadworthy.declare.problems import Problems
from roadworthy.declare.requirements import Fairness, Stress
from roadworthy.declare.sections import Known, Sections
from roadworthy.kernel.limits import Limit
from roadworthy.kernel.nearest import did_you_mean

Rule = Callable[[Sections, Known, Problems], None]
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


def problem(sections: Sections, known: Known, problems: Problems) -> None:
    """The name can name a folder, the review lies ahead, and nothing protects the target from itself."""
    stated = sections.problem
    if stated is None:
        return
    if not _NAME.fullmatch(stated.name):
        fix = "use small letters, digits, dots and dashes, such as spam-filter"
        problems.doubt(("problem", "name"), f'"{stated.name}" cannot name a folder or an address', fix=fix)
    for key in ("need", "unit", "target", "positive"):
        if not getattr(stated, key).strip():
            problems.doubt(("problem", key), f'"{key}" in problem is empty', fix=f'write {key} = "..."')
    if known.today and stated.review_by and stated.review_by <= known.today:
        fix = f"review the model, then write a date after {known.today.isoformat()}"
        problems.doubt(("problem", "review_by"), f"the review was due by {stated.review_by.isoformat()}", fix=fix)
    if stated.target in stated.protected:
        problems.doubt(("problem", "protected"), f'the target "{stated.target}" cannot be protected', fix="take it out")
    if stated.use_protected and not stated.use_protected_reason.strip():
        fix = 'add use_protected_reason = "..."'
        problems.doubt(("problem", "use_protected"), "protected columns may be used only for a stated reason", fix=fix)


def costs(sections: Sections, _known: Known, problems: Problems) -> None:
    """No error is a gain, and at least one costs something."""
    stated = sections.costs
    for key in ("false_positive", "false_negative"):
        if getattr(stated, key) < 0:
            problems.doubt(
                ("costs", key), f"an error cannot cost {getattr(stated, key):g}", fix="write a number from 0"
            )
    if stated.false_positive == 0 == stated.false_negative:
        fix = "write what each error costs beside the other, such as 10.0 and 1.0"
        problems.doubt(("costs",), "if no error costs anything, nothing tells a good model from a bad one", fix=fix)


def training(sections: Sections, known: Known, problems: Problems) -> None:
    """There is something to search, folds to compare it on, and time to do it."""
    stated = sections.training
    if not stated.learners:
        problems.doubt(("training", "learners"), "there is no learner", fix='such as ["logistic_regression"]')
    for place, learner in enumerate(stated.learners):
        if known.learners is not None and learner not in known.learners:
            fix = did_you_mean(learner, known.learners)
            problems.doubt(("training", "learners", place), f'there is no learner "{learner}"', fix=fix)
    for key, least in (("trials", 1), ("folds", 2)):
        asked = getattr(stated.search, key)
        if asked < least:
            problems.doubt(
                ("training", "search", key), f"a search cannot have {asked} {key}", fix=f"write {least} or more"
            )
    if stated.search.budget.seconds <= 0:
        problems.doubt(("training", "search", "budget"), "the search has no time", fix='write "5m" or so')
    if stated.seed < 0:
        problems.doubt(("training", "seed"), f"the seed cannot be {stated.seed}", fix="write a whole number from 0")


def bars(sections: Sections, _known: Known, problems: Problems) -> None:
    """Each bar stands on the side that hurts, and within what the metric can be."""
    for name, limit in sections.require.metrics.items():
        path = ("require", name)
        good = ">=" if name in BETTER_WHEN_HIGH else "<="
        if not limit.op.startswith(good[0]):
            problems.doubt(path, f'"{limit.op}" is the wrong side for {name}', fix=f'write "{good} {limit.bound:g}"')
        elif name in SHARES and not 0 <= limit.bound <= 1:
            _outside(path, name, limit, problems)
    for place, other in enumerate(sections.require.better_than):
        if other not in COMPARED:
            fix = did_you_mean(other, COMPARED)
            problems.doubt(("require", "better_than", place), f'nothing is called "{other}" to compare with', fix=fix)


def _outside(path: Path, name: str, limit: Limit, problems: Problems) -> None:
    fix = f'write "{limit.op} {limit.bound / 100:g}" or "{limit.op} {limit.bound:g} %"'
    problems.doubt(path, f"{name} lies between 0 and 1, not at {limit.bound:g}", fix=fix)


def robustness(sections: Sections, _known: Known, problems: Problems) -> None:
    """A disturbance disturbs something, and something is asked of it."""
    for name, stated in sections.require.robustness.items():
        path = ("require", "robustness", name)
        if not 0 < stated.rate <= 1:
            problems.doubt(
                (*path, "rate"), f"the rate of {name} cannot be {stated.rate:g}", fix="write a share, such as 0.05"
            )
        if stated.max_drop is None:
            problems.doubt(path, f"nothing says how much {name} may cost", fix="add max_drop = 0.03")
        elif not 0 <= stated.max_drop <= 1:
            fix = "write a share, such as 0.03"
            problems.doubt((*path, "max_drop"), f"max_drop cannot be {stated.max_drop:g}", fix=fix)


def fairness(sections: Sections, _known: Known, problems: Problems) -> None:
    """Limits between groups name groups, on the side that hurts."""
    stated: Fairness = sections.require.fairness
    protected = sections.problem.protected if sections.problem else ()
    path: Path = ("require", "fairness")
    if stated.limits and not stated.groups and not protected and sections.problem:
        fix = 'add groups = ["<column>"], or name protected columns in [problem]'
        problems.doubt(path, "limits between groups, but no groups", fix=fix)
    if stated.intersections and len(set(stated.groups) | set(protected)) < 2 and sections.problem:
        fix = "name two group columns, or take intersections out"
        problems.doubt((*path, "intersections"), "intersections need two group columns", fix=fix)
    for name, limit in stated.limits.items():
        good = ">=" if name.endswith("_ratio") else "<="
        if not limit.op.startswith(good[0]):
            problems.doubt(
                (*path, name), f'"{limit.op}" is the wrong side for {name}', fix=f'write "{good} {limit.bound:g}"'
            )
        elif not 0 <= limit.bound <= 1:
            _outside((*path, name), name, limit, problems)


def stress(sections: Sections, _known: Known, problems: Problems) -> None:
    """There is load, for some time, and every limit bounds it from above."""
    stated: Stress | None = sections.require.stress
    if stated is None:
        return
    path: Path = ("require", "stress")
    if stated.concurrent < 1:
        problems.doubt((*path, "concurrent"), f"{stated.concurrent} clients are no load", fix="write 1 or more")
    if stated.seconds <= 0:
        problems.doubt((*path, "seconds"), f"{stated.seconds:g} seconds are no time", fix="write 3.0 or so")
    for name, limit in stated.limits.items():
        if limit.op not in ("<=", "<", "=="):
            problems.doubt(
                (*path, name), f'"{limit.op}" is the wrong side for {name}', fix=f'write "<= {limit.bound:g}"'
            )


def deploy(sections: Sections, _known: Known, problems: Problems) -> None:
    """The port is one, and a body may have some size."""
    online = sections.deploy.online
    if not 0 <= online.port <= 65535:
        fix = "write a number from 1 to 65535, or 0 for any free port"
        problems.doubt(("deploy", "online", "port"), f"there is no port {online.port}", fix=fix)
    if online.max_body < 1:
        problems.doubt(("deploy", "online", "max_body"), "no request could be sent", fix='write "50MB" or so')


def monitor(sections: Sections, _known: Known, problems: Problems) -> None:
    """A window has a length, and the server writes down what the watch will read."""
    stated, online = sections.monitor, sections.deploy.online
    if stated.window.seconds <= 0:
        problems.doubt(("monitor", "window"), "a window has no length", fix='write "1h" or "1d"')
    if "retrain" in stated.on_failure and not (online.log_predictions and online.keep_inputs):
        fix = "set keep_inputs = true and log_predictions = true in [deploy.online], or take retrain out"
        problems.doubt(("monitor", "on_failure"), "there is nothing to retrain on: the server keeps no inputs", fix=fix)


RULES: tuple[Rule, ...] = (problem, costs, training, bars, robustness, fairness, stress, deploy, monitor)
"""Every rule of this page; each notes what it finds and goes on."""
