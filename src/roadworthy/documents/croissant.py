"""A Croissant record: metadata of a data set that search engines and loaders read.

Source: Akhtar et al. (2024), Croissant: a metadata format for ML-ready datasets; MLCommons Croissant 1.0.
"""

import re
from typing import Any

from roadworthy.documents.dataset import DataFacts, DataFile
from roadworthy.kernel.portrait import ColumnPortrait

_CONFORMS = "http://mlcommons.org/croissant/1.0"
_TYPES = {
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
    "datetime": "sc:DateTime",
    "date": "sc:Date",
}
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def croissant(facts: DataFacts) -> dict[str, Any]:
    """The record as JSON-LD; a description says in words what was measured, and what nobody declared is left out."""
    record: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": _CONFORMS,
        "name": facts.name,
        "description": _description(facts),
        "version": f"1.0.0+{facts.version[:12]}",
        "datePublished": facts.at,
        "isLiveDataset": False,
        "distribution": _distribution(facts),
    }
    if facts.licences:
        record["license"] = facts.licences
    if facts.owner:
        record["creator"] = {"@type": "sc:Person", "name": facts.owner}
    if facts.pseudonymised:
        record["rai:personalSensitiveInformation"] = [
            f"people in {name} are replaced by keyed marks" for name in facts.pseudonymised
        ]
    if facts.consents:
        record["rai:dataCollection"] = f"ground of use as declared: {'; '.join(facts.consents)}"
    if facts.table is not None:
        record["recordSet"] = [_records(facts)]
    return record


def _description(facts: DataFacts) -> str:
    portrait = facts.portrait
    said = [f"{portrait.rows:,} rows and {len(portrait.columns)} columns."]
    if facts.unit:
        said.append(f"One row is {facts.unit}.")
    if facts.need:
        said.append(f"Collected for: {facts.need}.")
    if facts.period:
        said.append(f"Rows are dated {facts.period[0]} to {facts.period[1]}.")
    return " ".join(said)


def _distribution(facts: DataFacts) -> list[dict[str, Any]]:
    files = [*([facts.table] if facts.table else []), *facts.raw]
    return [_file(one) for one in files]


def _file(one: DataFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": _identifier(one.name),
        "name": one.name,
        "contentUrl": one.name,
        "contentSize": f"{one.bytes} B",
        "encodingFormat": one.encoding,
        "sha256": one.sha256,
    }


def _records(facts: DataFacts) -> dict[str, Any]:
    table = facts.table.name if facts.table else ""
    return {
        "@type": "cr:RecordSet",
        "@id": "rows",
        "name": "rows",
        "description": f"One record is {facts.unit or 'one row'}.",
        "field": [_field(column, table) for column in facts.portrait.columns],
    }


def _field(column: ColumnPortrait, table: str) -> dict[str, Any]:
    missing = f"; {column.missing / column.rows:.2%} missing" if column.rows and column.missing else ""
    return {
        "@type": "cr:Field",
        "@id": f"rows/{column.name}",
        "name": column.name,
        "description": f"{column.scale}, {column.distinct:,} distinct values{missing}",
        "dataType": _TYPES.get(column.type, "sc:Text"),
        "source": {"fileObject": {"@id": _identifier(table)}, "extract": {"column": column.name}},
    }


def _identifier(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._/-]", "_", name)
