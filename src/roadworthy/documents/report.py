"""The report of a model: one HTML file that needs no network, no script and nothing beside it."""

from collections.abc import Sequence

from roadworthy.bundle.certificate import Certificate
from roadworthy.documents import charts, sections, verdicts
from roadworthy.documents.facts import Facts
from roadworthy.documents.pages import template
from roadworthy.documents.plaque import plaque
from roadworthy.documents.status import life_cycle_svg
from roadworthy.kernel.records import Evaluation, Trial


def render_report(certificate: Certificate, evaluation: Evaluation, trials: Sequence[Trial], *, facts: Facts) -> str:
    """The page as HTML.

    Everything that comes from data or people is escaped; the pictures are drawn here.

    Args:
        certificate: what was decided, and all findings.
        evaluation: what was measured on the test part.
        trials: the search, in any order; may be empty.
        facts: problem, costs, data, learner, and the life cycle as it stands.
    """
    head = verdicts.headline(certificate)
    return template("report.html.j2").render(
        certificate=certificate,
        evaluation=evaluation,
        facts=facts,
        head=head,
        plaque=plaque(
            class_=head.class_, last=certificate.last_day, words=f"{head.words}, until {certificate.last_day:%B %Y}"
        ),
        requirements=verdicts.requirements(certificate),
        doubts=verdicts.doubts(certificate.findings),
        metrics=sections.metric_rows(evaluation),
        curves=sections.curves(evaluation, threshold=certificate.threshold, cost_unit=facts.costs.unit),
        comparisons=sections.comparisons(evaluation),
        slices=sections.slices(evaluation),
        groups=sections.groups(evaluation),
        search=charts.search(trials),
        learners=list(dict.fromkeys(trial.learner for trial in trials if trial.state == "complete")),
        trials=trials,
        best=max((trial for trial in trials if trial.state == "complete"), key=lambda trial: trial.score, default=None),
        levels=sections.levels(certificate.findings, required=certificate.required, missing=certificate.missing),
        cycle=life_cycle_svg(facts.stages) if facts.stages else "",
        parts=_parts(certificate),
    )


def _parts(certificate: Certificate) -> str:
    split = certificate.split
    train, test = int(split.get("train", 0)), int(split.get("test", 0))
    shown = [("train", train, "part train"), ("test", test, "part test")]
    return charts.sparkbars(shown, label=f"{train:,} rows to learn from, {test:,} rows to test on")
