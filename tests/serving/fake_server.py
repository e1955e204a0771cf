"""A server with a fake linear model, for tests that need a process of its own: what is tested is the server."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from roadworthy.bundle.inputs import InputField
from roadworthy.kernel.errors import BundleError, DataError
from roadworthy.serving.limits import Limits
from roadworthy.serving.start import Means, serve

FIELDS = (
    InputField(name="amount", type="number"),
    InputField(name="months", type="number"),
    InputField(name="purpose", type="text"),
    InputField(name="foreign", type="boolean"),
)


class FakeModel:
    """Probability = sigmoid(amount + months), or of the number of exclamation marks in a mail."""

    negative, threshold = "ham", 0.5

    def __init__(self, *, name="fake", version="v1", kind="table", fields=FIELDS):
        self.name, self.version, self.kind, self.inputs = name, version, kind, fields
        self.positive = f"spam by {version}" if version.startswith("swap") else "spam"

    def predict(self, columns):
        if "poison" in columns.get("purpose", ()):
            raise RuntimeError("a bug in the model")
        if "strange" in columns.get("purpose", ()):
            raise DataError("purpose 'strange' was never seen", where="purpose", fix="use a known one")
        numbers = [columns[field.name] for field in self.inputs if field.type == "number"]
        dense = np.nan_to_num(np.array(numbers, dtype=np.float64).T)
        return self._answer(dense, [""] * len(dense))

    def predict_raw(self, raws):
        return self._answer(
            np.array([[raw.count(b"!") - 0.5] for raw in raws]), [raw[:9].decode("latin-1") for raw in raws]
        )

    def _answer(self, dense, keys):
        probability = 1 / (1 + np.exp(-dense.sum(axis=1)))
        decision = (probability >= self.threshold).astype(np.int8)
        return SimpleNamespace(probability=probability, decision=decision, dense=dense.astype(np.float32), keys=keys)


def load(folder: Path) -> FakeModel:
    """A fake bundle is a folder with `model.json`."""
    return FakeModel(**json.loads((folder / "model.json").read_text()))


def verify(folder, trusted):
    if not (folder / "model.json").exists() or (folder / "tampered").exists():
        raise BundleError("the bundle is tampered with", where=str(folder), fix="release it again")


def write_live(home: Path, *, version="v1", kind="table", **marks) -> Path:
    """A fake bundle in `home`, made live; returns the pointer."""
    folder = home / "bundles" / version
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.json").write_text(json.dumps({"version": version, "kind": kind}))
    for mark in marks:
        (folder / mark).touch()
    pointer = home / "live" / "fake.json"
    pointer.parent.mkdir(exist_ok=True)
    scratch = pointer.with_suffix(".new")
    scratch.write_text(json.dumps({"bundle": f"bundles/{version}", "version": version}))
    scratch.replace(pointer)
    return pointer


def main() -> None:
    """Arguments as one JSON object: home, and whatever of serve, Means and Limits is to differ."""
    given = json.loads(sys.argv[1])
    home = Path(given.pop("home"))
    means = Means(load=load, verify=verify, limits=Limits(**given.pop("limits", {})), **given.pop("means", {}))
    serve(
        home / "live" / "fake.json",
        log_folder=home / "logs",
        port=0,
        ready=lambda address: sys.stdout.write(f"{address.port}\n") and sys.stdout.flush(),
        means=means,
        **given,
    )


if __name__ == "__main__":
    main()
