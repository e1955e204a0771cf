"""Contracts read from and written to files of other forms; which form a file has is seen from its keys."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from roadworthy.data.contract.forms.form import Read, Written
from roadworthy.data.contract.forms.frictionless import from_frictionless, to_frictionless
from roadworthy.data.contract.forms.json_schema import from_json_schema, to_json_schema
from roadworthy.data.contract.forms.odcs import from_odcs, to_odcs
from roadworthy.data.contract.forms.pandera import from_pandera, to_pandera
from roadworthy.data.contract.terms import Contract
from roadworthy.kernel.catalogue import resolve
from roadworthy.kernel.errors import RoadworthyError, SourceError
from roadworthy.kernel.files import write_atomically
from roadworthy.kernel.nearest import did_you_mean

WRITERS: Mapping[str, Callable[[Contract], Written]] = MappingProxyType(
    {"pandera": to_pandera, "frictionless": to_frictionless, "odcs": to_odcs, "json_schema": to_json_schema}
)
READERS: Mapping[str, Callable[[Any], Read]] = MappingProxyType(
    {"pandera": from_pandera, "frictionless": from_frictionless, "odcs": from_odcs, "json_schema": from_json_schema}
)
_TOLD_BY = (("schema", "odcs"), ("fields", "frictionless"), ("columns", "pandera"), ("properties", "json_schema"))
_MOST_BYTES = 16 << 20


def write_form(contract: Contract, path: Path, *, form: str) -> tuple[str, ...]:
    """Write a contract in another form, as JSON (which YAML readers read too); returns what the form cannot say.

    Args:
        form: `pandera`, `frictionless`, `odcs` or `json_schema`.

    Raises:
        RoadworthyError: if there is no such form.
        PlaceError: if the file cannot be written.
    """
    if form not in WRITERS:
        raise RoadworthyError(f"there is no form {form!r}", where="contract", fix=did_you_mean(form, WRITERS))
    written = WRITERS[form](contract)
    write_atomically(path, msgspec.json.format(msgspec.json.encode(written.body), indent=2) + b"\n")
    return written.left_out


def read_form(path: Path, *, form: str = "") -> Read:
    """A contract from a file of another form, JSON or YAML.

    Args:
        form: seen from the keys where it is not said.

    Raises:
        RoadworthyError: if there is no such form.
        SourceError: if the file cannot be read, or is of no form that we know.
        DataError: if it does not hold what its form needs.
    """
    if form and form not in READERS:
        raise RoadworthyError(f"there is no form {form!r}", where="contract", fix=did_you_mean(form, READERS))
    body = _body(path)
    found = form or next((name for key, name in _TOLD_BY if isinstance(body, dict) and key in body), "")
    if not found:
        fix = f"give a file of {', '.join(READERS)}"
        raise SourceError("this is no contract in a form that we know", where=str(path), fix=fix)
    return READERS[found](body)


def _body(path: Path) -> Any:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise SourceError("the contract is larger than 16 MiB", where=str(path), fix="list values in a file beside")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise SourceError(f"the contract cannot be read: {err}", where=str(path), fix="give a file in UTF-8") from err
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as err:
        if path.suffix.lower() not in (".yaml", ".yml"):
            raise SourceError(f"this is no JSON: {err}", where=str(path), fix="mend it, or name it .yaml") from err
    return _yaml(text, path)


def _yaml(text: str, path: Path) -> Any:
    try:
        return resolve("yaml:safe_load")(text)
    except ImportError as err:
        fix = 'pip install "roadworthy[yaml]", or write it as JSON'
        raise SourceError("there is no reader of YAML here", where=str(path), fix=fix) from err
    except (ValueError, RecursionError, resolve("yaml:YAMLError")) as err:
        told = str(err).replace("\n", " ")
        raise SourceError(f"this is no YAML: {told}", where=str(path), fix="mend the line") from err
