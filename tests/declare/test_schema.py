"""The JSON Schema takes what the reader takes, and refuses what it refuses."""

import json
import re
import tomllib
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from roadworthy.declare.schema import json_schema

ROOT = Path(__file__).parents[2]
SCHEMA = json_schema()
KINDS = {"object": dict, "array": list, "string": (str, date), "number": (int, float), "integer": int, "boolean": bool}


def faults(value, schema, where="") -> list[str]:  # noqa: C901 - one branch a word of JSON Schema
    """A small validator: the words of JSON Schema that our schema uses, and an error on any other word."""
    assert set(schema) <= {
        "$schema", "title", "$defs", "description", "format",
        "$ref", "anyOf", "enum", "type", "pattern", "items", "properties", "required", "additionalProperties",
    }  # fmt: skip
    found = []
    if "$ref" in schema:
        found += faults(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")], where)
    if "anyOf" in schema and all(faults(value, one, where) for one in schema["anyOf"]):
        found.append(f"{where}: none of anyOf")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{where}: {value!r} not in enum")
    kind = schema.get("type")
    if kind and (not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return [*found, f"{where}: no {kind}"]
    if "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{where}: pattern")
    if kind == "array":
        found += [fault for item in value for fault in faults(item, schema["items"], f"{where}[]")]
    if kind == "object":
        found += [f"{where}: {key} missing" for key in schema.get("required", ()) if key not in value]
        for key, item in value.items():
            known = schema.get("properties", {}).get(key, schema.get("additionalProperties", False))
            found += [f"{where}.{key}: unknown"] if known is False else faults(item, known, f"{where}.{key}")
    return found


def documents():
    for place in [
        *(ROOT / "examples").glob("*/roadworthy.toml"),
        *(files("roadworthy.declare") / "templates").iterdir(),
    ]:
        yield pytest.param(tomllib.loads(place.read_text(encoding="utf-8")), id=str(place)[-30:])


@pytest.mark.parametrize("document", list(documents()))
def test_examples_and_templates_are_valid(document):
    assert faults(document, SCHEMA) == []


def example():
    return tomllib.loads((ROOT / "examples/spam/roadworthy.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d["problem"].pop("target"),
        lambda d: d["problem"].update(task="multiclass"),
        lambda d: d["costs"].update(false_positive="10"),
        lambda d: d["require"].update(presicion=">= 0.9"),
        lambda d: d["require"].update(precision="high"),
        lambda d: d["require"]["robustness"].update(evasion={"rate": 0.1}),
        lambda d: d["require"]["robustness"]["typos"].update(budget=3),
        lambda d: d["data"]["source"][0].update(sepparator=","),
        lambda d: d["data"]["source"][0]["label"].update(spam="spam*"),
        lambda d: d["monitor"].update(window=60),
        lambda d: d["monitor"].update(false_alarms="few"),
        lambda d: d["deploy"]["online"].update(port="8080"),
        lambda d: d["deploy"].update(experiment={}),
        lambda d: d.update(monitr={}),
    ],
)
def test_what_the_reader_refuses_is_invalid(spoil):
    document = example()
    spoil(document)
    assert faults(document, SCHEMA)


def test_the_schema_is_json_and_every_reference_leads_somewhere():
    text = json.dumps(SCHEMA)
    for name in re.findall(r'"#/\$defs/(\w+)"', text):
        assert name in SCHEMA["$defs"]
