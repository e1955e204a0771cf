"""Any file at first sight, and tables with versions, by the command line; no project is there."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from roadworthy.measures.profile import Profile

COMMAND = str(Path(sys.executable).with_name("roadworthy"))
PEOPLE = "id,age,city,joined\n" + "".join(
    f"{n},{20 + n % 50},{('Bonn', 'Köln', 'Ulm')[n % 3]},2026-01-{n % 28 + 1:02}\n" for n in range(300)
)


@pytest.fixture
def people(tmp_path):
    (tmp_path / "people.csv").write_text(PEOPLE, "utf-8")
    return tmp_path


def call(folder, *words, code=0):
    done = subprocess.run(
        [COMMAND, "data", *words], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == code, f"{done.returncode}\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}"
    return done.stdout + done.stderr


def test_a_file_at_first_sight(people):
    said = json.loads(call(people, "profile", "people.csv", "--json"))
    assert said["rows"] == 300
    columns = {column["name"]: column for column in said["columns"]}
    assert columns["age"]["scale"] == "discrete"
    assert columns["city"]["scale"] == "nominal"
    assert columns["joined"]["scale"] == "datetime"
    assert columns["id"]["scale"] == "identifier"
    assert columns["age"]["numbers"]["median"] in ("44", "45")
    assert columns["city"]["top"][0] == {"value": "Bonn", "rows": 100}
    assert columns["joined"]["numbers"]["min"].startswith("2026-01-01")
    assert "numbers" not in columns["city"] or columns["city"]["numbers"] == {}


def test_the_page_and_the_profile_are_files(people):
    said = call(people, "profile", "people.csv", "--html", "out/page.html", "--save", "people.profile")
    assert "300 rows" in said
    page = (people / "out" / "page.html").read_text("utf-8")
    assert "people.csv" in page
    assert "<script" not in page
    assert Profile.from_bytes((people / "people.profile").read_bytes()).rows == 300


def test_a_look_loads_no_trainer_and_no_server(people):
    code = (
        "import sys\n"
        "sys.argv = ['roadworthy', 'data', 'profile', 'people.csv', '--json']\n"
        "from roadworthy.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'sklearn', 'optuna', 'onnxruntime', 'scipy.stats', 'numba', 'pandas', 'jinja2', 'sqlalchemy'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=people, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_what_is_wrong_decides_the_exit_code(people):
    assert json.loads(call(people, "check", "people.csv", "--json"))["findings"] is not None
    broken = PEOPLE.replace("age", "email").replace("Bonn", "Bonn  ")
    (people / "broken.csv").write_text(broken + "1,x,Bonn,2026-01-01\n" * 60, "utf-8")
    call(people, "check", "broken.csv", code=1)


def test_mistakes_are_told_with_a_remedy(people):
    assert "fix:" in call(people, "profile", "peple.csv", code=2)
    assert "NAME=VALUE" in call(people, "profile", "people.csv", "--option", "separator", code=2)
    assert "profile" in call(people, "profil", "people.csv", code=2)
    said = call(people, "profile", "people.csv", "--option", "seperator=;", code=2)
    assert "separator" in said


def test_versions_of_a_table(people):
    first = json.loads(call(people, "commit", "people.csv", "tables/people", "--transaction", "monday", "--json"))
    again = json.loads(call(people, "commit", "people.csv", "tables/people", "--transaction", "monday", "--json"))
    assert first == again
    (people / "more.csv").write_text("id,age,city,joined\n900,33,Ulm,2026-02-01\n", "utf-8")
    call(people, "commit", "more.csv", "tables/people", "--note", "one more")
    assert [one["total"] for one in json.loads(call(people, "log", "tables/people", "--json"))] == [300, 301]
    found = json.loads(call(people, "diff", "tables/people@0", "tables/people", "--by", "id", "--json", code=1))
    assert (found["added"], found["removed"], found["changed"]) == (1, 0, 0)
    call(people, "diff", "tables/people@1", "tables/people")
    call(people, "show", "tables/people@0", "--out", "then.parquet")
    assert pl.read_parquet(people / "then.parquet").height == 300
    assert "no version 9" in call(people, "show", "tables/people@9", "--out", "then.parquet", code=2)
    call(people, "clear", "tables/people", "--keep", "1", "--older-than", "0s", "--dry-run")
    assert json.loads(call(people, "profile", "tables/people", "--json"))["rows"] == 301


def test_a_repair_is_shown_made_and_taken_back(people):
    cities = ["35233,birmingham", "36104,montgomery", "35801,huntsville"] * 60
    (people / "cities.csv").write_text("zip,city\n" + "\n".join([*cities, "35801,huntsvxlle"]) + "\n", "utf-8")
    before = (people / "cities.csv").read_bytes()
    planned = json.loads(call(people, "repair", "cities.csv", "--json"))
    assert planned["mended"] is None
    assert planned["rules"][0]["becomes"] == "huntsville"
    done = json.loads(call(people, "repair", "cities.csv", "--out", "mended.csv", "--json"))["mended"]
    assert done["cells"] == 1
    assert "huntsvxlle" not in (people / "mended.csv").read_text("utf-8")
    call(people, "undo", done["journal"], "mended.csv", "--out", "again.csv")
    assert (people / "again.csv").read_bytes() == before == (people / "cities.csv").read_bytes()
    (people / "mended.csv").write_text("zip,city\n1,a\n", "utf-8")
    assert "fix:" in call(people, "undo", done["journal"], "mended.csv", "--out", "again.csv", code=2)


def test_copies_are_taken_out_by_a_rule_and_come_back(people):
    rows = "id,name,phone,at\n1,ann,,2026-01-01\n1,ann,5,2026-01-02\n2,bob,6,2026-01-01\n2,bob,6,2026-01-01\n"
    (people / "twice.csv").write_text(rows, "utf-8")
    whole = json.loads(call(people, "repair", "twice.csv", "--copies", "first", "--out", "a.csv", "--json"))["mended"]
    assert whole["rows"] == 1
    words = ("--copies", "newest", "--by", "at", "--key", "id", "--out", "b.csv")
    keyed = json.loads(call(people, "repair", "twice.csv", *words, "--json"))["mended"]
    assert (people / "b.csv").read_text("utf-8").splitlines()[1:] == ["1,ann,5,2026-01-02", "2,bob,6,2026-01-01"]
    call(people, "undo", keyed["journal"], "b.csv", "--out", "again.csv")
    assert (people / "again.csv").read_text("utf-8") == rows
    assert "did you mean" in call(people, "repair", "twice.csv", "--copies", "first", "--key", "idd", code=2)


def test_distributions_are_compared_from_tables_and_saved_profiles(people):
    (people / "later.csv").write_text(PEOPLE.replace("Bonn", "Trier"), "utf-8")
    call(people, "profile", "people.csv", "--save", "before.profile")
    found = json.loads(call(people, "compare", "before.profile", "later.csv", "--json", code=1))
    assert found["comparison"]["columns"][0]["name"] == "city"
    assert found["comparison"]["columns"][0]["unseen"]["value"] > 0.3
    assert "city" in call(people, "compare", "people.csv", "later.csv", code=1)
    call(people, "compare", "people.csv", "before.profile")


def test_a_contract_is_inferred_and_frozen(people):
    call(people, "contract", "people.csv", "--out", "contract.toml")
    frozen = (people / "contract.toml").read_text("utf-8")
    assert "city" in frozen
    assert "Bonn" in frozen


def test_a_sheet_is_written_from_evidence(people):
    call(people, "sheet", "people.csv", "--out", "sheet")
    record = json.loads((people / "sheet" / "croissant.json").read_bytes())
    assert [field["name"] for field in record["recordSet"][0]["field"]] == ["id", "age", "city", "joined"]
    assert "Not declared" in (people / "sheet" / "datasheet.md").read_text("utf-8")
    assert pl.read_parquet(people / "sheet" / "rows.parquet").height == 300


def test_what_a_project_s_runs_read_is_kept(mailbox):
    versions = json.loads(mailbox.call("data", "log", ".", "--json", code=0))
    assert [version["mode"] for version in versions] == ["replace"]
    assert versions[0]["total"] == 240
    assert versions[0]["lineage"]["files"]
    next((mailbox.root / "mail" / "ham").iterdir()).unlink()
    again = mailbox.start("run")
    again.communicate(timeout=120)
    assert again.returncode in (0, 1)
    found = json.loads(mailbox.call("data", "diff", ".@0", ".@1", "--json", code=1))
    assert (found["added"], found["removed"]) == (0, 1)
    assert json.loads(mailbox.call("data", "profile", ".", "--json", code=0))["rows"] == 239
    said = mailbox.call("data", "sheet", ".", "--out", "sheet", code=0)
    assert "croissant.json" in said
    assert "Less spam" in (mailbox.root / "sheet" / "datasheet.md").read_text("utf-8")
