"""The Open Inference Protocol V2 and the plain bodies, over real sockets."""

import json
import math
import struct

import numpy as np
import pytest

from roadworthy.bundle.predictions import read_log

ROW = {"amount": 0.5, "months": 2, "purpose": "car", "foreign": None}


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def tensors(rows: int = 1, **changed: object) -> list[dict]:
    plain = {
        "amount": ("FP64", [0.5] * rows),
        "months": ("INT64", [2] * rows),
        "purpose": ("BYTES", ["car"] * rows),
        "foreign": ("BOOL", [None] * rows),
    }
    return [
        {"name": name, "datatype": kind, "shape": [rows], "data": data}
        for name, (kind, data) in {**plain, **changed}.items()
    ]


def outputs(reply) -> dict[str, list]:
    return {output["name"]: output["data"] for output in reply.json["outputs"]}


def test_server_metadata_names_the_extension(table):
    assert table.get("/v2").json["extensions"] == ["binary_tensor_data"]
    assert table.get("/v2/").json["models"] == ["fake"]


def test_health(table):
    assert table.get("/v2/health/live").json == {"live": True}
    ready = table.get("/v2/health/ready")
    assert (ready.status, ready.json["ready"], ready.json["version"]) == (200, True, "v1")


@pytest.mark.parametrize("place", ["/v2/models/fake", "/v2/models/fake/versions/v1"])
def test_model_metadata(table, place):
    told = table.get(place).json
    assert (told["name"], told["versions"]) == ("fake", ["v1"])
    assert {each["name"]: each["datatype"] for each in told["inputs"]} == {
        "amount": "FP64",
        "months": "FP64",
        "purpose": "BYTES",
        "foreign": "BOOL",
    }
    assert {each["name"] for each in told["outputs"]} == {"probability", "decision", "label", "prediction_id"}
    assert table.get(f"{place}/ready").json["ready"] is True


@pytest.mark.parametrize("place", ["/v2/models/fake", "/v2/models/fake/versions/v1"])
def test_infer_answers_each_row(table, place):
    given = tensors(2, amount=("FP32", [0.5, -9]), months=("INT32", [2, None]))
    reply = table.post(f"{place}/infer", {"id": "mine", "inputs": given})
    assert (reply.json["id"], reply.json["model_name"], reply.json["model_version"]) == ("mine", "fake", "v1")
    found = outputs(reply)
    assert found["probability"] == pytest.approx([sigmoid(2.5), sigmoid(-9)])
    assert (found["decision"], found["label"]) == ([1, 0], ["spam", "ham"])
    assert len(set(found["prediction_id"])) == 2


@pytest.mark.parametrize(("shape", "data"), [([2, 1], [0.5, 1.5]), ([2, 1], [[0.5], [1.5]]), ([2], [0.5, 1.5])])
def test_shapes_of_one_column(table, shape, data):
    given = tensors(2)
    given[0] |= {"shape": shape, "data": data}
    assert outputs(table.post("/v2/models/fake/infer", {"inputs": given}))["probability"] == pytest.approx(
        [sigmoid(2.5), sigmoid(3.5)]
    )


def test_without_id_none_is_echoed(table):
    assert "id" not in table.post("/v2/models/fake/infer", {"inputs": tensors()}).json


def test_only_wanted_outputs_are_sent(table):
    body = {"inputs": tensors(), "outputs": [{"name": "label"}]}
    assert outputs(table.post("/v2/models/fake/infer", body)) == {"label": ["spam"]}


def test_binary_tensors_in_and_out_as_tritonclient_sends_them(table):
    words = b"".join(struct.pack("<I", len(word)) + word for word in (b"car", "Möbel".encode()))
    chunks = {
        "amount": ("FP32", np.float32([0.5, 1.5]).tobytes()),
        "months": ("INT64", np.int64([2, 3]).tobytes()),
        "purpose": ("BYTES", words),
        "foreign": ("BOOL", np.array([True, False]).tobytes()),
    }
    head = json.dumps(
        {
            "id": "t",
            "inputs": [
                {"name": name, "datatype": kind, "shape": [2, 1], "parameters": {"binary_data_size": len(chunk)}}
                for name, (kind, chunk) in chunks.items()
            ],
            "parameters": {"binary_data_output": True},
        }
    ).encode()
    body = head + b"".join(chunk for _, chunk in chunks.values())
    reply = table.post("/v2/models/fake/infer", body, f"inference-header-content-length: {len(head)}")
    assert reply.status == 200, reply.body
    cut = int(reply.headers["inference-header-content-length"])
    told, rest = json.loads(reply.body[:cut]), reply.body[cut:]
    found = {}
    for output in told["outputs"]:
        size = output["parameters"]["binary_data_size"]
        found[output["name"]], rest = rest[:size], rest[size:]
    assert not rest
    assert np.frombuffer(found["probability"], "<f8").tolist() == pytest.approx([sigmoid(2.5), sigmoid(4.5)])
    assert np.frombuffer(found["decision"], "<i8").tolist() == [1, 1]
    assert found["label"] == b"\x04\x00\x00\x00spam" * 2


def test_one_output_in_bytes_and_another_in_json(table):
    wanted = [{"name": "decision", "parameters": {"binary_data": True}}, {"name": "label"}]
    reply = table.post("/v2/models/fake/infer", {"inputs": tensors(), "outputs": wanted})
    cut = int(reply.headers["inference-header-content-length"])
    assert reply.body[cut:] == np.int64([1]).tobytes()
    assert json.loads(reply.body[:cut])["outputs"][1]["data"] == ["spam"]


def test_plain_row_and_rows(table):
    one = table.post("/predict", ROW).json
    assert one["probability"] == pytest.approx(sigmoid(2.5))
    assert {name: one[name] for name in ("label", "decision", "threshold", "model", "version")} == {
        "label": "spam",
        "decision": 1,
        "threshold": 0.5,
        "model": "fake",
        "version": "v1",
    }
    several = table.post("/predict", [ROW, {**ROW, "amount": -9}]).json["predictions"]
    assert [each["label"] for each in several] == ["spam", "ham"]


def test_mail_by_every_door(mail):
    raw = b"Subject: buy!!!\r\n\r\nnow!\r\n"
    by_path = mail.post("/v2/models/fake/mail", raw).json
    by_type = mail.post("/", raw, "content-type: message/rfc822").json
    by_predict = mail.post("/predict", raw, "content-type: message/rfc822; charset=utf-8").json
    by_json = mail.post("/predict", {"mail": raw.decode()}).json
    by_tensor = mail.post(
        "/v2/models/fake/infer",
        {"inputs": [{"name": "raw", "shape": [1], "datatype": "BYTES", "data": [raw.decode()]}]},
    )
    expected = pytest.approx(sigmoid(3.5))
    assert [each["probability"] for each in (by_path, by_type, by_predict, by_json)] == [expected] * 4
    assert outputs(by_tensor)["probability"] == [expected]
    assert mail.get("/v2/models/fake").json["inputs"] == [{"name": "raw", "datatype": "BYTES", "shape": [-1]}]


def test_every_answer_is_in_the_log_with_its_features(start):
    server = start(keep_inputs=True)
    body = {"inputs": tensors(), "id": "order-7"}
    found = outputs(server.post("/v2/models/fake/infer", body))
    plain = server.post("/predict", ROW).json
    first, second = read_log(server.logs, "predictions").records
    assert (first.id, second.id) == (found["prediction_id"][0], plain["id"])
    assert (first.key, second.key) == ("order-7", "")
    assert (first.model, first.version, first.decision, first.features) == ("fake", "v1", 1, [0.5, 2.0])
    assert json.loads(second.raw) == ROW


def test_a_row_may_hold_a_key_and_columns_that_the_model_does_not_read(start):
    server = start(keep_inputs=True)
    row = {**ROW, "key": 4711, "sex": "female"}
    assert server.post("/predict", [row, ROW]).status == 200
    first, second = read_log(server.logs, "predictions").records
    assert (first.key, second.key) == ("4711", "")
    assert json.loads(first.raw) == row


def test_inputs_are_not_kept_unless_asked_for(start):
    server = start()
    server.post("/predict", ROW)
    assert read_log(server.logs, "predictions").records[0].raw is None


def test_feedback_is_kept(start):
    server = start()
    given = [{"id": "a", "label": "spam", "source": "user 7"}, {"key": "<m@x>", "label": "ham"}]
    assert server.post("/feedback", given).json == {"accepted": 2}
    assert server.post("/feedback", given[0]).json == {"accepted": 1}
    kept = [(each.id, each.key, each.label, each.source) for each in read_log(server.logs, "feedback").records]
    assert kept == [("a", "", "spam", "user 7"), ("", "<m@x>", "ham", ""), ("a", "", "spam", "user 7")]


def test_metrics_are_prometheus_text(table):
    table.post("/predict", ROW)
    reply = table.get("/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = [line for line in reply.body.decode().splitlines() if not line.startswith("#")]
    values = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}
    assert values['roadworthy_model_info{model="fake",version="v1"}'] == 1
    assert values['roadworthy_predictions_total{model="fake",version="v1",decision="1"}'] >= 1
    assert values['roadworthy_request_seconds_bucket{le="+Inf"}'] == values["roadworthy_request_seconds_count"]
    assert 1e6 < values["process_resident_memory_bytes"] < 500e6


def test_a_bug_in_the_model_hits_one_request_only(start):
    server = start()
    good, bad = json.dumps(ROW).encode(), json.dumps({**ROW, "purpose": "poison"}).encode()
    one = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b"
    replies = server.ask(b"".join(one % (len(body), body) for body in (good, bad, good)))
    assert [reply.status for reply in replies] == [200, 500, 200]
    assert len(read_log(server.logs, "predictions").records) == 2
