"""Files are whole or not there."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from roadworthy.kernel.errors import PlaceError
from roadworthy.kernel.files import appearing_folder, locked, write_atomically

KILLED = """
import sys, itertools
from pathlib import Path
from roadworthy.kernel.files import write_atomically
place = Path(sys.argv[1])
for number in itertools.count():
    write_atomically(place, (str(number % 10) * 100_000).encode())
    print("written", flush=True)
"""


def test_a_failed_block_leaves_nothing(tmp_path: Path) -> None:
    def break_off() -> None:
        with appearing_folder(tmp_path / "made") as scratch:
            (scratch / "half").write_text("half")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        break_off()
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_kept(tmp_path: Path) -> None:
    for text in ("first", "second"):
        with appearing_folder(tmp_path / "made") as scratch:
            (scratch / "a").write_text(text)
    assert (tmp_path / "made" / "a").read_text() == "first"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_kill_never_shows_half_a_file(tmp_path: Path) -> None:
    place = tmp_path / "file"
    for delay in (0.02, 0.05, 0.09):
        child = subprocess.Popen([sys.executable, "-c", KILLED, str(place)], stdout=subprocess.PIPE)
        assert child.stdout
        child.stdout.readline()
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)
        child.communicate()
        text = place.read_text()
        assert len(text) == 100_000
        assert len(set(text)) == 1


def test_a_lock_names_who_holds_it(tmp_path: Path) -> None:
    with locked(tmp_path / "lock", busy="a run is going on"):
        code = (
            "import sys; from pathlib import Path; from roadworthy.kernel.files import locked\n"
            "with locked(Path(sys.argv[1]), busy='a run is going on'): pass"
        )
        other = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "lock")], capture_output=True, text=True, check=False
        )
    assert other.returncode == 1
    assert "a run is going on" in other.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="SKIPPED: only root may mount a small disk")
def test_a_full_disk_is_told_and_the_old_file_kept(tmp_path: Path) -> None:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)], check=False)
    if mounted.returncode:
        pytest.skip("SKIPPED: this machine does not let us mount a small disk")
    try:
        write_atomically(tmp_path / "file", b"old")
        with pytest.raises(PlaceError, match="the disk is full"):
            write_atomically(tmp_path / "file", b"x" * 200_000)
        assert (tmp_path / "file").read_bytes() == b"old"
        assert len(list(tmp_path.iterdir())) == 1
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
