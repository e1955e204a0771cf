"""A fresh process that loads a bundle and answers a sample: `python -m roadworthy.inspection.replay BUNDLE SAMPLE OUT`.

It shares nothing with the process that trained the model, so whatever was not stored in the bundle is missing here.
"""

import sys
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from roadworthy.bundle.model import Model


class Sample(Struct, frozen=True, kw_only=True):
    """Rows to answer: raw messages, or else columns."""

    raws: list[bytes] | None = None
    columns: dict[str, list[Any]] | None = None


class Answers(Struct, frozen=True, kw_only=True):
    """What the bundle said: probability and decision by row, and the version that said it."""

    probability: list[float]
    decision: list[int]
    version: str


def replay(bundle: Path, sample: Sample) -> Answers:
    """Load a bundle and answer a sample."""
    model = Model.load(bundle)
    found = model.predict_raw(sample.raws) if sample.raws is not None else model.predict(sample.columns or {})
    return Answers(
        probability=found.probability.tolist(), decision=[int(x) for x in found.decision], version=model.version
    )


def main(arguments: list[str]) -> int:
    """Read the sample file, write the answer file (both MessagePack)."""
    bundle, sample, out = (Path(argument) for argument in arguments)
    answers = replay(bundle, msgspec.msgpack.decode(sample.read_bytes(), type=Sample))
    out.write_bytes(msgspec.msgpack.encode(answers))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
