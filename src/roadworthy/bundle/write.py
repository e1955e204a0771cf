"""Write a fitted model into a folder, ready to be certified."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import msgspec

from roadworthy.bundle.calibrator import Calibrator
from roadworthy.bundle.certificate import content_of
from roadworthy.bundle.inputs import InputField
from roadworthy.bundle.manifest import FORMAT, MANIFEST, Manifest, read_manifest
from roadworthy.bundle.scorers import SavedScorer
from roadworthy.declare.problem import Problem

_LIBRARIES = ("roadworthy", "numpy", "msgspec", "onnxruntime")


class SavedSteps(Protocol):
    """Feature steps that can be written down."""

    def save(self, folder: Path) -> dict[str, Any]:
        """Write arrays into an existing folder and return the spec for `load_steps`."""


def write_model(  # noqa: PLR0913  # a bundle has this many parts, and each is named at the call
    folder: Path,
    *,
    name: str,
    kind: str,
    problem: Problem,
    inputs: Sequence[InputField],
    steps: SavedSteps,
    scorer: SavedScorer,
    calibrator: Calibrator,
    threshold: float,
    negative: str = "",
    extra: Mapping[str, bytes] | None = None,
) -> Manifest:
    """Write all parts and the manifest; the same parts give the same bytes.

    Args:
        folder: an existing, empty folder.
        kind: `mail` (raw messages can be predicted) or `table`.
        inputs: the columns that a prediction needs, usually `steps.inputs`.
        negative: what the other answer is called; `not <positive>` if empty.
        extra: further files by name, such as `reference.json`.

    Returns:
        The manifest; its `version` is the content id of the bundle.

    Raises:
        BundleError: if an extra file is of a kind that a bundle may not hold.
    """
    for part in ("steps", "scorer"):
        (folder / part).mkdir()
    specs = steps.save(folder / "steps"), scorer.save(folder / "scorer")
    for file, data in (extra or {}).items():
        (folder / file).write_bytes(data)
    manifest = Manifest(
        format=FORMAT,
        name=name,
        kind=kind,
        task=problem.task,
        unit=problem.unit,
        target=problem.target,
        positive=problem.positive,
        negative=negative or f"not {problem.positive}",
        threshold=threshold,
        inputs=tuple(inputs),
        steps=specs[0],
        scorer=specs[1],
        calibrator=calibrator.spec(),
        files=content_of(folder)[1],
        libraries={library: version(library) for library in _LIBRARIES},
    )
    manifest = msgspec.convert(msgspec.to_builtins(manifest), Manifest)
    (folder / MANIFEST).write_bytes(manifest.rendered())
    return read_manifest(folder)
