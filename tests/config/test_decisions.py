"""An open decision stops the reader of configuration, and nothing else does."""

import pytest

from evaluation import file_content
from evaluation.config import toml_reader
from evaluation.config.decisions import (
    confirmations,
    marker,
    open_decisions,
    open_in,
    to_settle,
    written,
)
from evaluation.errors import SpecError

OPEN = marker("which arm | is it?", '"a" (2 rows)', "[] for none")


def test_a_choice_cannot_break_the_list_of_choices():
    (found,) = open_decisions({"arm": OPEN})
    assert found.key == "arm"
    assert found.question == "which arm / is it?"
    assert found.choices == ('"a" (2 rows)', "[] for none")


@pytest.mark.parametrize("text", [OPEN, marker("the child's id?"), marker("line\nend")])
def test_what_is_written_is_read_back(tmp_path, text):
    path = tmp_path / "study.toml"
    path.write_text(f"key = {written(text)}\n", encoding="utf-8")
    assert file_content.parse_toml(path)[1] == {"key": text}


def test_the_message_names_file_line_key_question_and_choices(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(
        f'# DECIDE: in a comment stops nobody\nid = "s"\n[[round]]\nid = "endline"\n'
        f"start = {written(OPEN)}\n",
        encoding="utf-8",
    )
    with pytest.raises(SpecError) as stopped:
        toml_reader.read_toml(path)
    said = str(stopped.value)
    assert "study.toml:5: `round.endline.start`" in said
    assert "which arm / is it?" in said
    assert '\n    - "a" (2 rows)\n    - [] for none' in said
    assert stopped.value.rule == "decision"


def test_a_decision_taken_is_read():
    assert open_decisions({"arm": "a", "list": ["We DECIDE: late"], "n": 1}) == ()


def test_comments_to_settle_are_counted_but_not_the_head():
    text = "# confirm: a guess; take it away\n# confirm: x\nkey = '# confirm: y'\n  # fill in: z\n"
    assert confirmations(text) == 2


def test_decisions_come_in_the_order_in_which_the_stages_read(tmp_path):
    for name in ("plan.toml", "dictionary/00_a.toml", "manifest.toml", "study.toml"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"# confirm: x\nkey = {written(OPEN)}\n", encoding="utf-8")
    (tmp_path / "exhibits.toml").write_text("a = 1\n", encoding="utf-8")
    assert [where for where, _ in open_in(tmp_path)] == [
        "study.toml:2",
        "manifest.toml:2",
        "dictionary/00_a.toml:2",
        "plan.toml:2",
    ]
    assert to_settle(tmp_path)["dictionary/00_a.toml"] == 1
    assert "exhibits.toml" not in to_settle(tmp_path)
