"""A model's evidence as the other rooms make it, small and from a fixed seed."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from roadworthy.bundle.certificate import Certificate, Waiver
from roadworthy.declare.problem import Costs, Problem
from roadworthy.declare.requirements import Fairness, Require
from roadworthy.documents.facts import Facts
from roadworthy.documents.status import STAGES, StageState
from roadworthy.evaluation.bars import judge_bars
from roadworthy.evaluation.evaluate import evaluate
from roadworthy.gate.decide import decide
from roadworthy.gate.environment import environment
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Interval, Verdict, parse_limit
from roadworthy.kernel.records import Scored, Snapshot, SourceFile, Trial

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
COSTS = Costs(false_positive=10.0, false_negative=1.0, unit="minutes")


def scored(strength, *, rows=1814, positives=0.134, seed=3, threshold=10 / 11):
    """Answers of a model that tells the classes apart by `strength` standard deviations."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(rows) < positives).astype(np.int8)
    score = rng.normal(size=rows) + np.where(truth, strength, 0.0)
    odds = strength * (score - strength / 2) + np.log(positives / (1 - positives))
    probability = 1 / (1 + np.exp(-odds))
    decision = (probability >= threshold).astype(np.int8)
    numbers = np.arange(rows, dtype=np.int64)
    return Scored(rows=numbers, truth=truth, probability=probability, decision=decision, threshold=threshold)


def spam_facts():
    """Facts of a mail filter."""
    problem = Problem(
        name="spam-filter",
        need="Reduce users' exposure to unsolicited e-mail without losing wanted mail",
        task="binary",
        unit="one incoming e-mail",
        target="label",
        positive="spam",
        owner="mail-team@example.org",
        review_by=date(2027, 6, 30),
    )
    sources = [
        SourceFile(path=f"mail/2003022{n}_{kind}.tar.bz2", bytes=1_400_000 * (n + 1), sha256=f"{n}a7c" * 16)
        for n, kind in enumerate(["easy_ham", "easy_ham_2", "hard_ham", "spam", "spam_2"])
    ]
    snapshot = Snapshot(
        id="9f3c" * 16, kind="mail", rows=6046, columns={}, sources=sources, lineage={"consent": "public corpus"}
    )
    holds = ["5 bars", "6,046 mails", "4,232 to learn, 1,814 to test", "logistic regression", "16 measures"]
    holds += ["31 checks", "holds, signed", "version 4b1d77, live", "14 windows, none broken"]
    stages = [
        StageState(name, "done", held, 600.0 * n) for n, (name, held) in enumerate(zip(STAGES, holds, strict=True))
    ]
    return Facts(
        problem=problem,
        costs=COSTS,
        snapshot=snapshot,
        learner="logistic_regression",
        params={"C": 12.5, "ngrams": 2, "class_weight": "balanced"},
        stages=stages,
    )


def tried():
    """A search of three families."""
    rng = np.random.default_rng(11)
    families = {"logistic_regression": 0.9965, "random_forest": 0.990, "boosted_trees": 0.994}
    trials = []
    for number in range(40):
        name = list(families)[number % 3]
        folds = np.minimum(families[name] + rng.normal(0, 0.0015) + rng.normal(0, 0.0012, 5), 0.9999)
        params = {"C": float(rng.random() * 20)}
        trials.append(
            Trial(
                number=number, learner=name, params=params, score=float(folds.mean()), folds=folds.tolist(), seconds=2.5
            )
        )
    return [
        *trials,
        Trial(number=40, learner="boosted_trees", params={}, score=0.0, folds=[], seconds=0.1, state="failed"),
    ]


def checks():
    """Findings of the other levels."""
    good = [("data.schema", "snapshot"), ("data.duplicates", "snapshot"), ("unit.determinism", "features")]
    good += [("integration.parity", "bundle"), ("robustness.typos", "test"), ("data.time_order", "received")]
    found = [
        Finding(check=c, subject=s, verdict=Verdict.PASS, summary=f"{c.split('.')[1]} holds on 6,046 mails")
        for c, s in good
    ]
    found.append(
        Finding(
            check="data.leakage",
            subject="list-id",
            verdict=Verdict.FAIL,
            summary="the header list-id alone tells 41 % of the classes apart; it was dropped",
            remedy="keep it declared in [data] leaks",
        )
    )
    found.append(
        Finding(
            check="stress.p99_ms",
            subject="server",
            verdict=Verdict.PASS,
            summary="99 % of 12,400 requests were answered within 12.3 ms",
            measured=12.3,
            unit="ms",
            limit=parse_limit("<= 200"),
            severity=Severity.BLOCKER,
        )
    )
    return found


def certificate_of(evaluation, require, *, findings=(), waivers=(), name="spam-filter", levels=None, sentence=None):
    """What the gate would sign."""
    every = [*checks(), *evaluation.findings, *judge_bars(evaluation, require.metrics), *findings]
    run = levels or ["data", "unit", "integration", "performance", "robustness", "fairness", "stress"]
    decision = decide(every, require=require, levels_run=run, waivers=waivers, now=NOW)
    return Certificate(
        name=name,
        sentence=sentence
        or "For one incoming e-mail, say whether it is spam, so that users' exposure to unsolicited "
        "e-mail falls without losing wanted mail; a false alarm costs 10 minutes, a miss 1 minute.",
        bundle="4b1d77ce" * 8,
        files={"manifest.json": "0" * 64, "scorer/weights.npy": "1" * 64},
        verdict=decision.verdict,
        reasons=decision.reasons,
        more_rows=decision.more_rows,
        required=decision.required,
        levels=run,
        missing=decision.missing,
        findings=every,
        waivers=[pair.waiver for pair in decision.waived][:1],
        snapshot="9f3c" * 16,
        split={"method": "time", "cut": "2002-09-14T08:00:00+00:00", "train": 4232, "test": 1814},
        declaration="d1" * 32,
        features="f2" * 32,
        code="c3" * 32,
        environment=environment(),
        metrics=evaluation.metrics,
        threshold=10 / 11,
        issued=NOW.isoformat(),
        expires="2027-07-01T00:00:00+00:00",
        ledger_head="e5" * 32,
        key="8d0f6a21b3c4e597",
    )


def evaluated(strength=4.6, *, groups=None, fairness=None, **options):
    """A whole evaluation, made by the room that makes them."""
    model = scored(strength, **options)
    rng = np.random.default_rng(5)
    rows = len(model.truth)
    return evaluate(
        model,
        costs=COSTS,
        positive="spam",
        baselines={"majority": scored(0.01, **options), "simple": scored(max(strength - 2, 0.3), **options)},
        slices={
            "format": rng.choice(["plain", "html", "both"], rows).tolist(),
            "size": rng.choice(["to 2 kB", "to 5 kB", "larger"], rows).tolist(),
        },
        groups=groups(rows) if groups else {},
        fairness=fairness or Fairness(),
    )


def passing():
    """A good filter against bars that it meets."""
    metrics = {"precision": parse_limit(">= 0.90"), "recall": parse_limit(">= 0.80")}
    metrics |= {"false_positive_rate": parse_limit("<= 0.01"), "auc": parse_limit(">= 0.99")}
    found = evaluated()
    return certificate_of(found, Require(metrics=metrics)), found, tried(), spam_facts()


def doubtful():
    """The same filter against a bar that so few rows cannot show."""
    metrics = {"precision": parse_limit(">= 0.985"), "recall": parse_limit(">= 0.80")}
    metrics |= {"false_positive_rate": parse_limit("<= 0.001")}
    found = evaluated()
    return certificate_of(found, Require(metrics=metrics)), found, tried(), spam_facts()


def refused():
    """Loans, with groups that are treated apart."""
    fairness = Fairness(
        groups=("sex", "age_group"),
        limits={"demographic_parity_ratio": parse_limit(">= 0.8"), "equalized_odds_gap": parse_limit("<= 0.1")},
    )

    def groups(rows):
        rng = np.random.default_rng(8)
        ages = rng.choice(["up to 25", "26 to 60", "over 60"], rows, p=[0.19, 0.75, 0.06])
        return {"sex": rng.choice(["female", "male"], rows, p=[0.31, 0.69]).tolist(), "age_group": ages.tolist()}

    found = evaluated(1.1, groups=groups, fairness=fairness, rows=300, positives=0.7, threshold=0.6)
    require = Require(metrics={"auc": parse_limit(">= 0.75"), "recall": parse_limit(">= 0.97")}, fairness=fairness)
    facts = spam_facts()
    problem = Problem(
        name="credit-risk", need="", task="binary", unit="one application", target="repaid", positive="yes"
    )
    stages = [StageState(s.name, "done", s.holds, s.age_seconds) for s in facts.stages[:6]]
    stages.append(StageState("gate", "blocked", "", 10.0, "recall is too low: 2 requirements fail"))
    stages += [StageState("serve", "stale", "version 77a0e1, live", 86400.0 * 9), StageState("watch", "empty")]
    said = "For one loan application, say whether it will be repaid, so that applicants are treated alike."
    certificate = certificate_of(found, require, name="credit-risk", sentence=said)
    return certificate, found, tried(), Facts(problem=problem, costs=Costs(), snapshot=facts.snapshot, stages=stages)


def waived():
    """The doubtful filter, for whose false-positive rate somebody answers."""
    _, found, trials, facts = doubtful()
    waiver = Waiver(
        person="Ada Byron",
        reason="a pilot with forty users who can see what was filtered",
        expires=date(2027, 2, 28),
        check="performance.false_positive_rate",
    )
    require = Require(metrics={"false_positive_rate": parse_limit("<= 0.001"), "recall": parse_limit(">= 0.80")})
    return certificate_of(found, require, waivers=[waiver]), found, trials, facts


def hostile():
    """Evidence in which every word that people or data may choose is an attack on the page."""
    attack = '<script>alert("x")</script><img src=//evil.example/x onerror=alert(1)>\'"&{{7*7}}\u2028'
    _, found, _, _ = passing()
    finding = Finding(
        check="data.x",
        subject=attack,
        verdict=Verdict.FAIL,
        summary=attack,
        measured=0.5,
        unit=attack,
        interval=Interval(0.4, 0.6),
        limit=parse_limit(">= 0.9"),
        severity=Severity.BLOCKER,
        remedy=attack,
    )
    made = certificate_of(found, Require(), findings=[finding], name=attack, sentence=attack)
    trials = [Trial(number=0, learner=attack, params={attack: attack}, score=0.5, folds=[0.4, 0.6], seconds=1.0)]
    problem = Problem(
        name=attack, need=attack, task="binary", unit=attack, target=attack, positive=attack, owner=attack
    )
    snapshot = Snapshot(
        id=attack, kind="mail", rows=1, columns={}, lineage={attack: attack},
        sources=[SourceFile(path=attack, bytes=1, sha256=attack)],
    )  # fmt: skip
    stages = [StageState(attack, "blocked", attack, 1.0, attack) for _ in STAGES]
    rows = [{"slice": attack, "rows": 5, "metric": attack, "value": 0.5, "low": 0.1, "high": 0.9, "overall": 0.4}]
    groups = [{"attribute": attack, "group": attack, "rows": 5, attack: {"value": 0.5, "low": 0.1, "high": 0.9}}]
    metrics = {attack: next(iter(found.metrics.values())), **found.metrics}
    evil = type(found)(
        metrics=metrics, confusion=found.confusion, curves=found.curves, slices=rows, groups=groups,
        baselines={attack: metrics},
    )  # fmt: skip
    params = {attack: attack}
    costs = Costs(unit=attack)
    return (
        made,
        evil,
        trials,
        Facts(problem=problem, costs=costs, snapshot=snapshot, learner=attack, params=params, stages=stages),
    )


EXAMPLES = {"passing": passing, "doubtful": doubtful, "refused": refused, "waived": waived, "hostile": hostile}


@pytest.fixture(scope="session")
def examples():
    """Name to (certificate, evaluation, trials, facts)."""
    return {name: make() for name, make in EXAMPLES.items()}
