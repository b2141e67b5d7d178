"""Facts that the page on the trial takes from the authors' files, counted from these files.

Blair et al. (2021), Science 374, eabd3446; authors' archive osf.io/2juyz. Counts have no
tolerance; percentages and medians are printed whole.
"""

import re

import pandas as pd
import pytest

from tests.conftest import shared_data
from tests.site.conftest import REPOSITORY

pytestmark = pytest.mark.truth

PAGE = REPOSITORY / "book" / "medellin" / "programme.md"


def read(name):
    return pd.read_csv(shared_data(f"metaketa4_colombia/{name}.csv"))


def numbers(line):
    plain = re.sub(r"\{[\w-]+\}`[^`]*`|`[^`]*`", "", line)
    return [float(n.replace(",", "")) for n in re.findall(r"\d[\d,]*(?:\.\d+)?", plain)]


@pytest.fixture(scope="module")
def lines():
    return PAGE.read_text(encoding="utf-8").splitlines()


def line_with(lines, words):
    (found,) = [line for line in lines if words in line]
    return found


def test_beats_blocks_and_residents(lines):
    units = read("col_units")
    said = numbers(line_with(lines, "was randomised: "))
    blocks, stations = units["block_ID"].nunique(), units["ESTACION"].nunique()
    median = units["population"].median()
    assert {len(units), stations, blocks, median} <= set(said)
    groups = units["Z"].value_counts().sort_index()
    most, fewest = numbers(line_with(lines, "Three groups have "))
    assert groups.to_dict() == {0: most, 1: most, 2: most, 3: fewest}
    sizes = units["block_ID"].value_counts().value_counts()
    assert sizes.to_dict() == {4: blocks - 1, 3: 1}


def test_first_meetings(lines):
    first = pd.to_datetime(read("col_units")["first_mtg_block"])
    ends = f"{first.min():%-d %B %Y} to {first.max():%-d %B %Y}"
    assert line_with(lines, "first meeting, by block").startswith(f"| {ends} |")


def test_interviews(lines):
    before, after = read("col_baseline_survey"), read("col_endline_survey")
    both = after["REGISTRO_BD"].isin(before["REGISTRO_BD"]).sum()
    assert numbers(line_with(lines, "The files hold ")) == [len(before), len(after), both]


def test_who_had_heard_of_meetings(lines):
    """The article prints the groups with meetings; the same counting gives its numbers."""
    after = read("col_endline_survey").merge(read("col_units")[["cuadrante", "Z_common"]])
    names = ["compliance_meeting", "compliance_attend"]
    shares = 100.0 * after.groupby("Z_common")[names].mean()
    said = numbers(line_with(lines, "had heard of one, and "))
    assert said[:4] == [*shares.loc[1.0].round(), *shares.loc[0.0].round()]
