"""Questions that joined the survey later: nothing delivered before changes, effects are known."""

import dataclasses
import hashlib

import numpy as np
import pandas as pd
import pytest

from evaluation.config.plan import seed
from evaluation.data.cleaning.outcomes import construct
from evaluation.report.truth import read_truth
from tests.demo.test_demo_truths import estimate
from tests.fixtures.demonstration import CONFIG, demonstration, truth_named
from tools.demo import export

# manifest.toml before the questions were added (commit bb8f3d67)
BEFORE = {
    export.BASELINE_FILE: "57c7ecd17ec24beb9f791088c077b4b7943ca2d9374b5e5cc6fe182ce20f631d",
    export.ENDLINE_FILE: "c2b844d62259ed4982fe4b9ef2f2eeb11680c0063a896f578a600662917023a7",
    export.SERIES_FILE: "619d886b9a5ec5f1b22ae03626daa390c0c703c4e1068167a38021d82c2891ab",
}
ADDED = ("k1_worry", "o1_police", "o2_army", "o3_mayor", "d1_dialogue", "d2_took_part")
OUTCOMES = (
    *("selfcare", "psychosocial_help", "victimisation_prioritised", "organisations_engaged"),
    *("dialogue_known", "dialogue_attended", "leader_support", "police_abuse"),
    *("leader_threatened", "contact_rating", "crimes_counted"),
)
DRAWS = 24


@pytest.fixture(scope="module")
def published():
    study, entry = demonstration(), truth_named("default").seed_entry
    return study.draw(
        "default", seed=seed(entry), flaws="planted", attrition="planned", silence="planned"
    )


def test_without_the_added_questions_the_files_are_those_of_before_byte_for_byte(published):
    assert published.added == ADDED
    kept = {k: v for k, v in published.dictionary.variables.items() if k not in ADDED}
    dictionary = dataclasses.replace(published.dictionary, variables=kept)
    before = dataclasses.replace(published, added=(), dictionary=dictionary)
    files = export.export(before, versions=demonstration().versions)
    assert {name: hashlib.sha256(files[name]).hexdigest() for name in BEFORE} == BEFORE


def test_their_columns_are_the_last_of_the_file(published):
    content = export.export(published, versions=demonstration().versions)[export.BASELINE_FILE]
    header = content.decode("utf-8-sig").split("\n", 1)[0].split(",")
    assert header[-7:] == ["synthetic", "k1", "o1", "o2", "o3", "d1", "d2"]


def test_what_is_drawn_of_one_does_not_depend_on_which_others_are():
    study = demonstration()
    one = study.draw("default", seed=3, variables=("d1_dialogue",)).panel
    some = study.draw("default", seed=3, variables=("d1_dialogue", "d2_took_part")).panel
    pd.testing.assert_series_equal(one["d1_dialogue"], some["d1_dialogue"])


def test_who_took_part_in_a_dialogue_knows_of_it_and_victims_name_their_crime(published):
    panel = published.panel
    both = panel.dropna(subset=["d1_dialogue", "d2_took_part"])
    assert (both["d1_dialogue"] >= both["d2_took_part"]).all()
    named = panel["k1_worry"] == "extortion"
    victims = panel["v9_extortion"] == 1
    # a share near .25 of about 350 victims has a standard error of .024
    assert named[victims].mean() - named[~victims].mean() > 3 * 0.024


def test_municipalities_differ_in_what_worries_them_and_keep_it(published):
    """SD .5 in the logit of a share near .4: .12, and sampling of 100 people .05 beside."""
    rows = published.panel.assign(theft=published.panel["k1_worry"] == "theft")
    wide = rows.pivot_table(index="municipality", columns="round", values="theft")
    assert 0.08 < wide["baseline"].std() < 0.17
    assert wide.corr().loc["baseline", "endline"] > 0.6


def test_a_truth_names_items_that_are_there(tmp_path):
    text = (CONFIG / "truth.toml").read_text(encoding="utf-8")
    wrong = text.replace('extortion = ["v9_extortion"]', 'extortion = ["v9_extorsion"]')
    (tmp_path / "truth.toml").write_text(wrong, encoding="utf-8")
    with pytest.raises(Exception, match="v9_extorsion"):
        read_truth(tmp_path, "default")


def test_estimates_recover_the_true_effects_of_the_added_outcomes():
    """Mean difference in differences of 24 surveys against the truth, within four standard errors.

    The standard error is that of the mean over the draws; half a unit of the last stated digit is
    added, as for the other outcomes.
    """
    study = demonstration()
    stated = {e.outcome: e for e in read_truth(CONFIG, "default").scenario.expected}
    items, found = study.items_of(*OUTCOMES), []
    for number in range(DRAWS):
        panel = study.draw("default", seed=9_000 + number, variables=items).panel
        made = construct(panel, study.plan, study.study, outcomes=OUTCOMES)[0]
        found.append([estimate(made, name)[0] for name in OUTCOMES])
    values = np.array(found)
    error = values.std(axis=0, ddof=1) / DRAWS**0.5
    for k, name in enumerate(OUTCOMES):
        rounding = 0.05 if stated[name].unit == "percentage points" else 0.005
        distance = abs(values[:, k].mean() - stated[name].average)
        assert distance <= 4 * error[k] + rounding, name
