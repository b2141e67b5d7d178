"""An outcome whose items count by what each cluster named at baseline, worked by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from evaluation.config.plan import Item, Outcome
from evaluation.config.toml_reader import Text
from evaluation.data.cleaning.outcomes import construct
from evaluation.errors import DataError

NAN = float("nan")
STUDY = SimpleNamespace(
    columns=SimpleNamespace(arm="arm", weight="weight", cluster="place"),
    rounds=("baseline", "endline"),
    arms_without_any=lambda: ("comparison",),
)
OUTCOME = Outcome(
    id="y",
    family="f",
    label=Text(en="x", es="x"),
    function="by_priority",
    items=(Item(name="theft", answer="theft"), Item(name="threat", answer="threat")),
    minimum_items=1,
    unit="percentage points",
    desired="down",
    weighted_by="worry",
)
# place a: theft 3 of weight 4, threat 1 of 4; "other" and no answer weigh nothing. Place b: theft
# alone. Place c: nobody names either.
BASELINE = pd.DataFrame(
    {
        "round": "baseline",
        "place": ["a", "a", "a", "a", "b", "c"],
        "worry": ["theft", "threat", "other", None, "theft", "other"],
        "weight": [3.0, 1.0, 5.0, 7.0, 2.0, 1.0],
        "theft": [100.0, 0.0, 100.0, NAN, 0.0, 100.0],
        "threat": [0.0, 100.0, NAN, NAN, 100.0, 100.0],
    }
)
# priorities of the endline do not count
ENDLINE = pd.DataFrame(
    {
        "round": "endline",
        "place": ["a", "b"],
        "worry": ["threat", "threat"],
        "weight": [9.0, 9.0],
        "theft": [0.0, 0.0],
        "threat": [100.0, 100.0],
    }
)


def made(frame: pd.DataFrame) -> list[float]:
    return construct(frame, SimpleNamespace(outcome=(OUTCOME,)), STUDY)[0]["y"].tolist()


def test_items_count_by_the_baseline_shares_of_the_cluster():
    frame = pd.concat([BASELINE, ENDLINE], ignore_index=True)
    # the third person did not say whether there were threats: theft alone counts, whole
    expected = [75.0, 25.0, 100.0, NAN, 0.0, NAN, 25.0, 0.0]
    np.testing.assert_array_equal(made(frame), expected)


def test_the_order_of_rows_changes_nothing():
    frame = pd.concat([BASELINE, ENDLINE], ignore_index=True)
    turned = frame.iloc[::-1]
    np.testing.assert_array_equal(made(turned), made(frame)[::-1])


def test_without_the_question_there_is_no_outcome():
    with pytest.raises(DataError, match="worry"):
        made(BASELINE.drop(columns="worry"))
