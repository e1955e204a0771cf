"""All that is measured on the held-out part, in one record."""

from collections.abc import Mapping, Sequence

from roadworthy.declare.problem import Costs
from roadworthy.declare.requirements import Fairness
from roadworthy.evaluation.cautions import calibration, imbalance, undefined
from roadworthy.evaluation.curves import curves
from roadworthy.evaluation.groups import audit, fairness_findings, group_rows
from roadworthy.evaluation.metrics import measure
from roadworthy.evaluation.slices import find_slices, slice_findings, slice_rows
from roadworthy.evaluation.versus import better_than
from roadworthy.kernel.records import Evaluation, Scored
from roadworthy.measures.classification import confusion

Columns = Mapping[str, Sequence[object]]
"""Column name to one value a row, aligned with the scored rows."""


def evaluate(  # noqa: PLR0913  # the parts of one question, each named by the caller
    scored: Scored,
    *,
    costs: Costs,
    positive: str,
    baselines: Mapping[str, Scored],
    slices: Columns,
    groups: Columns,
    fairness: Fairness,
) -> Evaluation:
    """Measure a model on rows that nothing was tuned on.

    Args:
        scored: truth and the model's answer, row by row.
        costs: of each error; they drive the comparison with the baselines and the cost curve.
        positive: the positive class in words, for sentences.
        baselines: name to answers on the same rows; each gives a finding that blocks unless the model is better, so
            give those that it must beat.
        slices: columns in which to look for places where the model is worse.
        groups: columns of people's groups; every declared limit is judged on each.
        fairness: declared limits.

    Returns:
        Every metric that is defined on these rows, with its interval; curves; slices; groups; findings.

    Raises:
        MeasureError: if there are no rows, or a column or baseline is not aligned with them.
    """
    measured = measure(scored, costs=costs)
    counted = confusion(scored.truth, scored.decision)
    worst = find_slices(scored, slices)
    audited = audit(scored, groups, intersections=fairness.intersections)
    return Evaluation(
        metrics=measured.metrics,
        confusion={"tp": counted.tp, "fp": counted.fp, "fn": counted.fn, "tn": counted.tn},
        curves=curves(scored, costs=costs),
        slices=slice_rows(worst, {name: of.value for name, of in measured.metrics.items()}),
        groups=group_rows(audited),
        baselines={name: measure(other, costs=costs).metrics for name, other in baselines.items()},
        findings=[
            *(better_than(name, scored, other, costs=costs) for name, other in baselines.items()),
            *imbalance(scored, measured.metrics, positive=positive),
            *calibration(scored, measured.metrics),
            *undefined(measured.undefined),
            *slice_findings(worst),
            *fairness_findings(audited, fairness),
        ],
    )
