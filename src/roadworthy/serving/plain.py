"""Plain JSON for people with curl: one mail, one row, several rows, and the truth that comes back."""

from typing import Any

import msgspec

from roadworthy.kernel.nearest import nearest
from roadworthy.serving.answering import Model
from roadworthy.serving.door import take_columns
from roadworthy.serving.exchange import Answer, Feedback, Question, Refusal, Reply, Request, Returned
from roadworthy.serving.tensors import read_json

_encode = msgspec.json.Encoder().encode
_anything = msgspec.json.Decoder().decode
_feedback = msgspec.json.Decoder(Returned | list[Returned]).decode


def ask_mail(request: Request, model: Model) -> Question:
    """The body is one raw message."""
    if model.kind != "mail":
        raise Refusal(400, "kind", f"model {model.name!r} takes rows of a table, no mail: POST JSON to /predict")
    if not request.body.strip():
        raise Refusal(400, "empty", "the body holds no mail")
    return Question(rows=1, raws=(request.body,), render=_one(model))


def ask_json(request: Request, model: Model, *, max_rows: int) -> Question:
    """The body is `{"mail": "..."}`, a row `{"column": value}`, or a list of either.

    A row may hold more columns than the model reads (they are kept with the input, where inputs are kept), and a field
    `key` that names the record for the feedback to come.
    """
    given = read_json(request.body, _anything)
    rows = given if type(given) is list else [given]
    if not 1 <= len(rows) <= max_rows:
        raise Refusal(400, "rows", f"{len(rows)} rows where 1 to {max_rows} are taken in one request")
    if not all(type(row) is dict for row in rows):
        raise Refusal(400, "schema", "a row is a JSON object with one value per column")
    render = _several(model) if rows is given else _one(model)
    if model.kind == "mail":
        return Question(rows=len(rows), raws=[_mail(row) for row in rows], render=render)
    names = [field.name for field in model.inputs]
    for row in rows:
        if not row.keys() >= set(names):
            missing = next(name for name in names if name not in row)
            raise Refusal(400, "missing_input", f"column {missing!r} is missing{_perhaps(missing, row)}")
    columns = take_columns({name: [row[name] for row in rows] for name in names}, model.inputs, rows=len(rows))
    keys = () if "key" in names else [_key(row) for row in rows]
    return Question(rows=len(rows), columns=columns, given=rows, keys=keys, render=render)


def take_feedback(request: Request, model: Model, *, max_rows: int) -> Feedback:
    """The body is `{"id" or "key": "...", "label": "..."}`, or a list of such."""
    given = read_json(request.body, _feedback)
    returned = given if type(given) is list else [given]
    if not 1 <= len(returned) <= max_rows:
        raise Refusal(400, "rows", f"{len(returned)} labels where 1 to {max_rows} are taken in one request")
    for each in returned:
        if bool(each.id) == bool(each.key):
            raise Refusal(400, "schema", 'give either the "id" of a prediction or the "key" of a record')
        _check_label(each.label, model)
    return Feedback(returned)


def _check_label(label: str, model: Model) -> None:
    if label in (model.positive, model.negative):
        return
    # Where the target has several other values, the model's other answer is "not <positive>", and the label may be any
    # of them; but what looks like a slip of the pen must not count as "not".
    several = model.negative == f"not {model.positive}"
    if not several or not label.strip() or nearest(label, (model.positive,)):
        raise Refusal(400, "label", f"the label is {model.positive!r} or {model.negative!r}, got {label[:80]!r}")


def _key(row: dict[str, Any]) -> str:
    key = row.get("key", "")
    if type(key) not in (str, int):
        raise Refusal(400, "type", 'the "key" of a row is a string or a whole number')
    return str(key)


def _perhaps(missing: str, row: dict[str, Any]) -> str:
    close = nearest(missing, row)
    return f"; the row has {close[:80]!r}" if close else ""


def _mail(row: dict[str, Any]) -> bytes:
    if row.keys() != {"mail"} or type(row["mail"]) is not str:
        raise Refusal(400, "schema", 'a mail is given as {"mail": "<the whole message>"}')
    if not row["mail"].strip():
        raise Refusal(400, "empty", "the mail is empty")
    return row["mail"].encode()


def _one(model: Model) -> Any:
    return lambda answer: Reply(200, _encode(_plain(answer, model)[0]))


def _several(model: Model) -> Any:
    return lambda answer: Reply(200, _encode({"predictions": _plain(answer, model)}))


def _plain(answer: Answer, model: Model) -> list[dict[str, Any]]:
    return [
        {
            "id": id_,
            "label": model.positive if decision else model.negative,
            "probability": probability,
            "decision": decision,
            "threshold": model.threshold,
            "model": model.name,
            "version": model.version,
        }
        for id_, probability, decision in zip(answer.ids, answer.probability, answer.decision, strict=True)
    ]
