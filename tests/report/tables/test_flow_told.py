"""How many people were asked: the sentence of the sample flow that pages quote."""

import dataclasses

import pytest

from evaluation.report import builders
from tests.report import examples


def told(baseline: tuple[int, int], endline: tuple[int, int], language: str = "en") -> str:
    """The sentence for numbers of valid interviews of two groups in two rounds."""
    source = examples.source(
        flow=tuple(
            examples.flow(round_, arm, "valid", n)
            for round_, found in (("baseline", baseline), ("endline", endline))
            for arm, n in zip(("treated", "comparison"), found, strict=True)
        ),
    )
    source = dataclasses.replace(source, language=language)
    return dict(builders.build(examples.exhibit("flow"), source).said)["interviews"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Valid interviews: 1,100 (baseline) and 990 (endline)."),
        # the small study names its rounds in English only
        ("es", "Entrevistas válidas: 1.100 (baseline) y 990 (endline)."),
    ],
)
def test_groups_are_summed_by_round(language, said):
    assert told((600, 500), (500, 490), language) == said


def test_no_sum_where_a_group_is_withheld():
    # 500 in the other group stands in the table: the sum less it would be the withheld 3
    assert told((600, 500), (500, 3)) == (
        "Valid interviews: 1,100 (baseline) and a number withheld by the disclosure rule (endline)."
    )
