"""A declaration in plain English: the problem as one sentence, and what will guard the model."""

from collections.abc import Callable, Iterator

from msgspec import Struct

from roadworthy.declare.data import SplitPlan
from roadworthy.declare.declaration import Declaration
from roadworthy.declare.monitoring import Monitor
from roadworthy.declare.problem import Costs
from roadworthy.declare.requirements import Require
from roadworthy.declare.training import Training
from roadworthy.kernel.limits import Limit
from roadworthy.kernel.units import plural

_SPLITS = {
    "time": "the newest {test:.0%} of records, which nothing is tuned on",
    "random": "{test:.0%} of records, drawn at random",
    "stratified": "{test:.0%} of records, with as many of each class as in the rest",
    "group": "{test:.0%} of records, whole groups of {group}",
}


class Guard(Struct, frozen=True, kw_only=True):
    """One thing that stands between a bad model and its users.

    Attributes:
        level: the test level or the moment: data, unit, integration, performance, robustness, fairness, stress,
            release, drift, quality.
        against: the failure mode, in words.
        what: what is checked, with its limit.
        declared: whether the declaration says it, or it is a default.
        why: for a default, the reason; empty where the user declared it.
    """

    level: str
    against: str
    what: str
    declared: bool
    why: str = ""


def sentence(declaration: Declaration) -> str:
    """The problem as one English sentence."""
    problem, costs = declaration.problem, declaration.costs
    need = problem.need.strip().rstrip(".")
    unit = f" (in {costs.unit})" if costs.unit else ""
    review = f"; to be reviewed by {problem.review_by.isoformat()}" if problem.review_by else ""
    return (
        f'{need}: for each {_after_article(problem.unit)}, say whether "{problem.target}" is "{problem.positive}"; '
        f"a false alarm costs {costs.false_positive:g} and a miss {costs.false_negative:g}{unit}, "
        f'so "{problem.positive}" is said from a probability of {costs.threshold:.2f} on{review}.'
    )


def guards(declaration: Declaration) -> list[Guard]:
    """Everything that will guard the model, by test level and failure mode, in the order in which it will act."""
    return [guard for group in _GROUPS for guard in group(declaration)]


def _data(declaration: Declaration) -> Iterator[Guard]:
    data, problem = declaration.data, declaration.problem
    yield _default(
        "data", "broken or hostile raw records", "each record that cannot be read is named", "none is dropped silently"
    )
    yield _default(
        "data",
        "answers that leak into the inputs",
        "columns that give the answer away are searched for",
        "a leak looks like skill",
    )
    if data.leaks:
        yield _said(
            "data", "answers that leak into the inputs", f"{plural(len(data.leaks), 'declared pattern')} dropped"
        )
    yield from _agreed(declaration)
    for name, rule in data.rules.items():
        yield _said("data", "records that contradict themselves", f"{name}: {rule}")
    if data.max_age:
        yield _said("data", "stale records", f"none older than {data.max_age} before {data.as_of}")
    if data.refresh:
        yield _said("data", "deliveries that stay away", f"one is expected every {data.refresh}")
    for column, kinds in data.repair.items():
        what = f"{column}: {_and(kinds)}, learnt from the training part, repaired in every row that comes"
        yield _said("data", "known errors that reach the model", what)
    for column, groups in data.population.items():
        yield _said("data", "groups that are hardly there", f"{column}: {_and(tuple(groups))} as in the population")
    if problem.protected and not problem.use_protected:
        yield _said("data", "deciding by protected attributes", f"{_and(problem.protected)}: audited, never a feature")


def _agreed(declaration: Declaration) -> Iterator[Guard]:
    """What other files say of the data."""
    trusted, contract = declaration.data.trusted, declaration.data.contract
    if trusted:
        what = f"share of wrong values {trusted.max_error} in each column that {trusted.path} holds too"
        yield _said("data", "values that are not true", what)
    checked = declaration.data.checked
    if checked:
        what = f"share of wrong cells {checked.max_error} by what people found in {checked.path}"
        yield _said("data", "values that are not true", what)
    if contract:
        yield _said("data", "values that nobody agreed on", f"every clause of {contract}")


def _split(declaration: Declaration) -> Iterator[Guard]:
    plan = declaration.split
    what = _SPLITS[plan.method].format(test=plan.test, group=plan.group)
    if plan.group == "near_duplicate":
        what += "; near-duplicates stay on one side"
    why = "a share large enough for narrow intervals, with the classes in balance"
    yield _guard("performance", "judging a model on what it has seen", f"tested on {what}", plan == SplitPlan(), why)


def _code(declaration: Declaration) -> Iterator[Guard]:
    yield _default(
        "unit",
        "loaders and features that break on odd input",
        "contracts on missing, empty and repeated input",
        "silent errors cost most",
    )
    yield _default(
        "integration",
        "training and serving that disagree",
        "the same rows through both paths, in a fresh process",
        "one predict, proved",
    )
    stated, seed = declaration.training, declaration.training.seed
    search = f"{plural(stated.search.trials, 'trial')} in {plural(stated.search.folds, 'fold')}"
    what = f"{_and(stated.learners)}: {search}, seed {seed}"
    yield _guard(
        "integration",
        "results that cannot be repeated",
        what,
        stated == Training(),
        "enough to compare families in minutes",
    )


def _performance(declaration: Declaration) -> Iterator[Guard]:
    require = declaration.require
    for name, limit in require.metrics.items():
        yield _said("performance", _FAILURE.get(name, "a model that is not good enough"), f"{name} {_bar(limit)}")
    if not require.metrics:
        yield _default(
            "performance",
            "a model that is not good enough",
            "every figure is shown",
            "no bar was declared, so none can fail",
        )
    if require.better_than:
        what = f"better than {_and(require.better_than)}, by a paired test"
        default = require.better_than == Require().better_than
        yield _guard("performance", "effort without gain", what, default, "a model must beat what costs nothing")
    costs = declaration.costs
    what = f"the threshold weighs a false alarm {costs.false_positive:g} against a miss {costs.false_negative:g}"
    yield _guard(
        "performance",
        "mistakes of the costlier kind",
        what,
        costs == Costs(),
        "with no costs declared, both errors weigh the same",
    )


def _robustness(declaration: Declaration) -> Iterator[Guard]:
    for name, stated in declaration.require.robustness.items():
        drop = "" if stated.max_drop is None else f", F1 falls by at most {stated.max_drop:g}"
        yield _said("robustness", "inputs that are slightly off", f"{name} in {stated.rate:.0%} of words{drop}")
    if not declaration.require.robustness:
        yield _default("robustness", "inputs that are slightly off", "not tested", "no disturbance was declared")


def _fairness(declaration: Declaration) -> Iterator[Guard]:
    fairness, protected = declaration.require.fairness, declaration.problem.protected
    groups = tuple(dict.fromkeys((*fairness.groups, *protected)))
    between = _and(groups) + (" and their intersections" if fairness.intersections else "")
    for name, limit in fairness.limits.items():
        yield _said("fairness", "treating groups unlike", f"{name} {_bar(limit)}, by {between}")
    if groups and not fairness.limits:
        yield _default(
            "fairness",
            "treating groups unlike",
            f"rates by {between} are shown",
            "no limit was declared, so none can fail",
        )
    if not groups:
        yield _default("fairness", "treating groups unlike", "not tested", "no protected or group column was declared")


def _stress(declaration: Declaration) -> Iterator[Guard]:
    stress = declaration.require.stress
    if stress is None:
        yield _default(
            "stress", "a server that gives way under load", "a short load test, shown only", "no limit was declared"
        )
        return
    load = f"under {plural(stress.concurrent, 'client')} for {stress.seconds:g} s"
    for name, limit in stress.limits.items():
        yield _said("stress", "a server that gives way under load", f"{name} {limit} {load}")


def _release(declaration: Declaration) -> Iterator[Guard]:
    yield _default(
        "release",
        "a model on the road without evidence",
        "no signed certificate, no release",
        "the server checks signature and hashes itself",
    )
    review = declaration.problem.review_by
    if review:
        yield _said(
            "release", "evidence that nobody looks at again", f"the certificate expires on {review.isoformat()}"
        )
    else:
        yield _default(
            "release",
            "evidence that nobody looks at again",
            "the certificate does not expire",
            "no review_by was declared",
        )


def _watch(declaration: Declaration) -> Iterator[Guard]:
    plan = declaration.monitor
    rate = f"at most {plural(plan.false_alarms.count, 'false alarm')} in {plural(plan.false_alarms.windows, 'window')}"
    default, why = plan == Monitor(), "a day is the shortest window that most traffic fills"
    yield _guard("drift", "inputs that change", f"inputs of each {plan.window} against training; {rate}", default, why)
    yield _guard(
        "drift", "answers that change", f"predictions of each {plan.window} against training; {rate}", default, why
    )
    truth = f"labels from {plan.labels.source}, {plan.labels.delay} late"
    yield _guard("quality", "a model that grows worse", f"estimated at once, measured with {truth}", default, why)
    doing = {"review": "opens a review", "retrain": "retrains through the same gate"}
    what = (
        "a breach " + " and ".join(doing[one] for one in plan.on_failure) if plan.on_failure else "a breach is reported"
    )
    yield _guard("quality", "alarms that nobody acts on", what, default, "a person looks before anything else happens")


_GROUPS: tuple[Callable[[Declaration], Iterator[Guard]], ...] = (
    _data,
    _split,
    _code,
    _performance,
    _robustness,
    _fairness,
    _stress,
    _release,
    _watch,
)

_FAILURE = {
    "precision": "false alarms",
    "false_positive_rate": "false alarms",
    "specificity": "false alarms",
    "recall": "misses",
    "false_negative_rate": "misses",
    "brier": "probabilities that cannot be believed",
    "log_loss": "probabilities that cannot be believed",
    "ece": "probabilities that cannot be believed",
    "auc": "cases in the wrong order",
    "average_precision": "cases in the wrong order",
    "one_minus_auc_percent": "cases in the wrong order",
    "cost": "mistakes of the costlier kind",
}


def _said(level: str, against: str, what: str) -> Guard:
    return Guard(level=level, against=against, what=what, declared=True)


def _default(level: str, against: str, what: str, why: str) -> Guard:
    return Guard(level=level, against=against, what=what, declared=False, why=why)


def _guard(level: str, against: str, what: str, default: bool, why: str) -> Guard:
    return _default(level, against, what, why) if default else _said(level, against, what)


def _bar(limit: Limit) -> str:
    return str(limit) if limit.at == "point" else f"{limit} on the bad side of its 95 % interval"


def _and(words: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def _after_article(unit: str) -> str:
    """`one incoming e-mail` without its first word, where that counts."""
    first, _, rest = unit.partition(" ")
    return rest if first.lower() in ("one", "a", "an", "each", "single") and rest else unit
