"""Dispositions and outcome rates: shares by hand, and nothing small told by count, sum or rate."""

import dataclasses

import numpy as np
import pytest
from scipy.optimize import linprog

from evaluation.config.sampling import DISPOSITIONS, Contacts, DispositionCount, ResponseRate
from evaluation.data.cleaning.response_rates import GROUPS, formulas
from evaluation.errors import ReportError
from evaluation.report import builders
from evaluation.report.linked_counts import COUNTED, INTERVIEWS, PARTS
from tests.report import examples

CODES = tuple(DISPOSITIONS)
# I, P, R, NC, O, UH, UO, NE of each group; in the comparison group 6 refused
TREATED = (700, 40, 120, 90, 30, 15, 20, 60)
COMPARISON = (720, 35, 6, 95, 25, 14, 22, 55)


def dispositions(arm, counts, *, n_clusters=35, round_="baseline"):
    return tuple(
        DispositionCount(
            study="small",
            round=round_,
            arm=arm,
            disposition=code,
            n=n,
            n_clusters=min(n, n_clusters),
        )
        for code, n in zip(CODES, counts, strict=True)
    )


def rates(arm, counts, *, names=("RR1", "COOP1", "REF1", "CON1"), share=None, round_="baseline"):
    """Rates as the stage makes them, by its own formulas."""
    by_group = np.array([*counts[:5], counts[5] + counts[6]], dtype=float)
    made = formulas(share)
    return tuple(
        ResponseRate(
            study="small",
            round=round_,
            arm=arm,
            name=name,
            rate=float(made[name][0] @ by_group / (made[name][1] @ by_group)),
            n=sum(counts[:7]),
            n_clusters=35,
            eligible_share=float("nan"),
        )
        for name in names
    )


def study(*, rounds=("baseline",), share=None, minimum_clusters=3):
    kept = tuple(r for r in examples.STUDY.round if r.id in rounds)
    contacts = Contacts(unit="u", round="r", disposition="d", eligible_share=share)
    return dataclasses.replace(
        examples.STUDY, round=kept, contacts=contacts, minimum_clusters=minimum_clusters
    )


def build(found, given, *, flow=(), language="en", **of_study):
    configuration = dataclasses.replace(examples.CONFIGURATION, study=study(**of_study))
    source = examples.source(configuration, dispositions=found, response=given, flow=flow)
    source = dataclasses.replace(source, language=language)
    return builders.build(examples.exhibit("response"), source)


def both_arms(treated=TREATED, comparison=COMPARISON, **more):
    return build(
        dispositions("treated", treated) + dispositions("comparison", comparison),
        rates("treated", treated) + rates("comparison", comparison, names=("RR1",)),
        **more,
    )


def test_counts_shares_and_rates_by_hand():
    table = both_arms()
    # 700 + 40 + 120 + 90 + 30 + 15 + 20, without the 60 that are not eligible
    assert table.cell("baseline-sampled", "n_treated").value == 1015
    assert table.cell("baseline-i", "share_treated").text == "69.0"  # 700 / 1015 = 68.97
    assert table.cell("baseline-rr1", "share_treated").text == "69.0"
    assert table.cell("baseline-r", "share_treated").text == "11.8"  # 120 / 1015 = 11.82
    assert table.cell("baseline-coop1", "share_treated").text == "78.7"  # 700 / 890 = 78.65
    assert table.cell("baseline-ne", "n_treated").value == 60
    assert table.cell("baseline-ne", "share_treated").kind == "none"
    assert dict(table.said)["response"] == (
        "Baseline: RR1 in treatment group 69%; RR1 in comparison group 78.5%."
    )


def test_a_small_count_takes_another_with_it_so_that_the_sum_does_not_tell_it():
    table = both_arms()
    kinds = {code: table.cell(f"baseline-{code.lower()}", "n_comparison").kind for code in CODES}
    # 6 refused; next to go is the smallest other, 14 of unknown households: 20 together
    assert {code for code, kind in kinds.items() if kind == "suppressed"} == {"R", "UH"}
    assert table.cell("baseline-r", "share_comparison").kind == "suppressed"
    # the treatment group's counts are large
    assert table.cell("baseline-r", "n_treated").value == 120


def test_a_rate_that_would_tell_a_small_count_is_withheld_and_not_the_count_beside_it():
    """REF1 of 6 in 917 is 6: the rate goes, whatever was handed over as publishable."""
    table = build(
        dispositions("treated", TREATED) + dispositions("comparison", COMPARISON),
        rates("treated", TREATED) + rates("comparison", COMPARISON),
    )
    assert table.cell("baseline-rr1", "share_comparison").text == "78.5"
    assert table.cell("baseline-ref1", "share_comparison").kind == "suppressed"
    # people reached are 786: with the 25 others that are shown, that would be R
    assert table.cell("baseline-con1", "share_comparison").kind == "suppressed"
    assert table.cell("baseline-o", "n_comparison").value == 25


def ranges_of(counts, table, arm):
    """Least and largest value of each withheld count among all tables that agree with this one."""
    shown = {c: table.cell(f"baseline-{c.lower()}", f"n_{arm}").value for c in COUNTED}
    rows = {row.id for row in table.rows}
    open_rates = [
        name
        for name in PARTS
        if f"baseline-{name.lower()}" in rows
        and table.cell(f"baseline-{name.lower()}", f"share_{arm}").value is not None
    ]
    true = dict(zip(CODES, counts, strict=True))
    sums = [COUNTED, INTERVIEWS, *(part for name in open_rates for part in PARTS[name])]
    equations = [[float(c in part) for c in COUNTED] for part in sums]
    known = [float(sum(true[c] for c in part)) for part in sums]
    bounds = [(0, None) if shown[c] is None else (shown[c], shown[c]) for c in COUNTED]
    found = {}
    for position, code in enumerate(COUNTED):
        if shown[code] is None:
            goal = np.eye(len(COUNTED))[position]
            least, most = (
                linprog(sign * goal, A_eq=equations, b_eq=known, bounds=bounds) for sign in (1, -1)
            )
            found[code] = (least.fun, -most.fun)
    return found


@pytest.mark.parametrize(
    "counts",
    [
        COMPARISON,
        (700, 4, 20, 30, 12, 11, 15, 0),
        (30, 12, 5, 3, 9, 2, 12, 4),
        (700, 0, 30, 4, 3, 12, 5, 0),
    ],
)
def test_no_withheld_count_is_known_to_within_nine(counts):
    """Over every table that agrees with what is shown, by another solver (HiGHS of scipy).

    Tolerance: HiGHS keeps its constraints to 1e-7 at counts of some hundred.
    """
    names = ("RR1", "RR5", "COOP1", "REF1", "CON1")
    table = build(
        dispositions("treated", counts) + dispositions("comparison", TREATED),
        rates("treated", counts, names=names) + rates("comparison", TREATED),
    )
    ranges = ranges_of(counts, table, "treated")
    assert all(high - low >= 10 - 1e-6 for low, high in ranges.values()), ranges
    small = {c for c, n in zip(CODES, counts, strict=True) if 0 < n < 10 and c in COUNTED}
    assert small <= set(ranges)


def test_a_count_in_two_municipalities_is_withheld_with_enough_beside_it():
    found = list(dispositions("treated", TREATED))
    found[4] = dataclasses.replace(found[4], n_clusters=2)  # 30 others, in two
    found[5] = dataclasses.replace(found[5], n_clusters=2)  # 15 unknown households, in two
    table = build(tuple(found), rates("treated", TREATED, names=("RR1",)))
    hidden = {c for c in CODES if table.cell(f"baseline-{c.lower()}", "n_treated").value is None}
    assert hidden == {"O", "UH", "UO"}  # the 20 of other reasons lie in many


def test_where_nothing_could_protect_the_few_no_count_is_shown():
    """Interviews in two municipalities, and nobody else to cover them."""
    counts = (20, 0, 0, 0, 0, 0, 0, 0)
    table = build(
        dispositions("treated", counts, n_clusters=2), rates("treated", counts, names=("RR1",))
    )
    shown = {c: table.cell(f"baseline-{c.lower()}", "n_treated").value for c in CODES}
    assert shown == dict.fromkeys(CODES)
    assert table.cell("baseline-rr1", "share_treated").value is None


def test_what_the_sample_flow_withholds_is_not_shown_here():
    """1,015 sampled and 1,010 interviews: 5 without one, so the flow has no number sampled."""
    counts = (970, 40, 3, 2, 0, 0, 0, 0)
    flow = (
        examples.flow("baseline", "treated", "sampled", 1015),
        examples.flow("baseline", "treated", "delivered", 1010),
        examples.flow("baseline", "treated", "valid", 1010),
    )
    table = build(dispositions("treated", counts), rates("treated", counts), flow=flow)
    assert table.cell("baseline-sampled", "n_treated").kind == "suppressed"
    assert table.cell("baseline-rr1", "share_treated").kind == "suppressed"
    assert table.cell("baseline-i", "n_treated").value == 970
    assert table.cell("baseline-i", "share_treated").kind == "suppressed"
    assert table.cell("baseline-r", "n_treated").kind == "suppressed"


def test_the_judgement_e_is_said_or_that_there_is_none():
    notes = " ".join(both_arms().notes)
    assert "RR3 and RR4 are not given" in notes
    with_e = build(
        dispositions("treated", TREATED),
        rates("treated", TREATED, names=("RR1", "RR3"), share=0.4),
        share=0.4,
    )
    assert "assumed eligible by the study: 0.4." in " ".join(with_e.notes)
    # 700 / (980 + 0.4 x 35) = 70.42
    assert with_e.cell("baseline-rr3", "share_treated").text == "70.4"


def test_sums_of_the_rates_are_those_of_the_formulas():
    """`PARTS` repeats which counts a rate tells; held against the formulas that make the rates."""
    groups = {"UH": "U", "UO": "U"}
    for name, (above, below) in formulas(0.5).items():
        told = [above] if name not in ("RR3", "RR4") else [above, np.array([1.0] * 5 + [0.0])]
        told += [below] if set(below) == {0.0, 1.0} else []
        expected = {frozenset(g for g, x in zip(GROUPS, part, strict=True) if x) for part in told}
        stated = {frozenset(groups.get(c, c) for c in part) for part in PARTS[name]}
        assert stated == expected - {frozenset(GROUPS)}, name


def test_without_contacts_the_exhibit_stops_the_build():
    with pytest.raises(ReportError, match="no dispositions of sampled units") as stopped:
        build((), ())
    assert stopped.value.rule == "missing-record"


def test_spanish_words_and_marks():
    table = both_arms(language="es")
    assert table.cell("baseline-r", "outcome").text == "Rechazo o abandono (R)"
    assert table.cell("baseline-i", "share_treated").text == "69,0"
    assert not any(word in " ".join(table.notes[:3]) for word in (" the ", " of "))
