"""Weights of the analysis file carried to panel members: to both rounds, and to nobody else."""

import dataclasses
from types import SimpleNamespace

import pandas as pd
import pytest

from evaluation.data.cleaning.baseline_weights import carried_weights, carry
from evaluation.errors import DataError

STUDY = SimpleNamespace(columns=SimpleNamespace(respondent="person"))


@dataclasses.dataclass
class _Specification:
    data: str
    sample: str
    weights: str
    lag: str = "none"


def _panel() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "round": ["baseline", "baseline", "endline", "endline"],
            "person": ["a", "b", "a", None],
            "panel_member": [True, False, True, False],
        }
    )


def _analysis() -> pd.DataFrame:
    return pd.DataFrame({"person": ["a", "b", None], "p": [0.25, 0.5, 0.125]})


def test_both_rows_of_a_panel_member_get_the_weight_and_nobody_else():
    result = carry(_panel(), _analysis(), ("p",), study=STUDY)
    assert result["p"].tolist()[::2] == [0.25, 0.25]
    assert result["p"].isna().tolist() == [False, True, False, True]
    assert result["p__missing"].tolist() == [None, "not_asked", None, "not_asked"]


def test_inputs_are_left_alone():
    panel, analysis = _panel(), _analysis()
    carry(panel, analysis, ("p",), study=STUDY)
    pd.testing.assert_frame_equal(panel, _panel())
    pd.testing.assert_frame_equal(analysis, _analysis())


def test_an_id_twice_in_the_analysis_file_is_an_error():
    analysis = pd.concat([_analysis(), _analysis()])
    with pytest.raises(DataError, match="2 rows repeat a respondent id"):
        carry(_panel(), analysis, ("p",), study=STUDY)


def test_a_panel_member_who_is_not_in_the_analysis_file_is_an_error():
    analysis = _analysis().assign(person=["z", "b", None])
    with pytest.raises(DataError, match="2 rows of panel members have no row"):
        carry(_panel(), analysis, ("p",), study=STUDY)


def test_only_weights_of_panel_members_that_no_round_holds_are_carried():
    plan = SimpleNamespace(
        specification=(
            _Specification("panel", "panel_members", "inverse:only_analysis"),
            _Specification("panel", "panel_members", "in_rounds"),
            _Specification("panel", "panel_members", "none"),
            _Specification("panel", "all", "of_all"),
            _Specification("analysis", "all", "of_file"),
        )
    )
    raw = {"only_analysis": {"analysis": "p"}, "in_rounds": {"baseline": "w", "analysis": "w"}}
    raw |= {"of_all": {"analysis": "q"}, "of_file": {"analysis": "r"}}
    variables = {name: SimpleNamespace(raw=sources) for name, sources in raw.items()}
    assert carried_weights(plan, SimpleNamespace(variables=variables)) == ("only_analysis",)


PLACES = SimpleNamespace(
    columns=SimpleNamespace(respondent="person", cluster="beat"),
    round=(SimpleNamespace(id="baseline"), SimpleNamespace(id="endline")),
)


def test_a_weight_of_the_cluster_goes_to_everybody_of_the_last_round():
    """New respondents have no id; nobody of the first round gets what was made for the last."""
    panel = _panel().assign(beat=["x", "y", "x", "y"])
    analysis = _analysis().assign(beat=["x", "y", "y"], p=[0.25, 0.5, 0.5])
    result = carry(panel, analysis, ("p",), study=PLACES, of_clusters=("p",))
    assert result["p"].tolist()[::2] == [0.25, 0.25]
    assert result["p"].isna().tolist() == [False, True, False, False]
    assert result["p"].iloc[3] == 0.5
    assert result["p__missing"].tolist() == [None, "not_asked", None, None]


def test_a_weight_that_differs_within_a_cluster_is_no_weight_of_it():
    panel = _panel().assign(beat=["x", "y", "x", "y"])
    analysis = _analysis().assign(beat=["x", "y", "y"])
    with pytest.raises(DataError, match="p differs within 1 clusters"):
        carry(panel, analysis, ("p",), study=PLACES, of_clusters=("p",))
