"""The command line as machines and terminals meet it: one shape of error, no colour where none is wanted."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from roadworthy.cli.verbs import EVERY_VERB

COLOUR = [f"\x1b[{code}" for code in ("31", "32", "33", "34", "35", "36", "91", "92", "93", "1;3", "38")]
IMPOSSIBLE = {
    "check": ("check",),
    "run": ("run",),
    "status": ("status",),
    "report": ("report",),
    "diff": ("diff", "a", "b"),
    "explain": ("explain", "x"),
    "waive": ("waive", "data.age", "--person", "Ada", "--reason", "because it is so", "--expires", "2099-01-01"),
    "release": ("release",),
    "rollback": ("rollback",),
    "verify": ("verify", "."),
    "score": ("score", "."),
    "watch": ("watch",),
    "init": ("init", "--template", "spamm"),
}


@pytest.mark.parametrize("verb", IMPOSSIBLE)
def test_every_verb_says_as_json_why_it_cannot(finished, tmp_path, verb):
    box = type(finished)(tmp_path, finished.keys)
    process = box.start(*IMPOSSIBLE[verb], "--json")
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 2
    assert out.count(b"\n") == 1
    said = json.loads(out)
    assert all(said["error"][part] for part in ("what", "where", "fix"))
    assert said["problems"][0] == said["error"]


def test_every_verb_loads_and_explains_itself():
    code = (
        "import sys, contextlib, io\n"
        "from roadworthy.cli.main import roadworthy\n"
        "from roadworthy.cli.verbs import EVERY_VERB\n"
        "for verb in EVERY_VERB:\n"
        "    with contextlib.redirect_stdout(io.StringIO()) as said:\n"
        "        roadworthy.main([*verb.split(), '--help'], standalone_mode=False)\n"
        "    assert 'Usage:' in said.getvalue(), verb\n"
        "    print(verb)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == list(EVERY_VERB)


def test_a_fault_of_ours_is_told_from_a_verdict():
    code = (
        "import sys\nfrom roadworthy.cli import main, verbs\n"
        "verbs.VERBS['status'] = ('posixpath:nothing_of_that_name', '')\n"
        "sys.argv = ['roadworthy', 'status', '--json']\n"
        "main.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 70
    assert "Traceback" in done.stderr
    assert "report" in json.loads(done.stdout)["error"]["fix"]


def in_terminal(box, *words):
    """What a person at a terminal sees of both streams."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [Path(sys.executable).with_name("roadworthy"), *words],
        cwd=box.root,
        env=box.environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    while True:
        try:
            chunk = os.read(ours, 1 << 16)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
    os.close(ours)
    process.wait(timeout=30)
    return seen.decode()


@pytest.mark.parametrize("words", [("run",), ("status",), ("runn",), ("doctor",)])
def test_no_colour_where_none_is_wanted(mailbox, words):
    mailbox.extra |= {"TERM": "xterm-256color", "NO_COLOR": "1"}
    seen = in_terminal(mailbox, *words)
    assert len(seen) > 40
    assert not [code for code in COLOUR if code in seen]


def test_colour_where_a_person_looks(mailbox):
    mailbox.extra |= {"TERM": "xterm-256color"}
    mailbox.extra.pop("NO_COLOR", None)
    assert [code for code in COLOUR if code in in_terminal(mailbox, "run")]


def test_a_pipe_gets_whole_lines_and_no_escapes(mailbox):
    said = mailbox.call("run", code=0)
    assert "\x1b" not in said
    (line,) = (line for line in said.splitlines() if line.startswith("certificate"))
    assert line.split()[1] == str(mailbox.bundle / "certificate.json")


def test_the_state_may_not_be_a_file(mailbox):
    mailbox.extra["ROADWORTHY_HOME"] = str(mailbox.root / "roadworthy.toml")
    said = mailbox.json("status", code=2)["error"]
    assert str(mailbox.root / "roadworthy.toml") in said["where"]


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite:////proc/nowhere/ledger.db"])
def test_a_ledger_that_cannot_be(mailbox, url):
    mailbox.extra["ROADWORTHY_LEDGER"] = url
    assert mailbox.json("status", code=2)["error"]["fix"]
