"""TOML that is written is TOML that reads back the same."""

import datetime
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.config import toml_reader, toml_writer
from evaluation.config.dictionary import Module
from evaluation.config.dictionary_text import head_of, module_text

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
SCALARS = st.one_of(
    TEXTS,
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.dates(),
    st.datetimes(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)
# control characters, both Unicode line ends, DEL, quotes, backslashes
HARD = "".join(map(chr, [*range(0x20), 0x22, 0x5C, 0x7F, 0x85, 0x2028, 0x2029, 0x1F600]))


@given(st.dictionaries(TEXTS, VALUES, max_size=5), st.lists(TEXTS, max_size=3))
def test_what_is_written_reads_back(table, head):
    text = toml_writer.document(table, head=head)
    assert tomllib.loads(text) == table


@given(st.lists(st.dictionaries(TEXTS, VALUES, max_size=3), min_size=1, max_size=3), TEXTS)
def test_comments_of_blocks_change_nothing(blocks, note):
    notes = {("b", position): [note] for position in range(len(blocks))}
    text = toml_writer.document({"a": 1, "b": blocks}, notes=notes)
    assert tomllib.loads(text) == {"a": 1, "b": blocks}


def test_hard_letters_in_strings_keys_and_comments():
    table = {HARD: HARD, "list": [{HARD: HARD}]}
    text = toml_writer.document(table, head=[HARD], notes={("list", 0): [HARD]})
    assert tomllib.loads(text) == table
    assert "\r" not in text


def test_keys_after_a_block_are_not_swallowed_by_it():
    assert tomllib.loads(toml_writer.document({"b": [{"x": 1}], "a": 2})) == {
        "b": [{"x": 1}],
        "a": 2,
    }


def test_numbers_are_written_as_people_write_them():
    written = [toml_writer.number_text(n) for n in (1.0, 2.5, -0.5, 100000.0, 1e16, 7)]
    assert written == ["1", "2.5", "-0.5", "100000", "1e+16", "7"]
    assert toml_writer.value_text(datetime.date(2021, 5, 31)) == "2021-05-31"


def test_what_toml_has_not_is_refused():
    with pytest.raises(TypeError, match="no NoneType"):
        toml_writer.value_text(None)


def test_a_module_is_written_as_the_study_folders_are():
    text = """# Head.
module = "m"
title = { en = "A \\"b\\"", es = "Á" }

[[missing]]
id = "gaps"
dont_know = ["88"]
blank = "not_asked"

[[codes]]
id = "yes_no"
values = [
  { code = "1", value = 1, en = "Yes", es = "Sí" },
  { code = "2", value = "no", en = "No", es = "No" },
]

[[variable]]
name = "v"
type = "binary"
label = { en = "V", es = "V" }
question = { en = "V?", es = "¿V?" }
raw = { baseline = "V_1" }
codes = "yes_no"
missing = { baseline = "gaps" }
range = [0, 1.5]
asked_if = { variable = "v", values = [1, "no"] }
personal = "none"
source = "form"
"""
    module = toml_reader.convert(Module, tomllib.loads(text), where="m.toml")
    assert module_text(module, head=head_of(text)) == text


def test_comments_of_a_file():
    text = "# one\n#two\n\n# three\na = 1\n  # four\nb = '# no'\n"
    assert head_of(text) == ("one", "two")
