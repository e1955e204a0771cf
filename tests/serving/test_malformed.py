"""Requests that nobody should send: each gets a 4xx with a reason, and the next client is served."""

import json

import pytest


def http(path: str, body: bytes = b"", *headers: str, method: str = "POST", length: object = None) -> bytes:
    head = [
        f"{method} {path} HTTP/1.1",
        "host: x",
        f"content-length: {len(body) if length is None else length}",
        *headers,
    ]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


def tensor(name: str, data: object, datatype: str = "FP64", shape: object = None, **more: object) -> dict:
    return {"name": name, "datatype": datatype, "shape": shape or [1], "data": data, **more}


def infer(*changed: dict, drop: str = "", **fields: object) -> bytes:
    """A V2 request in which some tensors are replaced by others of the same name, or by a strange one."""
    inputs = {
        "amount": tensor("amount", [1.0]),
        "months": tensor("months", [1], "INT64"),
        "purpose": tensor("purpose", ["car"], "BYTES"),
        "foreign": tensor("foreign", [True], "BOOL"),
    }
    inputs.update((each.get("name", "?"), each) for each in changed)
    inputs.pop(drop, None)
    return http("/v2/models/fake/infer", json.dumps({"inputs": list(inputs.values()), **fields}).encode())


ROW = {"amount": 1.0, "months": 1, "purpose": "car", "foreign": None}


def row(**changed: object) -> bytes:
    return http("/predict", json.dumps({**ROW, **changed}).encode())


def raw_json(text: bytes) -> bytes:
    return http("/v2/models/fake/infer", text)


def binary(header_length: str, body: bytes) -> bytes:
    return http("/v2/models/fake/infer", body, f"inference-header-content-length: {header_length}")


BINARY_JSON = json.dumps(
    {"inputs": [{"name": "amount", "shape": [1], "datatype": "FP64", "parameters": {"binary_data_size": 8}}]}
).encode()

CASES: dict[str, tuple[bytes, int]] = {
    # no HTTP at all
    "noise": (b"\x00\x01\x02\x03\r\n\r\n", 400),
    "TLS hello": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40), 400),
    "HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "a line of text": (b"hello there\r\n\r\n", 400),
    "unknown method": (b"BREW /coffee HTTP/1.1\r\nhost: x\r\n\r\n", 400),
    "lower-case method": (b"get / HTTP/1.1\r\nhost: x\r\n\r\n", 400),
    "no version": (b"GET /v2\r\n\r\n", 400),
    "version 0.9": (b"GET /v2 HTTP/0.9\r\nhost: x\r\n\r\n", 400),
    "version 2.0": (b"GET /v2 HTTP/2.0\r\nhost: x\r\n\r\n", 400),
    "version 1.7": (b"GET /v2 HTTP/1.7\r\nhost: x\r\n\r\n", 400),
    "space in the target": (b"GET /v2 /x HTTP/1.1\r\nhost: x\r\n\r\n", 400),
    "CONNECT": (b"CONNECT other:443 HTTP/1.1\r\nhost: other\r\n\r\n", 400),
    "websocket": (http("/v2", b"", "upgrade: websocket", "connection: upgrade", method="GET"), 400),
    # headers
    "no host": (b"GET /v2 HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET /v2 HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n", 400),
    "space before the colon": (b"GET /v2 HTTP/1.1\r\nhost : x\r\n\r\n", 400),
    "header without colon": (b"GET /v2 HTTP/1.1\r\nhost: x\r\nrubbish\r\n\r\n", 400),
    "header without name": (b"GET /v2 HTTP/1.1\r\nhost: x\r\n: empty\r\n\r\n", 400),
    "zero byte in a header": (b"GET /v2 HTTP/1.1\r\nhost: x\r\na: b\x00c\r\n\r\n", 400),
    "folded header": (b"GET /v2 HTTP/1.1\r\nhost: x\r\na: b\r\n c\r\n\r\n", 400),
    "bare CR": (b"GET /v2 HTTP/1.1\r\nhost: x\ra: b\r\n\r\n", 400),
    "a long header": (http("/v2", b"", "a: " + "x" * 40_000, method="GET"), 431),
    "a long header that never ends": (b"GET /v2 HTTP/1.1\r\nhost: x\r\na: " + b"x" * 400_000, 431),
    "a long target": (b"GET /" + b"x" * 40_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n", 431),
    "many headers": (http("/v2", b"", *(f"a{number}: b" for number in range(200)), method="GET"), 431),
    "unknown expectation": (http("/predict", b"{}", "expect: a-miracle"), 417),
    "compressed body": (http("/predict", b"\x1f\x8b", "content-encoding: gzip"), 415),
    # framing
    "length and chunks": (http("/predict", b"0\r\n\r\n", "transfer-encoding: chunked"), 400),
    "chunks and length": (
        b"POST /predict HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n",
        400,
    ),
    "two lengths": (http("/predict", b"{}", "content-length: 3"), 400),
    "two equal lengths": (http("/predict", b"{}", "content-length: 2"), 400),
    "negative length": (http("/predict", b"{}", length=-2), 400),
    "length with a plus": (http("/predict", b"{}", length="+2"), 400),
    "length in hex": (http("/predict", b"{}", length="0x2"), 400),
    "a list of lengths": (http("/predict", b"{}", length="2, 2"), 400),
    "length beyond 64 bits": (http("/predict", b"{}", length="9" * 30), 400),
    "length beyond the limit": (http("/predict", b"{}", length=10**10), 413),
    "unknown coding": (b"POST /predict HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\n", 400),
    "coding twice": (b"POST /predict HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
    "chunked in HTTP/1.0": (b"POST /predict HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "chunk size no hex": (b"POST /predict HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", 400),
    "chunk size negative": (b"POST /predict HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n", 400),
    "chunk longer than said": (
        b"POST /predict HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}xx\r\n0\r\n\r\n",
        400,
    ),
    # places and methods
    "unknown path": (http("/v3", method="GET"), 404),
    "path that climbs": (http("/v2/../etc/passwd", method="GET"), 404),
    "path of no UTF-8": (http("/v2/models/%ff%fe", method="GET"), 404),
    "asterisk": (http("*", method="OPTIONS"), 404),
    "unknown model": (http("/v2/models/other/infer", b"{}"), 404),
    "unknown version": (http("/v2/models/fake/versions/v0/infer", b"{}"), 404),
    "GET of infer": (http("/v2/models/fake/infer", method="GET"), 405),
    "DELETE of the model": (http("/v2/models/fake", method="DELETE"), 405),
    "POST of health": (http("/v2/health/live", b"{}"), 405),
    "mail for a table": (http("/v2/models/fake/mail", b"Subject: a\r\n\r\n"), 400),
    "form for /": (http("/", b"a=b", "content-type: application/x-www-form-urlencoded"), 415),
    # JSON
    "empty body": (raw_json(b""), 400),
    "half of a JSON": (raw_json(b'{"inputs": ['), 400),
    "two JSONs": (raw_json(b"{}{}"), 400),
    "a list": (raw_json(b"[]"), 400),
    "null": (raw_json(b"null"), 400),
    "no UTF-8": (raw_json(b'{"inputs": "\xff\xfe"}'), 400),
    "a byte-order mark": (raw_json(b"\xef\xbb\xbf{}"), 400),
    "NaN": (raw_json(b'{"inputs": [{"name": "amount", "shape": [1], "datatype": "FP64", "data": [NaN]}]}'), 400),
    "half a surrogate": (http("/predict", json.dumps({**ROW, "purpose": "~"}).encode().replace(b"~", b"\\ud83d")), 400),
    "deep nesting": (raw_json(b'{"inputs": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"), 400),
    "deep nesting in data": (infer(tensor("amount", [[[[[1.0]]]]])), 400),
    # V2
    "no inputs": (raw_json(b"{}"), 400),
    "empty inputs": (raw_json(b'{"inputs": []}'), 400),
    "inputs of numbers": (raw_json(b'{"inputs": [1]}'), 400),
    "a missing input": (infer(drop="months"), 400),
    "a strange input": (infer(tensor("amuont", [1.0])), 400),
    "an input twice": (
        http("/v2/models/fake/infer", json.dumps({"inputs": [tensor("amount", [1.0])] * 2}).encode()),
        400,
    ),
    "no shape": (infer({"name": "amount", "datatype": "FP64", "data": [1.0]}), 400),
    "no data": (infer({"name": "amount", "datatype": "FP64", "shape": [1]}), 400),
    "unknown datatype": (infer(tensor("amount", [1.0], "FP80")), 400),
    "shape of words": (infer(tensor("amount", [1.0], shape=["one"])), 400),
    "negative shape": (infer(tensor("amount", [1.0], shape=[-1])), 400),
    "three dimensions": (infer(tensor("amount", [1.0], shape=[1, 1, 1])), 400),
    "two columns": (infer(tensor("amount", [1.0, 2.0], shape=[1, 2])), 400),
    "shape of no rows": (infer(tensor("amount", [], shape=[0])), 400),
    "shapes that differ": (infer(tensor("amount", [1.0, 2.0], shape=[2])), 400),
    "more data than shape": (infer(tensor("amount", [1.0, 2.0])), 400),
    "huge shape": (infer(tensor("amount", [1.0], shape=[10**15])), 400),
    "shape beyond 64 bits": (infer(tensor("amount", [1.0], shape=[10**30])), 400),
    "a word for a number": (infer(tensor("amount", ["1.0"])), 400),
    "a truth for a number": (infer(tensor("amount", [True])), 400),
    "a number for a word": (infer(tensor("purpose", [1], "BYTES")), 400),
    "an object for a number": (infer(tensor("amount", [{}])), 400),
    "a number beyond 64 bits": (infer(tensor("months", [10**25], "INT64")), 400),
    "an infinite number": (raw_json(infer().partition(b"\r\n\r\n")[2].replace(b"1.0", b"1e999")), 400),
    "rows and values mixed": (infer(tensor("amount", [[1.0], 2.0], shape=[2])), 400),
    "unknown output": (infer(outputs=[{"name": "confidence"}]), 400),
    "id of a number": (infer(id=7), 400),
    "parameters of a list": (infer(parameters=[]), 400),
    # binary tensors
    "header length no number": (binary("ten", BINARY_JSON), 400),
    "header length negative": (binary("-1", BINARY_JSON), 400),
    "header length beyond the body": (binary("100000", BINARY_JSON), 400),
    "tensor beyond the body": (binary(str(len(BINARY_JSON)), BINARY_JSON), 400),
    "bytes left over": (binary(str(len(BINARY_JSON)), BINARY_JSON + bytes(9)), 400),
    "size of no whole values": (
        infer({"name": "amount", "datatype": "FP64", "shape": [1], "parameters": {"binary_data_size": 3}}),
        400,
    ),
    "size of a word": (
        infer({"name": "amount", "datatype": "FP64", "shape": [1], "parameters": {"binary_data_size": "8"}}),
        400,
    ),
    # plain rows
    "a row of numbers": (http("/predict", b"[1, 2]"), 400),
    "no rows": (http("/predict", b"[]"), 400),
    "too many rows": (http("/predict", b"[" + b"{}," * 10_000 + b"{}]"), 400),
    "a missing column": (http("/predict", b'{"amount": 1}'), 400),
    "a key of a list": (row(key=["a"]), 400),
    "a misspelt column": (
        http("/predict", b'{"amuont": 1, "months": 1, "purpose": "car", "foreign": null}'),
        400,
    ),
    "rows that differ": (http("/predict", json.dumps([ROW, {"amount": 1.0}]).encode()), 400),
    "a column of lists": (row(amount=[1.0]), 400),
    "a category never seen": (row(purpose="strange"), 400),
    # feedback
    "feedback for nothing": (http("/feedback", b'{"label": "spam"}'), 400),
    "feedback for both": (http("/feedback", b'{"id": "a", "key": "b", "label": "spam"}'), 400),
    "feedback without label": (http("/feedback", b'{"id": "a"}'), 400),
    "feedback of a strange label": (http("/feedback", b'{"id": "a", "label": "perhaps"}'), 400),
    "feedback of numbers": (http("/feedback", b'{"id": 1, "label": "spam"}'), 400),
    "no feedback": (http("/feedback", b"[]"), 400),
}


@pytest.mark.parametrize("case", CASES)
def test_each_is_refused_with_a_reason(table, case):
    raw, status = CASES[case]
    first, *rest = table.ask(raw)
    assert first.status == status, first.json
    assert list(first.json) == ["error"]
    assert len(first.json["error"]) > 8
    assert not rest
    assert table.get("/v2/health/live").status == 200


def test_there_are_enough_of_them():
    assert len(CASES) >= 60


def test_no_refusal_is_logged_as_a_prediction_and_each_is_counted(table):
    for case in (CASES["noise"], (raw_json(b"{"), 400), (infer(drop="amount"), 400)):
        table.ask(case[0])
    page = table.get("/metrics").body.decode()
    refused = [line for line in page.splitlines() if line.startswith("roadworthy_refused_total")]
    assert {'reason="json"', 'reason="http"', 'reason="missing_input"'} <= {
        line.partition("{")[2].partition("}")[0] for line in refused
    }
    assert 'roadworthy_requests_total{status="500"}' not in page
    assert not list(table.logs.glob("predictions-*"))


@pytest.mark.parametrize(
    "body",
    [b"", b" \r\n", b"[]", b'{"mail": 1}', b'{"mail": ""}', b'{"mail": "x", "more": 1}', b'"text"'],
    ids=["empty", "blank", "no mails", "number", "empty mail", "two fields", "text"],
)
def test_a_mail_model_refuses_what_is_no_mail(mail, body):
    assert mail.post("/predict", body).status == 400
    if not body.strip():
        assert mail.post("/v2/models/fake/mail", body).status == 400


@pytest.mark.parametrize(
    "inputs",
    [
        [tensor("text", ["a"], "BYTES")],
        [tensor("raw", [1], "BYTES")],
        [tensor("raw", ["a", "b"], "BYTES")],
        [tensor("raw", ["a"], "BYTES"), tensor("more", ["a"], "BYTES")],
    ],
    ids=["other name", "number", "two mails in one row", "two inputs"],
)
def test_a_mail_model_refuses_other_tensors(mail, inputs):
    assert mail.post("/v2/models/fake/infer", {"inputs": inputs}).status == 400
