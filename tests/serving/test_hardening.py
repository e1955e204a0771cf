"""Slow, greedy and rude clients; order, drain and tokens."""

import json
import signal
import socket
import threading
import time

import pytest

ROW = {"amount": 0.5, "months": 2, "purpose": "car", "foreign": None}
BODY = json.dumps(ROW).encode()
PREDICT = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)
LIVE = b"GET /v2/health/live HTTP/1.1\r\nhost: x\r\n\r\n"


def answered(connection: socket.socket, count: int = 1) -> bytes:
    """Read until `count` whole replies have come."""
    data = b""
    while data.count(b"HTTP/1.1 ") < count or not data.endswith(b"}"):
        chunk = connection.recv(1 << 16)
        if not chunk:
            break
        data += chunk
    return data


def test_pipelined_requests_are_answered_in_order(table):
    numbers = range(600)
    bodies = [json.dumps({**ROW, "amount": number / 100}).encode() for number in numbers]
    raw = b"".join(
        b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
        if number % 3
        else b"GET /v2/models/none%d HTTP/1.1\r\nhost: x\r\n\r\n" % number
        for number, body in zip(numbers, bodies, strict=True)
    )
    replies = table.ask(raw)
    assert [reply.status for reply in replies] == [200 if number % 3 else 404 for number in numbers]
    good = [reply.json["probability"] for reply in replies if reply.status == 200]
    assert good == sorted(good)
    assert len(set(good)) == len(good)
    assert all(f"none{number}'" in replies[number].json["error"] for number in numbers if not number % 3)


def test_a_request_in_single_bytes(table):
    with table.connect() as connection:
        for byte in PREDICT:
            connection.send(bytes([byte]))
        assert b" 200 OK" in answered(connection)


def test_chunked_body_with_trailer(table):
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (BODY[:5], BODY[5:6], BODY[6:]))
    head = b"POST /predict HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    replies = table.ask(head + chunks + b"0\r\ncontent-type: message/rfc822\r\n\r\n" + LIVE)
    assert [reply.status for reply in replies] == [200, 200]


def test_expect_continue_is_answered_after_earlier_replies(table):
    with table.connect() as connection:
        head, body = PREDICT.split(b"\r\n\r\n")
        connection.sendall(LIVE + head + b"\r\nexpect: 100-continue\r\n\r\n")
        first = connection.recv(1 << 16)
        while b"100 Continue" not in first:
            first += connection.recv(1 << 16)
        assert first.index(b"live") < first.index(b"100 Continue")
        connection.sendall(body)
        assert b"probability" in answered(connection)


def test_http_1_0_is_answered_and_closed(table):
    with table.connect() as connection:
        connection.sendall(b"GET /v2/health/live HTTP/1.0\r\n\r\n")
        data = b""
        while chunk := connection.recv(1 << 16):
            data += chunk
    assert b"connection: close" in data


def test_absolute_target_and_query(table):
    (reply,) = table.ask(b"GET http://x/v2/health/live?a=http://b/c HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    assert reply.status == 200


def test_a_body_that_is_too_large_is_refused_before_it_is_read(start):
    server = start(limits={"max_body": 1000})
    with server.connect() as connection:
        connection.sendall(b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 1001\r\n\r\n" + bytes(1001))
        data = answered(connection)
    assert b" 413 " in data
    assert b"connection: close" in data
    chunk = b"3e8\r\n" + bytes(1000) + b"\r\n"
    (reply,) = server.ask(b"POST /predict HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n" + chunk * 2)
    assert reply.status == 413


def test_too_many_unfinished_bodies_are_told_to_come_again(start):
    server = start(limits={"max_buffered": 3000})
    head = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 2000\r\n\r\n"
    with server.connect() as first, server.connect() as second:
        first.sendall(head + bytes(1900))
        time.sleep(0.1)
        second.sendall(head + bytes(1900))
        data = answered(second)
        assert b" 503 " in data
        assert b"retry-after: 1" in data
    time.sleep(0.1)
    assert server.post("/predict", ROW).status == 200


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST /predict HT", b"408"),
        (b"POST /predict HTTP/1.1\r\nhost: x\r\na: b", b"408"),
        (b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{", b"408"),
        (b"", b""),
        (LIVE, b"200"),
    ],
    ids=["request line", "headers", "body", "nothing", "idle after a reply"],
)
def test_a_client_that_stalls_is_not_waited_for(start, sent, status):
    server = start(limits={"head_seconds": 0.2, "body_seconds": 0.2, "idle_seconds": 0.3, "linger_seconds": 0.2})
    with server.connect() as connection:
        connection.settimeout(5)
        connection.sendall(sent)
        data = b""
        while chunk := connection.recv(1 << 16):
            data += chunk
    assert data.partition(b" ")[2][:3] == status


def test_a_trickle_of_headers_does_not_extend_the_wait(start):
    server = start(limits={"head_seconds": 0.5})
    began = time.monotonic()
    with server.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n")
        connection.settimeout(0.05)
        data = b""
        for number in range(100):
            connection.sendall(b"a%d: b\r\n" % number)
            try:
                data = connection.recv(1 << 16)
                break
            except TimeoutError:
                continue
    assert b" 408 " in data
    assert time.monotonic() - began < 3


def test_a_client_that_never_reads_is_dropped_and_hurts_nobody(start):
    server = start(limits={"write_seconds": 0.4})
    greedy = server.connect()
    greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    greedy.settimeout(0.5)
    page = b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n" * 100
    dropped = False
    end = time.monotonic() + 10
    while not dropped and time.monotonic() < end:
        try:
            greedy.sendall(page)
        except TimeoutError:
            assert server.get("/v2/health/live").status == 200
        except OSError:
            dropped = True
    greedy.close()
    assert dropped


def test_more_connections_than_allowed_are_told_to_come_again(start):
    server = start(limits={"max_connections": 2})
    with server.connect() as first, server.connect():
        first.sendall(LIVE)
        answered(first)
        with server.connect() as third:
            data = answered(third)
        assert b" 503 " in data
        assert b"retry-after: 1" in data


def test_who_would_wait_too_long_is_told_to_come_again(start):
    server = start(limits={"round_seconds": 0.0, "turn_requests": 10})
    crowd = [server.connect() for _ in range(40)]
    for each in crowd:  # all are accepted before the server is held
        each.sendall(LIVE)
        answered(each)
    server.process.send_signal(signal.SIGSTOP)
    for each in crowd:
        each.sendall(PREDICT)
    server.process.send_signal(signal.SIGCONT)
    replies = [answered(each) for each in crowd]
    for each in crowd:
        each.close()
    statuses = [reply.split()[1] for reply in replies]
    assert statuses.count(b"200") >= 10
    assert statuses.count(b"503") >= 10
    assert server.post("/predict", ROW).status == 200


def test_one_busy_client_is_not_overload(start):
    server = start(limits={"round_seconds": 0.02})
    assert {reply.status for reply in server.ask(PREDICT * 4_000)} == {200}


def test_a_token_is_asked_for_everywhere_but_health(start):
    server = start(**{"token": "0123456789abcdef"})
    assert server.post("/predict", ROW).status == 401
    assert server.post("/predict", ROW, "authorization: Bearer 0123456789abcdeg").status == 401
    assert server.post("/predict", ROW, "authorization: Basic 0123456789abcdef").status == 401
    assert server.get("/metrics").headers["www-authenticate"] == "Bearer"
    assert server.post("/predict", ROW, "authorization: Bearer 0123456789abcdef").status == 200
    assert server.get("/v2/health/ready").status == 200


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_answers_what_is_in_flight(start, with_signal):
    server = start(limits={"drain_delay": 0.4})
    head, body = PREDICT.split(b"\r\n\r\n")
    with server.connect() as busy, server.connect() as idle:
        busy.sendall(head + b"\r\n\r\n" + body[:5])
        time.sleep(0.1)
        server.process.send_signal(with_signal)
        time.sleep(0.2)
        ready = server.get("/v2/health/ready")
        assert (ready.status, ready.json["reason"]) == (503, "stopping")
        assert idle.recv(10) == b""
        busy.sendall(body[5:])
        data = answered(busy)
    assert b" 200 OK" in data
    assert b"connection: close" in data
    assert server.process.wait(timeout=10) == 0


def test_half_closed_clients_get_their_replies(table):
    threads = []
    results = []
    for _ in range(20):
        threads.append(threading.Thread(target=lambda: results.append(len(table.ask(PREDICT * 7)))))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert results == [7] * 20
