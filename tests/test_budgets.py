"""What loading costs in modules: the budgets of seconds follow from what is not loaded."""

import subprocess
import sys

import pytest

HEAVY = (
    "polars",
    "sklearn",
    "scipy",
    "onnxruntime",
    "onnx",
    "sqlalchemy",
    "optuna",
    "numpy",
    "click",
    "rich",
    "jinja2",
)
TRAINERS = ("sklearn", "optuna", "skl2onnx", "onnx", "scipy")


def loaded_by(code: str) -> set[str]:
    listing = f"import sys\n{code}\nprint('\\n'.join(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_import_roadworthy_loads_nothing_heavy() -> None:
    assert not loaded_by("import roadworthy") & set(HEAVY)


def test_the_command_line_loads_nothing_heavy_before_a_verb_is_called() -> None:
    assert not loaded_by("import roadworthy.cli.main") & (set(HEAVY) - {"click"})


@pytest.mark.parametrize("verb", ["declaring", "looking", "releasing", "watching"])
def test_verbs_that_do_not_train_load_no_trainer(verb: str) -> None:
    assert not loaded_by(f"import roadworthy.cli.{verb}") & set(TRAINERS)
