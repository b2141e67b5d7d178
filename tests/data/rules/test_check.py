"""Each kind of flaw is found under its rule, at its line and column, with a fix."""

import numpy as np
import pytest

from evaluation.data.rules.quality import heaping_ratio
from evaluation.errors import DataError
from tests.fixtures.tiny import Tiny
from tests.tables import cases

CASES = cases(__file__)


def errors(tiny: Tiny):
    """The list of errors that stopped a run."""
    tiny.write()
    with pytest.raises(DataError):
        tiny.run()
    return tiny.records("private/findings_error.csv")


def one(findings) -> tuple[str, str, str, str]:
    """Rule, row key, column and value of the only finding."""
    assert len(findings) == 1, findings.to_string()
    row = findings.iloc[0]
    return row["rule"], row["row_key"], row["column"], row["value"]


@pytest.mark.parametrize(("column", "text", "rule", "value"), CASES["cells"])
def test_a_cell(tiny, column, text, rule, value):
    tiny.baseline[4][column] = text
    assert one(errors(tiny)) == (rule, "baseline.csv:6", column, value)


def test_a_stata_row_is_its_observation(tiny):
    tiny.endline[4]["t1"] = "9"
    assert one(errors(tiny)) == ("unlisted-code", "endline.dta:5", "t1", "9")


def test_an_answer_to_a_question_that_was_not_asked(tiny):
    tiny.baseline[1]["v2"] = "3"
    findings = errors(tiny)
    assert one(findings) == ("skip-violation", "baseline.csv:3", "v2", "(not shown)")
    assert findings["problem"].iloc[0].startswith("answered although the answer to `victim`")
    # what is said there matters no more
    tiny.baseline[1]["v2"] = "x"
    assert one(errors(tiny)) == ("skip-violation", "baseline.csv:3", "v2", "(not shown)")


def test_a_code_that_answers_a_question_that_was_not_asked_is_shown(tiny):
    rule = 'codes = "agree"\nasked_if = { variable = "victim", values = [1] }\n'
    tiny.dictionary = tiny.dictionary.replace('codes = "agree"\n', rule)
    for row in (*tiny.baseline, *tiny.endline):
        if row["v1"] == "2":
            row["t2"] = ""
    tiny.baseline[1]["t2"] = "3"
    assert one(errors(tiny)) == ("skip-violation", "baseline.csv:3", "t2", "3")


def test_a_question_that_was_not_asked_is_missing_for_that_reason(tiny):
    tiny.write()
    tiny.run()
    panel = tiny.panel().set_index("row_key").loc[["baseline.csv:3", "baseline.csv:4"]]
    assert panel["times__missing"].fillna("").tolist() == ["not_asked", ""]
    assert panel["times"].fillna(-1).tolist() == [-1, 3]


def test_no_answer_to_a_question_that_was_asked(tiny):
    tiny.baseline[2]["v2"] = ""
    findings = errors(tiny)
    assert set(findings["rule"]) == {"skip-violation"}
    assert one(findings)[1:3] == ("baseline.csv:4", "v2")


@pytest.mark.parametrize("kind", ["refused", "dont_know"])
def test_an_empty_cell_of_somebody_who_was_asked_has_the_kind_that_the_rule_says(tiny, kind):
    rule = "values = [1] }"
    assert tiny.dictionary.count(rule) == 1
    tiny.dictionary = tiny.dictionary.replace(rule, f'values = [1], skipped = "{kind}" }}')
    tiny.baseline[2]["v2"] = ""
    tiny.write()
    tiny.run()
    assert len(tiny.findings()) == 0
    # not asked, asked and empty, answered
    keys = ["baseline.csv:3", "baseline.csv:4", "baseline.csv:6"]
    panel = tiny.panel().set_index("row_key").loc[keys]
    assert panel["times__missing"].fillna("").tolist() == ["not_asked", kind, ""]
    assert panel["times"].isna().tolist() == [True, True, False]


CHAIN = CASES["chain"]


@pytest.mark.parametrize(("kind", "stops"), [("not_applicable", True), ("refused", False)])
def test_a_question_below_one_that_was_skipped(tiny, kind, *, stops):
    """Not applicable leaves the next question out too; of a refusal either is accepted."""
    tiny.dictionary = tiny.dictionary.replace(
        "values = [1] }", f'values = [1], skipped = "{kind}" }}'
    )
    tiny.dictionary += CHAIN
    for row in tiny.baseline:
        row["v3"] = "5" if row["v2"] == "3" else ""
    tiny.baseline[2] |= {"v2": "", "v3": "7"}
    if stops:
        assert one(errors(tiny))[:3] == ("skip-violation", "baseline.csv:4", "v3")
        return
    tiny.write()
    tiny.run()
    assert len(tiny.findings()) == 0


def test_a_rule_for_empty_cells_hides_no_other_flaw_of_the_question(tiny):
    tiny.dictionary = tiny.dictionary.replace(
        "values = [1] }", 'values = [1], skipped = "refused" }'
    )
    tiny.baseline[1]["v2"] = "3"
    assert one(errors(tiny)) == ("skip-violation", "baseline.csv:3", "v2", "(not shown)")
    tiny.baseline[1]["v2"] = ""
    # a missing code of a skip says that the question was not asked, of somebody who was
    tiny.dictionary = tiny.dictionary.replace("refused = [", 'not_asked = ["77"]\nrefused = [', 1)
    tiny.baseline[2]["v2"] = "77"
    findings = errors(tiny)
    assert one(findings)[:3] == ("skip-violation", "baseline.csv:4", "v2")


def test_a_skip_rule_that_looks_at_a_missing_answer_accepts_both(tiny):
    tiny.baseline[0]["v1"] = "98"
    tiny.baseline[1]["v1"] = "98"
    tiny.write()
    tiny.run()
    assert len(tiny.findings()) == 0


def test_no_consent_asks_for_nothing_else(tiny):
    tiny.baseline[3] |= dict.fromkeys(("t1", "t2", "v1", "v2", "peso", "fecha"), "")
    tiny.baseline[3]["acepta"] = "2"
    tiny.write()
    tiny.run()
    assert len(tiny.findings()) == 0
    assert "baseline.csv:5" not in set(tiny.panel()["row_key"])


def test_answers_without_consent_do_not_vanish(tiny):
    # `times` is asked by a skip rule, `help` has a wording; the others are no declared questions
    tiny.dictionary = tiny.dictionary.replace(
        'raw = { baseline = "t2"',
        'question = { en = "Help?", es = "¿Ayuda?" }\nraw = { baseline = "t2"',
    )
    tiny.baseline[2]["acepta"] = "2"
    findings = errors(tiny)
    assert one(findings) == ("skip-violation", "baseline.csv:4", "acepta", "")
    assert findings["problem"].iloc[0] == "consent is refused, but 2 questions are answered"
    tiny.baseline[2] |= {"t2": "", "v2": ""}
    tiny.write()
    tiny.run()
    assert "baseline.csv:4" not in set(tiny.panel()["row_key"])


def test_a_flaw_of_most_cells_is_one_error_of_the_column(tiny):
    for row in tiny.baseline:
        row["fecha"] = "/".join(reversed(row["fecha"].split("-")))
    findings = errors(tiny)
    assert one(findings)[:3] == ("not-a-date", "baseline.csv:2", "fecha")
    assert "24 of 24 cells, this one first" in findings["problem"].iloc[0]


def test_a_number_without_end_is_not_called_a_fraction(tiny):
    tiny.baseline[4]["duracion"] = "1e400"
    assert errors(tiny)["problem"].tolist() == ["the cell is not a finite number"]


def test_a_declared_variant_of_a_cluster_is_information_and_cured(tiny):
    tiny.baseline[4]["municipio"] = "Municipio 1"
    tiny.write()
    tiny.run()
    findings = tiny.findings()
    assert one(findings) == ("cluster-alias", "baseline.csv:6", "municipio", "(not shown)")
    assert findings["severity"].iloc[0] == "info"
    assert tiny.panel().set_index("row_key").loc["baseline.csv:6", "municipality"] == "M1"


def test_dates_after_an_event_are_flagged_in_its_group_only(tiny):
    tiny.endline[0]["fecha"] = "2025-01-24"
    tiny.endline[1]["fecha"] = "2025-01-23"
    tiny.endline[23]["fecha"] = "2025-02-01"
    tiny.write()
    tiny.run()
    findings = tiny.findings()
    rows = findings[findings["rule"] != "recall-crosses-event"]
    assert one(rows)[:3] == ("date-after-event", "endline.dta:1", "fecha")
    panel = tiny.panel()
    assert panel.loc[panel["flag_suspension"], "row_key"].tolist() == ["endline.dta:1"]


def test_an_event_with_the_rule_drop_leaves_rows_out_and_counts_them(tiny):
    tiny.study = tiny.study.replace('rule = "flag"', 'rule = "drop"')
    tiny.endline[0]["fecha"] = "2025-01-24"
    tiny.write()
    tiny.run()
    assert "endline.dta:1" not in set(tiny.panel()["row_key"])
    flow = tiny.records("flow.csv")
    left = flow[(flow["step"] == "excluded") & (flow["n"] != "0")]
    assert left[["round", "arm", "reason", "n"]].to_numpy().tolist() == [
        ["endline", "treated", "suspension", "1"]
    ]


def test_a_baseline_interview_after_entry(tiny):
    tiny.baseline[0]["fecha"] = "2021-05-20"
    tiny.baseline[23]["fecha"] = "2021-05-20"
    tiny.write()
    tiny.run()
    assert one(tiny.findings())[:3] == ("baseline-after-entry", "baseline.csv:2", "fecha")


def test_a_short_interview_at_the_threshold(tiny):
    tiny.baseline[0]["duracion"] = "9.9"
    tiny.baseline[1]["duracion"] = "10"
    tiny.write()
    tiny.run()
    assert one(tiny.findings())[:3] == ("short-interview", "baseline.csv:2", "duracion")


def test_exposure_in_a_comparison_cluster_is_public_without_its_name(tiny):
    tiny.study = tiny.study.replace("short_interview_minutes = 10", "")
    extra = [row | {"id_persona": f"z{i:02d}"} for i, row in enumerate(tiny.endline[18:])]
    tiny.endline += extra
    for row in tiny.endline[18:20]:
        row["x2"] = "1"
    tiny.write()
    tiny.run()
    assert one(tiny.findings()) == ("exposure-in-comparison", "", "x2", "(not shown)")
    assert one(tiny.records("private/findings.csv"))[1] == "cluster M4"
    assert "M4" not in tiny.findings().to_csv()


def test_a_respondent_who_changed_cluster_is_no_panel_member(tiny):
    tiny.endline[0]["municipio"] = "M2"
    tiny.write()
    tiny.run()
    assert one(tiny.findings())[:3] == ("cluster-changed", "endline.dta:1", "id_persona")
    assert tiny.panel()["panel_member"].sum() == 30


def test_no_link_at_all_between_rounds(tiny):
    for row in tiny.endline:
        row["id_persona"] = row["id_persona"].upper()
    tiny.write()
    tiny.run()
    findings = tiny.findings().set_index("rule")
    assert sorted(findings.index) == ["near-id", "no-link"]
    assert findings.loc["near-id", "row_key"] == "endline.dta:1"
    assert findings.loc["near-id", "problem"].startswith("16 respondent ids, this one first")


def test_a_cluster_without_interviews(tiny):
    for row in tiny.endline[18:]:
        row["municipio"] = "M3"
        row["id_persona"] = row["id_persona"].replace("p", "z")
    tiny.write()
    tiny.run()
    found = tiny.findings()
    assert found["rule"].tolist() == ["one-round-cluster", "empty-cluster"]
    assert found["problem"].iloc[0].startswith("6 interviews are in 1 clusters")


def test_interviews_of_a_cluster_in_one_round_have_their_row_in_the_flow(tiny):
    # before, the six stood among the valid ones, and no estimate counted them
    for row in tiny.endline[18:]:
        row["municipio"] = "M3"
        row["id_persona"] = row["id_persona"].replace("p", "z")
    tiny.write()
    tiny.run()
    flow = tiny.records("flow.csv")
    counts = flow.astype({"n": int}).groupby(["round", "step"])["n"].sum()
    assert counts["baseline", "delivered"] == 24
    assert counts["baseline", "one_round"] == 6
    assert counts["baseline", "valid"] == 18
    assert counts["endline", "one_round"] == 0
    assert counts["endline", "valid"] == 24


def test_the_survey_and_the_frame_must_agree(tiny):
    tiny.dictionary = tiny.dictionary.replace(
        'raw = { frame = "population" }', 'raw = { endline = "poblacion", frame = "population" }'
    )
    for row in tiny.endline:
        row["poblacion"] = str(1000 * int(row["municipio"][1:]))
    tiny.endline[7]["poblacion"] = "1000"
    assert one(errors(tiny))[:3] == ("frame-mismatch", "endline.dta:8", "poblacion")


@pytest.mark.parametrize(("row", "column", "text", "rule"), CASES["frame"])
def test_the_frame(tiny, row, column, text, rule):
    tiny.frame[row][column] = text
    found = errors(tiny)
    assert one(found)[:3] == (rule, "municipalities.csv:3", column)


def test_a_comparison_cluster_with_a_cohort(tiny):
    tiny.frame[2]["cohort"] = "c2021"
    findings = errors(tiny)
    assert one(findings)[:3] == ("cohort-contradiction", "municipalities.csv:4", "cohort")
    assert "comparison arm and has a cohort" in findings["problem"].iloc[0]


MUTUAL = ("M2|M3", "M1", "M1|M4", "M3")


def with_neighbours(tiny: Tiny, listed: tuple[str, ...]) -> None:
    tiny.dictionary += (
        '[[variable]]\nname = "neighbours"\ntype = "text"\n'
        'label = { en = "Neighbours", es = "Vecinos" }\nraw = { frame = "neighbours" }\n'
        'missing = "no_cohort"\npersonal = "none"\nsource = "test"\n'
    )
    for row, names in zip(tiny.frame, listed, strict=True):
        row["neighbours"] = names


def test_mutual_neighbours_are_no_finding(tiny):
    with_neighbours(tiny, MUTUAL)
    tiny.write()
    tiny.run()
    assert len(tiny.findings()) == 0


@pytest.mark.parametrize(
    ("row", "names", "problem"),
    [
        (3, "M3|M9", "the neighbour `M9` is not in the frame"),
        (3, "M3|M4", "its own neighbour"),
        (3, "M3|M3", "appears twice"),
        (3, "M3|M2", "a neighbour does not list this cluster"),
    ],
)
def test_neighbours_are_known_and_mutual(tiny, row, names, problem):
    with_neighbours(tiny, (*MUTUAL[:row], names, *MUTUAL[row + 1 :]))
    findings = errors(tiny)
    assert one(findings)[:3] == ("neighbours", "municipalities.csv:5", "neighbours")
    assert problem in findings["problem"].iloc[0]


def test_a_cluster_that_is_declared_as_a_number(tiny):
    head, tail = tiny.dictionary.split('name = "municipality"\ntype = "id"')
    tiny.dictionary = f'{head}name = "municipality"\ntype = "count"{tail}'
    for row in [*tiny.baseline, *tiny.endline]:
        row["municipio"] = row["municipio"][1:]
    for row in tiny.frame:
        row["municipality"] = row["municipality"][1:]
    assert one(errors(tiny))[0] == "cluster-type"


def with_copied_answers(tiny: Tiny) -> None:
    """25 further questions, and one interview with all the answers of the one before it."""
    for i in range(25):
        tiny.dictionary += (
            f'[[variable]]\nname = "item_{i}"\ntype = "ordinal"\n'
            'label = { en = "Item", es = "Ítem" }\n'
            f'raw = {{ baseline = "i{i}" }}\ncodes = "agree"\npersonal = "none"\nsource = "test"\n'
        )
    for n, row in enumerate(tiny.baseline):
        row |= {f"i{i}": str(1 + (n * (i + 1) + i) % 3) for i in range(25)}
    copied = [name for name in tiny.baseline[0] if name not in ("id_persona", "nombre")]
    tiny.baseline[5] |= {name: tiny.baseline[4][name] for name in copied}
    tiny.baseline[5]["fecha"] = "2021-03-30"


def test_the_same_answers_under_two_ids(tiny):
    with_copied_answers(tiny)
    tiny.write()
    tiny.run()
    findings = tiny.findings()
    assert one(findings)[:3] == ("duplicate-interview", "baseline.csv:7", "id_persona")
    assert "baseline.csv:6" in findings["problem"].iloc[0]


def test_the_same_answers_under_one_id_are_a_duplicate_id_only(tiny):
    with_copied_answers(tiny)
    tiny.baseline[5]["id_persona"] = tiny.baseline[4]["id_persona"]
    assert one(errors(tiny))[0] == "duplicate-id"
    tiny.ledger = ["baseline,baseline.csv:7,id_persona,p04,,drop,sent twice,ana,2025-01-02"]
    tiny.write()
    tiny.run()
    assert one(tiny.findings())[0] == "duplicate-id"


@pytest.mark.parametrize(("counts", "expected"), CASES["heaping"])
def test_heaping_by_hand(counts, expected):
    assert heaping_ratio(np.array(counts, dtype=float)) == expected


def test_heaped_counts_are_one_finding_of_their_column(tiny):
    more = [row | {"id_persona": f"z{i:02d}"} for i, row in enumerate(tiny.baseline * 2)]
    tiny.baseline += more
    for row in tiny.baseline:
        if row["v1"] == "1":
            row["v2"] = "10"
    tiny.write()
    tiny.run()
    found = tiny.findings()
    assert one(found[found["rule"] == "heaping"])[1:3] == ("", "v2")


@pytest.mark.parametrize(("highest", "heaps"), [(7, []), (8, ["v2"])])
def test_a_scale_does_not_heap(tiny, highest, heaps):
    tiny.baseline += [row | {"id_persona": f"z{i:02d}"} for i, row in enumerate(tiny.baseline * 4)]
    for i, row in enumerate(tiny.baseline):
        if row["v1"] == "1":
            row["v2"] = str(1 + i // 2 % highest) if i % 3 else "5"
    tiny.write()
    tiny.run()
    found = tiny.findings()
    assert found[found["rule"] == "heaping"]["column"].tolist() == heaps


def test_messages_and_findings_hold_no_personal_value(tiny):
    tiny.baseline[0] |= {"v1": "Persona Secreta 0", "t1": "Persona Secreta 0", "peso": "123456"}
    tiny.baseline[1] |= {"duracion": "3015551234", "municipio": "Finca Secreta"}
    tiny.baseline[2]["id_persona"] = "p00"
    tiny.write()
    with pytest.raises(DataError) as caught:
        tiny.run()
    listed = (tiny.build / "private" / "findings_error.csv").read_text(encoding="utf-8")
    for secret in ("Secreta", "123456", "3015551234", "p00"):
        assert secret not in str(caught.value)
        assert secret not in listed
    assert "baseline.csv:2" in str(caught.value)
