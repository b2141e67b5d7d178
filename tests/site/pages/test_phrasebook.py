"""The phrasebook's examples run, and do what the commands beside them do."""

import re
from typing import Any

import numpy as np
import pyfixest
import pytest

from tests.site.conftest import REPOSITORY

PAGE = REPOSITORY / "book" / "software" / "phrasebook.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS = (
    "iebaltab", "ieddtab", "iecodebook", "reghdfe", "boottest", "ritest", "rwolf2", "regress",
    "svyset",
)  # fmt: skip


def sections() -> dict[str, str]:
    """Parts of the page by the first command that their heading names."""
    parts = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    heads = (part.partition("\n")[0] for part in parts)
    names = [head.split("`")[1] if "`" in head else head for head in heads]
    return dict(zip(names, parts, strict=True))


def test_every_command_has_a_part_with_its_own_words_and_ours():
    found = sections()
    assert [c for c in COMMANDS if c not in found] == []
    assert [c for c in COMMANDS if "```stata\n" not in found[c]] == []
    # the codebook is a file and a command line, not a call
    assert [c for c in COMMANDS if not BLOCK.search(found[c])] == ["iecodebook"]


@pytest.fixture(scope="module")
def ran() -> dict[str, dict[str, Any]]:
    """Names after each block, by the part it stands in; the blocks run one after the other."""
    names: dict[str, Any] = {}
    after = {}
    for command, part in sections().items():
        for block in BLOCK.findall(part):
            exec(compile(block, PAGE.name, "exec"), names)  # noqa: S102 (our own page)
            after[command] = dict(names)
    return after


# the oracle calls pandas in a way that a later pandas will refuse
@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
def test_reghdfe_is_the_same_regression(ran):
    # Source: pyfixest 0.60.0 with the small-sample factors that it documents for reghdfe: nested
    # effects are not counted. Estimates of one least-squares problem: 1e-9 is rounding.
    survey = ran["reghdfe"]["survey"]
    record = ran["reghdfe"]["found"].primary
    theirs = pyfixest.feols(
        "trust ~ treated:endline + endline | village",
        data=survey,
        weights="weight",
        vcov={"CRV1": "village"},
        ssc=pyfixest.ssc(k_adj=True, k_fixef="nonnested", G_adj=True),
    )
    name = "treated:endline"
    assert theirs.coef()[name] == pytest.approx(record.estimate, rel=1e-9)
    # theirs has the factor (N - 1) / (N - k) more, k = 3: two coefficients and the constant,
    # no village. Worked by hand, with 1e-9 for rounding
    n = len(survey)
    factor = np.sqrt((n - 1) / (n - 3))
    assert theirs.se()[name] == pytest.approx(record.std_error * factor, rel=1e-9)
    assert 1 < factor < 1.001, "larger by a hair"


def test_boottest_and_ritest_give_a_p_value_by_their_draws(ran):
    wild, permuted = ran["boottest"]["found"].primary, ran["ritest"]["found"].primary
    assert wild.ci_low < wild.estimate < wild.ci_high
    assert wild.estimate == ran["reghdfe"]["found"].primary.estimate == permuted.estimate
    assert "permut" in str(ran["ritest"]["found"].table["note"].item()).lower()
    # an effect of 0.4 with 20 villages in each group is not missed by either
    assert max(wild.p_value, permuted.p_value) < 0.01


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
def test_regress_without_effects_of_villages_is_the_same_regression(ran):
    # Source: pyfixest 0.60.0, whose small-sample factor is undone; 1e-9 is rounding
    survey, found = ran["regress"]["survey"], ran["regress"]["found"].to_frame()
    theirs = pyfixest.feols(
        "trust ~ treated * endline + age",
        data=survey,
        weights="weight",
        vcov={"CRV1": "village"},
        ssc=pyfixest.ssc(k_adj=False, G_adj=True),
    )
    ours = found[(found["term"] == "treated x endline") & (found["method"] == "cv1")].iloc[0]
    assert theirs.coef()["treated:endline"] == pytest.approx(ours["estimate"], rel=1e-9)
    assert theirs.se()["treated:endline"] == pytest.approx(ours["std_error"], rel=1e-9)


def test_designed_means_and_levels_are_the_weighted_means(ran):
    # Source: numpy's weighted mean; a linear sum, so that 1e-12 is rounding
    names = ran["ieddtab"]
    survey, levels = names["survey"], names["levels"]
    for (treated, endline), rows in survey.groupby(["treated", "endline"]):
        mean = np.average(rows["trust"], weights=rows["weight"])
        group = "treated" if treated else "comparison"
        assert levels.loc["trust", f"{group} {endline}"] == pytest.approx(mean, rel=1e-12)
    at = levels.loc["trust"]
    change = at["treated 1"] - at["treated 0"] - (at["comparison 1"] - at["comparison 0"])
    # "near": villages' weights differ a little between the rounds, by less than the noise
    assert at["effect"] == pytest.approx(change, abs=0.05)
    assert at["effect"] != pytest.approx(change, abs=1e-9)
