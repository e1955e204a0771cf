"""The words that a declaration may use beside the names of its own columns."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

BETTER_WHEN_HIGH = (
    "accuracy",
    "precision",
    "recall",
    "f1",
    "specificity",
    "auc",
    "average_precision",
    "balanced_accuracy",
    "mcc",
)
BETTER_WHEN_LOW = (
    "error_rate",
    "false_positive_rate",
    "false_negative_rate",
    "one_minus_auc_percent",
    "brier",
    "log_loss",
    "ece",
    "cost",
)
METRICS = BETTER_WHEN_HIGH + BETTER_WHEN_LOW
"""Metrics of a binary model on which a bar may be set."""

SHARES = tuple(name for name in METRICS if name not in {"mcc", "one_minus_auc_percent", "log_loss", "cost"})
"""Metrics that lie in [0, 1]."""

FAIRNESS = (
    "demographic_parity_ratio",
    "demographic_parity_gap",
    "equalized_odds_gap",
    "equal_opportunity_gap",
    "false_positive_rate_gap",
    "calibration_gap",
)
"""Notions of fairness between groups: a ratio is best at 1, a gap at 0."""

STRESS = ("mean_ms", "p99_ms", "errors", "memory_mb")
"""What is measured under load; less is better for all of them."""

COMPARED = ("baseline", "majority", "simple", "live")
"""What a model may be asked to be better than."""

SOURCE_OPTIONS: Mapping[str, Collection[str]] = MappingProxyType(
    {
        "mail": ("format", "max_mail"),
        "csv": ("separator", "header", "names", "encoding", "missing", "quote", "comment"),
        "excel": ("sheets", "header"),
        "delta": ("version", "at", "columns"),
        "parquet": ("columns", "partitions"),
        "arrow": ("columns", "partitions"),
        "json": ("records", "fields", "rest", "depth", "encoding", "max_record"),
        "jsonl": ("records", "fields", "rest", "depth", "encoding", "max_record"),
        "xml": ("records", "encoding", "max_record"),
        "log": ("format", "pattern", "timezone", "year", "encoding", "max_line"),
        "text": ("encoding", "max_file"),
        "documents": ("max_pages", "max_characters", "max_file"),
        "images": ("boxes", "max_pixels", "max_file"),
        "audio": ("max_seconds", "max_file"),
        "video": ("samples", "max_pixels", "max_file"),
        "simulated_mail": ("seed", "months", "from_month", "per_day"),
        "prediction_log": (),
        "database": (
            "url",
            "table",
            "schema",
            "query",
            "columns",
            "key",
            "limit",
            "timeout",
            "part",
            "version",
        ),
    }
)
"""Keys of `[[data.source]]` that each built-in kind reads beside those of every source."""

MADE = frozenset({"simulated_mail"})
"""Kinds of source that make their records: the same options make the same ones."""

NO_PATH = MADE | {"database"}
"""Kinds of source that read no file."""

SEALED = frozenset({"url", "headers"})
"""Keys of `[[data.source]]` in which `${NAME}` may stand for a secret, and which are shown as written."""

LABELLED = frozenset({"mail"})
"""Kinds of source whose records do not hold their label: `label` says where it comes from."""

OWN_LABEL = frozenset({"csv", "excel", "delta", "parquet", "arrow", "database", "simulated_mail", "prediction_log"})
"""Kinds of source whose records hold their label."""

MAIL = frozenset({"mail", "simulated_mail"})
TABLES = frozenset(
    [
        "csv",
        "excel",
        "delta",
        "parquet",
        "arrow",
        "json",
        "jsonl",
        "xml",
        "log",
        "text",
        "documents",
        "images",
        "audio",
        "video",
        "database",
    ]
)
"""Kinds of source that give raw mail, and those that give tables; others give either."""

PERTURBATIONS = ("typos",)
"""Disturbances of the inputs that this version can make."""
