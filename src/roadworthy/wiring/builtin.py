"""The readable list of what is built in. A plug-in adds to it by an entry point in group `roadworthy.<kind>`."""

SOURCES = {
    "mail": "roadworthy.data.sources.mail:mail",
    "csv": "roadworthy.data.sources.csv:csv",
    "excel": "roadworthy.data.sources.excel:excel",
    "delta": "roadworthy.data.sources.delta:delta",
    "parquet": "roadworthy.data.sources.columnar:parquet",
    "arrow": "roadworthy.data.sources.columnar:arrow",
    "json": "roadworthy.data.sources.json:json",
    "jsonl": "roadworthy.data.sources.jsonl:jsonl",
    "xml": "roadworthy.data.sources.xml:xml",
    "log": "roadworthy.data.sources.log:log",
    "text": "roadworthy.data.sources.text:text",
    "documents": "roadworthy.data.sources.documents:documents",
    "images": "roadworthy.data.sources.images:images",
    "audio": "roadworthy.data.sources.audio:audio",
    "video": "roadworthy.data.sources.video:video",
    "simulated_mail": "roadworthy.data.simulated.source:simulated_mail",
    "prediction_log": "roadworthy.data.sources.prediction_log:prediction_log",
    "database": "roadworthy.data.sources.database:database",
}

LEARNERS = {
    "logistic_regression": "roadworthy.training.learners.logistic_regression:LogisticRegression",
    "random_forest": "roadworthy.training.learners.random_forest:RandomForest",
    "boosted_trees": "roadworthy.training.learners.boosted_trees:BoostedTrees",
}

QUALITY = {
    "completeness": "roadworthy.data.quality.completeness:completeness",
    "disguised": "roadworthy.data.quality.disguised:disguised",
    "gaps": "roadworthy.data.quality.gaps:gaps",
    "missingness": "roadworthy.data.quality.missingness:missingness",
    "representation": "roadworthy.data.quality.representation:representation",
    "timeliness": "roadworthy.data.quality.timeliness:timeliness",
    "stale": "roadworthy.data.quality.stale:stale",
    "clocks": "roadworthy.data.quality.clocks:clocks",
    "windows": "roadworthy.data.quality.windows:windows",
    "validity": "roadworthy.data.quality.validity:validity",
    "trusted": "roadworthy.data.quality.trusted:trusted",
    "manual": "roadworthy.data.quality.manual:manual",
    "contract": "roadworthy.data.quality.contracted:contracted",
    "slips": "roadworthy.data.quality.slips:slips",
    "plausible": "roadworthy.data.quality.plausible:plausible",
    "uniqueness": "roadworthy.data.quality.uniqueness:uniqueness",
    "near_duplicates": "roadworthy.data.quality.near_duplicates:near_duplicates",
    "consistency": "roadworthy.data.quality.consistency:consistency",
    "personal": "roadworthy.data.quality.personal:personal",
    "reading": "roadworthy.data.quality.reading:reading",
}
"""Checks of a table, see `roadworthy.data.quality.look`."""
