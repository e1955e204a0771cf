"""The Open Inference Protocol V2 over HTTP: metadata, and `infer` with JSON and binary tensors."""

from typing import Any

import msgspec

from roadworthy.serving.answering import Model
from roadworthy.serving.door import take_columns
from roadworthy.serving.exchange import Answer, Question, Refusal, Reply, Request
from roadworthy.serving.tensors import (
    InferRequest,
    Wanted,
    binary_of,
    read_request,
    rows_of,
    values_of,
)

_OUTPUTS = {"probability": "FP64", "decision": "INT64", "label": "BYTES", "prediction_id": "BYTES"}
_DATATYPES = {"number": "FP64", "boolean": "BOOL"}
_encode = msgspec.json.Encoder().encode


def metadata(model: Model) -> dict[str, Any]:
    """What the protocol calls model metadata, and the facts of the decision beside it."""
    if model.kind == "mail":
        inputs = [{"name": "raw", "datatype": "BYTES", "shape": [-1]}]
    else:
        inputs = [
            {"name": field.name, "datatype": _DATATYPES.get(field.type, "BYTES"), "shape": [-1]}
            for field in model.inputs
        ]
    return {
        "name": model.name,
        "versions": [model.version],
        "platform": "roadworthy",
        "inputs": inputs,
        "outputs": [{"name": name, "datatype": kind, "shape": [-1]} for name, kind in _OUTPUTS.items()],
        "positive": model.positive,
        "negative": model.negative,
        "threshold": model.threshold,
    }


def infer(request: Request, model: Model, *, max_rows: int) -> Question:
    """Read a V2 request into a question for the model.

    Raises:
        Refusal: 400, with the input and the reason.
    """
    asked = read_request(request.body, json_bytes=_json_bytes(request))
    _check_outputs(asked)
    rows = _rows(asked, max_rows)
    given: dict[str, list[Any]] = {}
    for tensor in asked.inputs:
        if tensor.name in given:
            raise Refusal(400, "schema", f"input {tensor.name[:200]!r} is given twice")
        given[tensor.name] = values_of(tensor)

    def render(answer: Answer) -> Reply:
        return _render(answer, asked, model)

    keys = [asked.id] if rows == 1 else [f"{asked.id}#{row}" for row in range(rows)] if asked.id else ()
    if model.kind == "mail":
        return Question(rows=rows, raws=_raws(given, rows), render=render, keys=keys)
    decoded = {name: _decoded(values, name) for name, values in given.items()}
    columns = take_columns(decoded, model.inputs, rows=rows)
    return Question(rows=rows, columns=columns, render=render, keys=keys)


def _json_bytes(request: Request) -> int | None:
    given = request.headers.get(b"inference-header-content-length")
    if given is None:
        return None
    if not given.isdigit() or len(given) > 12:
        raise Refusal(400, "binary", "inference-header-content-length is no number")
    return int(given)


def _rows(asked: InferRequest, max_rows: int) -> int:
    if not asked.inputs:
        raise Refusal(400, "schema", "the request has no inputs")
    counts = {rows_of(tensor) for tensor in asked.inputs}
    if len(counts) > 1:
        raise Refusal(400, "shape", f"the inputs have different numbers of rows: {sorted(counts)[:8]}")
    rows = counts.pop()
    if not 1 <= rows <= max_rows:
        raise Refusal(400, "rows", f"{rows} rows where 1 to {max_rows} are taken in one request")
    return rows


def _raws(given: dict[str, list[Any]], rows: int) -> list[bytes]:
    values = given.get("raw")
    if values is None or len(given) > 1:
        raise Refusal(400, "unknown_input", f'the one input of this model is "raw", got {sorted(given)[:8]}')
    if len(values) != rows:
        raise Refusal(400, "shape", f"input 'raw' has {len(values)} values where {rows} are expected")
    if not all(type(value) in (str, bytes) for value in values):
        raise Refusal(400, "type", "input 'raw' takes whole messages as strings")
    return [value.encode() if type(value) is str else value for value in values]


def _decoded(values: list[Any], name: str) -> list[Any]:
    if not values or type(values[0]) is not bytes:
        return values
    try:
        return [value.decode() for value in values]
    except UnicodeDecodeError:
        raise Refusal(400, "type", f"input {name[:200]!r} holds a string that is not UTF-8") from None


def _check_outputs(asked: InferRequest) -> None:
    for wanted in asked.outputs or ():
        if wanted.name not in _OUTPUTS:
            raise Refusal(
                400, "unknown_output", f"there is no output {wanted.name[:200]!r}; known: {', '.join(_OUTPUTS)}"
            )


def _render(answer: Answer, asked: InferRequest, model: Model) -> Reply:
    every: dict[str, list[Any]] = {
        "probability": answer.probability,
        "decision": answer.decision,
        "label": [model.positive if said else model.negative for said in answer.decision],
        "prediction_id": answer.ids,
    }
    in_bytes = bool((asked.parameters or {}).get("binary_data_output", False))
    outputs: list[dict[str, Any]] = []
    chunks: list[bytes] = []
    for wanted in asked.outputs or [Wanted(name=name) for name in _OUTPUTS]:
        values, kind = every[wanted.name], _OUTPUTS[wanted.name]
        output: dict[str, Any] = {"name": wanted.name, "datatype": kind, "shape": [len(values)]}
        if (wanted.parameters or {}).get("binary_data", in_bytes):
            chunks.append(binary_of(values, kind))
            output["parameters"] = {"binary_data_size": len(chunks[-1])}
        else:
            output["data"] = values
        outputs.append(output)
    body: dict[str, Any] = {"model_name": model.name, "model_version": model.version, "outputs": outputs}
    if asked.id:
        body["id"] = asked.id
    encoded = _encode(body)
    if not chunks:
        return Reply(200, encoded)
    return Reply(
        200,
        encoded + b"".join(chunks),
        content_type=b"application/octet-stream",
        extra=b"inference-header-content-length: %d\r\n" % len(encoded),
    )
