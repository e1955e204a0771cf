"""Tree ensembles, run by ONNX Runtime on one thread."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import onnxruntime
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.bundle.encoded import Encoded
from roadworthy.bundle.scorers import LinearScorer, load_scorer
from roadworthy.kernel.errors import BundleError

Output = Literal["log_odds", "share"]


class TreesScorer(Struct, frozen=True, kw_only=True, eq=False):
    """Trees over the dense columns and, where there is text, the score that a linear model gives it.

    Attributes:
        onnx: the model: float32 `rows` (n, columns) in, float32 `sum` (n, 1) out.
        output: what the sum is: `log_odds`, or the `share` of trees that vote positive.
        trees: number of trees; a share of 0 or 1 becomes log-odds as if one half of a tree voted otherwise.
        text: the linear model whose score is the last column.
        session: the loaded model.
    """

    onnx: bytes
    output: Output
    trees: int
    text: LinearScorer | None
    session: Any

    @classmethod
    def of(cls, onnx: bytes, *, output: Output, trees: int, text: LinearScorer | None) -> Self:
        """Load a model from its bytes.

        Raises:
            BundleError: if the bytes are no ONNX model.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
        except Exception as err:
            raise BundleError(f"the trees cannot be loaded: {err}", where="trees.onnx", fix="release it again") from err
        return cls(onnx=onnx, output=output, trees=trees, text=text, session=session)

    def score(self, encoded: Encoded) -> NDArray[np.float64]:
        """Log-odds of the positive class."""
        if not len(encoded.dense):
            return np.zeros(0)
        rows = with_text(encoded.dense, self.text.score(encoded) if self.text else None)
        total = self.session.run(None, {"rows": rows})[0].ravel().astype(np.float64)
        return log_odds(total, self.trees) if self.output == "share" else total

    def save(self, folder: Path) -> dict[str, Any]:
        """Write `trees.onnx`, and the text model into the folder `text`."""
        (folder / "trees.onnx").write_bytes(self.onnx)
        spec: dict[str, Any] = {"kind": "trees", "output": self.output, "trees": self.trees, "text": None}
        if self.text:
            (folder / "text").mkdir(parents=True, exist_ok=True)
            spec["text"] = self.text.save(folder / "text")
        return spec

    @classmethod
    def load(cls, folder: Path, spec: Mapping[str, Any]) -> Self:
        """Read what `save` wrote."""
        text = load_scorer(folder / "text", spec["text"]) if spec["text"] else None
        if text is not None and not isinstance(text, LinearScorer):
            raise ValueError("the text model of trees must be linear")
        if spec["output"] not in ("log_odds", "share"):
            raise ValueError(f"unknown output {spec['output']!r}")
        onnx = (folder / "trees.onnx").read_bytes()
        return cls.of(onnx, output=spec["output"], trees=int(spec["trees"]), text=text)


def with_text(dense: NDArray[np.float32], text: NDArray[np.float64] | None) -> NDArray[np.float32]:
    """The dense columns, and the text score as the last one."""
    if text is None:
        return np.ascontiguousarray(dense, dtype=np.float32)
    return np.column_stack([dense, text]).astype(np.float32)


def log_odds(share: NDArray[np.float64], trees: int) -> NDArray[np.float64]:
    """Log-odds of a share of votes, as if half a tree more had voted each way.

    >>> log_odds(np.array([0.5]), 10).tolist()
    [0.0]
    """
    votes = np.clip(share, 0.0, 1.0) * trees
    return np.asarray(np.log(votes + 0.5) - np.log(trees - votes + 0.5), dtype=np.float64)
