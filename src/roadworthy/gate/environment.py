"""What a model was made with: the interpreter, the platform, the libraries, and our own code."""

import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from roadworthy.kernel.fingerprint import fingerprint, sha256_file

LIBRARIES = ("roadworthy", "numpy", "scipy", "scikit-learn", "polars", "onnx", "onnxruntime", "optuna", "msgspec")
"""Libraries whose version can change a number."""


def environment(libraries: Sequence[str] = LIBRARIES) -> dict[str, str]:
    """Versions of Python, the platform and the libraries that are installed.

    >>> sorted(environment(())) == ["machine", "platform", "python"]
    True
    """
    found = {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
    }
    for name in libraries:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def code_fingerprint(root: Path) -> str:
    """One address for all Python files under a folder."""
    return fingerprint({path.relative_to(root).as_posix(): sha256_file(path) for path in sorted(root.rglob("*.py"))})
