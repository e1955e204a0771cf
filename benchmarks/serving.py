"""Requests a second and CPU time a request of the server, with validation, metrics and the prediction log on.

    python benchmarks/serving.py [--quick] [--rows 20] [--concurrent 64] [--json FILE]

The model is a logistic regression of as many floats as `--rows` says, made here, so that the server is measured.
The peer is the server itself answering `GET /v2/health/live`: what HTTP alone costs on this machine, in the same run.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from roadworthy.bundle.inputs import InputField
from roadworthy.inspection.load import load
from roadworthy.serving.start import Means, serve


class Linear:
    """A logistic regression; `load` makes it of a folder named after its number of columns."""

    kind, positive, negative, threshold, version = "table", "yes", "no", 0.5, "v1"

    def __init__(self, columns: int) -> None:
        self.name, self.inputs = "linear", [InputField(name=f"x{number}", type="number") for number in range(columns)]
        self.weights = np.linspace(-1, 1, columns)

    def predict(self, columns: dict[str, list[float]]) -> SimpleNamespace:
        """The answers for some rows."""
        dense = np.nan_to_num(np.array(list(columns.values()), dtype=np.float64).T)
        probability = 1 / (1 + np.exp(-(dense @ self.weights)))
        return SimpleNamespace(
            probability=probability,
            decision=(probability >= self.threshold).astype(np.int8),
            dense=dense.astype(np.float32),
            keys=[""] * len(dense),
        )


def child(home: Path) -> None:
    """The server's own process."""
    serve(
        home / "live" / "linear.json",
        port=0,
        log_folder=home / "logs",
        ready=lambda address: print(address.port, flush=True),
        means=Means(load=lambda folder: Linear(int(folder.name)), verify=lambda folder, trusted: None),
    )


def requests_of(columns: int) -> dict[str, bytes]:
    row = {f"x{number}": round(number / 7, 3) for number in range(columns)}
    inputs = [{"name": name, "shape": [1], "datatype": "FP64", "data": [value]} for name, value in row.items()]
    post = "POST {} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{}"
    v2, plain = json.dumps({"id": "1", "inputs": inputs}), json.dumps(row)
    return {
        "health (HTTP alone)": b"GET /v2/health/live HTTP/1.1\r\nhost: x\r\n\r\n",
        "plain JSON row": post.format("/predict", len(plain), plain).encode(),
        "V2 infer": post.format("/v2/models/linear/infer", len(v2), v2).encode(),
    }


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def measure(port: int, pid: int, request: bytes, options: argparse.Namespace) -> dict[str, float]:
    before = cpu_seconds(pid)
    result = load("127.0.0.1", port, [request], concurrent=options.concurrent, seconds=1.0 if options.quick else 5.0)
    spent = cpu_seconds(pid) - before
    return {
        "requests_per_second": result.rate,
        "cpu_us_per_request": spent / max(1, result.requests) * 1e6,
        "mean_ms": float(result.latencies.mean()),
        "p99_ms": float(np.quantile(result.latencies, 0.99)),
        "errors": result.errors + result.timeouts,
    }


def run(options: argparse.Namespace) -> dict[str, dict[str, float]]:
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        (home / "live").mkdir()
        (home / "live" / "linear.json").write_text(json.dumps({"bundle": str(options.rows), "version": "v1"}))
        command = [sys.executable, __file__, "--child", scratch]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            port = int(process.stdout.readline() if process.stdout else "")
            found = {
                name: measure(port, process.pid, request, options)
                for name, request in requests_of(options.rows).items()
            }
            process.terminate()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rows", type=int, default=20, help="columns of the model")
    parser.add_argument("--concurrent", type=int, default=64)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child)
        return
    found = run(options)
    base = next(iter(found.values()))["cpu_us_per_request"]
    print(f"{'':22}{'req/s':>10}{'CPU us':>9}{'ratio':>7}{'mean ms':>9}{'p99 ms':>8}{'errors':>8}")
    for name, row in found.items():
        print(
            f"{name:22}{row['requests_per_second']:10,.0f}{row['cpu_us_per_request']:9.1f}"
            f"{row['cpu_us_per_request'] / base:7.1f}{row['mean_ms']:9.2f}{row['p99_ms']:8.2f}{row['errors']:8.0f}"
        )
    if options.json:
        options.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
