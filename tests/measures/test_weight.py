"""Measures are imported by the process that serves: they must stay light."""

import subprocess
import sys
from pathlib import Path

import roadworthy.measures

HEAVY = ("scipy", "sklearn", "polars", "pandas", "sqlalchemy", "onnxruntime")


def test_all_measures_load_without_any_heavy_library():
    names = [path.stem for path in Path(roadworthy.measures.__file__).parent.glob("[a-z]*.py")]
    assert "fairness" in names
    code = "import sys\n" + "\n".join(f"import roadworthy.measures.{name}" for name in names)
    code += f"\nprint([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
