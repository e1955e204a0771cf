"""The whole first run of `examples/spam` on the SpamAssassin corpus, by time and stratified, and what it reaches.

The peer is the plain script that people write: scikit-learn's TfidfVectorizer and LogisticRegression with defaults, on
the same rows of the same split, parsed by our own reader.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from harness import ROOT, Line, arguments, report, timed

METHODS = ("time", "stratified")
SHOWN = ("f1", "false_positive_rate", "one_minus_auc_percent", "precision", "recall")


def main() -> None:
    given = arguments(__doc__ or "", peers=["tfidf+lr"])
    if not os.environ.get("ROADWORTHY_DATA"):
        sys.exit("SKIPPED: set ROADWORTHY_DATA to the folder that holds spamassassin/")
    for method in METHODS[:1] if given.quick else METHODS:
        with tempfile.TemporaryDirectory() as name:
            place = Path(name)
            text = (ROOT / "examples" / "spam" / "roadworthy.toml").read_text("utf-8")
            text = text.replace('method = "time"', f'method = "{method}"')
            (place / "roadworthy.toml").write_text(text.replace("trials = 40", "trials = 6") if given.quick else text)
            lines = [timed("first run", lambda place=place: run(place)), timed("second run", lambda p=place: run(p))]
            if "tfidf+lr" in given.peers:
                lines.append(plain(place))
            report(f"examples/spam, split {method}", lines, ours="first run", given=given)


def run(place: Path) -> dict[str, Any]:
    """`roadworthy run --json` in a process of its own."""
    program = Path(sys.executable).parent / "roadworthy"
    environment = os.environ | {"ROADWORTHY_KEYS": str(place / "keys"), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [program, "run", place, "--json"], capture_output=True, text=True, check=False, env=environment
    )
    if done.returncode not in (0, 1):
        sys.exit(done.stdout + done.stderr)
    said = json.loads(done.stdout)
    return {"verdict": said["verdict"], **{name: said["metrics"][name]["value"] for name in SHOWN}}


def plain(place: Path) -> Line:
    """Defaults of scikit-learn on the same rows."""
    script = Path(__file__).with_name("plain_tfidf.py")
    facts: dict[str, Any] = {}

    def work() -> dict[str, Any]:
        done = subprocess.run([sys.executable, script, place], capture_output=True, text=True, check=True)
        facts.update(json.loads(done.stdout))
        return facts

    return timed("tfidf+lr", work)


if __name__ == "__main__":
    main()
