import pytest

from roadworthy.documents.status import SIGNS, STAGES, StageState, life_cycle_svg, life_cycle_text

WHOLE = [
    StageState("frame", "done", "4 bars", 0.0),
    StageState("acquire", "done", "6,046 mails", 7200.0),
    StageState("prepare", "stale", "4,232 + 1,814 rows", 7000.0),
    StageState("train", "done", "logistic regression", 6000.0),
    StageState("evaluate", "done", "16 measures", 6000.0),
    StageState("inspect", "running"),
    StageState("gate", "blocked", "", 60.0, "precision cannot be told; about 1,900 more rows would decide"),
    StageState("serve", "empty"),
    StageState("watch", "empty"),
]


def test_every_stage_is_drawn_with_its_sign_what_it_holds_how_old_it_is_and_what_blocks():
    text = life_cycle_text(WHOLE, 120)
    for stage in WHOLE:
        assert f"{SIGNS[stage.state]} {stage.name}" in text
        assert stage.holds in text
        assert stage.blocks in text
    assert "2 hours ago" in text
    assert "its inputs have changed since" in text


@pytest.mark.parametrize("width", [40, 60, 72, 80, 100, 200])
def test_it_fits_the_terminal(width):
    assert max(map(len, life_cycle_text(WHOLE, width).splitlines())) <= width


def test_the_loop_closes_upon_itself():
    top, bottom = life_cycle_text(WHOLE, 100).splitlines()[:2]
    assert len(top) == len(bottom)
    assert (top[0], top[-1], bottom[0], bottom[-1]) == ("╭", "╮", "╰", "╯")
    names = [name for name in STAGES if name in top], [name for name in STAGES if name in bottom]
    assert (*names[0], *names[1]) == STAGES


def test_a_narrow_terminal_or_a_part_of_the_loop_gets_the_list_alone():
    assert "╭" not in life_cycle_text(WHOLE, 60)
    assert "╭" not in life_cycle_text(WHOLE[:4], 120)
    assert life_cycle_text([], 80) == ""


def test_the_road_has_a_stop_for_each_stage_and_words_for_those_who_cannot_see_it():
    svg = life_cycle_svg(WHOLE)
    assert svg.count('class="stop"') == 9
    assert "gate: blocked" in svg
    assert "precision cannot be" in svg


def test_hostile_words_stay_words():
    svg = life_cycle_svg([StageState("<script>", "blocked", "<b>", 1.0, "</svg><script>")])
    assert "<script" not in svg
    assert svg.count("</svg>") == 1
