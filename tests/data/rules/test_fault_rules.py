"""Rules that the fault suite asked for: each finds its flaw, and clean data give no finding."""

import datetime

import numpy as np
import pytest

from evaluation.config.dictionary import ParsedCell, Problem
from evaluation.config.dictionary_rules import read_dictionary
from evaluation.config.manifest import read_manifest
from evaluation.config.study import read_study
from evaluation.data.readers import csv
from evaluation.data.rules import identity
from evaluation.data.rules.spreadsheet_damage import _unlikely_run
from evaluation.errors import DataError, SpecError
from tests.fixtures.tiny import Row, Tiny
from tests.tables import cases

CASES = cases(__file__)

START = CASES["start"]


def found(tiny: Tiny) -> dict[tuple[str, str, str], str]:
    """Severity of each finding, by rule, row key (or file) and column; errors stop the run."""
    tiny.write()
    try:
        tiny.run()
        findings = tiny.findings()
    except DataError:
        findings = tiny.records("private/findings_error.csv")
    return {(f.rule, f.row_key or f.file, f.column): f.severity for f in findings.itertuples()}


def declare(tiny: Tiny, name: str, line: str) -> None:
    """Add a line to a variable of the dictionary."""
    head = f'[[variable]]\nname = "{name}"\n'
    assert head in tiny.dictionary
    tiny.dictionary = tiny.dictionary.replace(head, f"{head}{line}\n")


def question(tiny: Tiny, *names: str) -> None:
    for name in names:
        declare(tiny, name, 'question = { en = "Q?", es = "¿P?" }')


def timed(tiny: Tiny) -> None:
    """Give the baseline the moment at which each interview began."""
    tiny.dictionary += START
    for i, row in enumerate(tiny.baseline):
        row["inicio"] = f"{row['fecha']} 08:{i:02d}:00"


@pytest.fixture
def larger(tiny: Tiny) -> Tiny:
    """The tiny study three times over, so that rules about many people have enough of them."""

    def copies(rows: list[Row]) -> list[Row]:
        return [
            row | {"id_persona": f"{row['id_persona']}{n}"} for n in ("a", "b", "c") for row in rows
        ]

    tiny.baseline, tiny.endline = copies(tiny.baseline), copies(tiny.endline)
    return tiny


# ---- cells ------------------------------------------------------------------------------------


def test_a_pattern_is_for_the_whole_text(tiny):
    declare(tiny, "respondent", "pattern = '[pq]\\d{2}'")
    assert found(tiny) == {}
    tiny.baseline[4]["id_persona"] = "p4"
    assert found(tiny) == {("pattern", "baseline.csv:6", "id_persona"): "error"}
    # digits of another script are digits to Python, and no digits of this pattern
    tiny.baseline[4]["id_persona"] = "p٠4"
    assert found(tiny) == {("pattern", "baseline.csv:6", "id_persona"): "error"}


def test_a_pattern_holds_for_numbers_and_leaves_missing_codes_alone(tiny):
    declare(tiny, "times", "pattern = '\\d'")
    tiny.baseline[0]["v2"] = "88"
    assert found(tiny) == {}
    tiny.baseline[0]["v2"] = "03"
    assert found(tiny) == {("pattern", "baseline.csv:2", "v2"): "error"}


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [
        ("respondent", "pattern = '(p'", "not a regular expression"),
        ("trust", "pattern = '\\d'", "codes and a pattern"),
        ("respondent", 'over_time = "ages"', "the variable is id"),
        ("respondent", 'over_time = "grows"', "over_time"),
    ],
)
def test_what_a_dictionary_may_not_declare(tiny, name, line, words):
    tiny.write()
    declare(tiny, name, line)
    (tiny.config / "dictionary" / "tiny.toml").write_text(tiny.dictionary, encoding="utf-8")
    with pytest.raises(SpecError) as error:
        read_dictionary(tiny.config, ("baseline", "endline", "frame"))
    assert words in str(error.value)


@pytest.mark.parametrize(("name", "text", "decimal", "rule"), CASES["left"])
def test_what_a_spreadsheet_or_a_program_left(tiny, name, text, decimal, rule):
    parsed = _parsed(tiny, name, text, decimal)
    assert isinstance(parsed, Problem)
    assert parsed.rule == rule


@pytest.mark.parametrize(("name", "text", "value"), CASES["alike"])
def test_what_only_looks_alike_is_read(tiny, name, text, value):
    assert _parsed(tiny, name, text, ".") == ParsedCell(value)


def _parsed(tiny: Tiny, name: str, text: str, decimal: str) -> ParsedCell | Problem:
    tiny.write()
    dictionary = read_dictionary(tiny.config, ("baseline", "endline", "frame"))
    source = "frame" if name == "population" else "baseline"
    return dictionary.parse(name, text, source=source, decimal=decimal)


def test_the_header_again_among_the_rows_is_one_error(tiny):
    tiny.baseline.insert(4, {name: name for name in tiny.baseline[0]})
    rules = [rule for rule, key, _ in found(tiny) if key == "baseline.csv:6"]
    assert rules == ["repeated-header"]
    file = read_manifest(tiny.config, read_study(tiny.config)).file[0]
    frame, _ = csv.read((tiny.raw / file.path).read_bytes(), file)
    assert len(frame) == 24
    assert "id_persona" not in set(frame["id_persona"])


# ---- one file ---------------------------------------------------------------------------------


@pytest.mark.parametrize("identifier", ["000000", "99999999", "12345678", "87654321"])
def test_ids_that_are_typed_for_want_of_one(tiny, identifier):
    tiny.baseline[4]["id_persona"] = identifier
    assert found(tiny) == {("placeholder-id", "baseline.csv:6", "id_persona"): "warn"}


@pytest.mark.parametrize("identifier", ["Total", "P02", "PP2"])
def test_an_id_of_another_shape_than_nearly_all(tiny, identifier, monkeypatch):
    """The tiny study has 24 ids, too few to be judged, so that the bounds are lowered."""
    monkeypatch.setattr(identity, "ENOUGH", 20)
    monkeypatch.setattr(identity, "ALIKE", 0.9)
    shape = tiny.baseline[4]["id_persona"]
    tiny.baseline[4]["id_persona"] = identifier
    odd = ("odd-id", "baseline.csv:6", "id_persona") in found(tiny)
    assert odd == ([c.isdigit() for c in shape] != [c.isdigit() for c in identifier])


def test_ids_without_one_shape_are_not_judged(tiny, monkeypatch):
    monkeypatch.setattr(identity, "ENOUGH", 20)
    tiny.baseline[4]["id_persona"] = "Total"
    assert not [rule for rule, *_ in found(tiny) if rule == "odd-id"]


@pytest.mark.parametrize("text", ["1.23E+05", "1,23457E+05", "1E+05"])
def test_an_id_that_a_spreadsheet_shortened(tiny, text):
    parsed = _parsed(tiny, "respondent", text, ",")
    assert isinstance(parsed, Problem)
    assert parsed.rule == "shortened-number"


@pytest.mark.parametrize("identifier", ["00000", "12345679", "11111112"])
def test_ids_that_may_be_somebodys(tiny, identifier):
    tiny.baseline[4]["id_persona"] = identifier
    assert found(tiny) == {}


@pytest.mark.parametrize(("weight", "times"), [("176", 50.3), ("0.003", 8.6e-4)])
def test_a_weight_far_from_all_others(tiny, weight, times):
    # the weights of the other rows are 1.5 to 5.5, their median 3.5
    tiny.baseline[4]["peso"] = weight
    assert float(weight) / 3.5 == pytest.approx(times, rel=1e-2)
    assert found(tiny) == {("weight-extreme", "baseline.csv:6", "peso"): "warn"}


@pytest.mark.parametrize("weight", ["174", "0.004"])
def test_a_weight_within_the_bounds(tiny, weight):
    tiny.baseline[4]["peso"] = weight
    assert found(tiny) == {}


def test_a_start_on_another_day_than_the_date(tiny):
    timed(tiny)
    assert found(tiny) == {}
    # fifth row, 5 March: day and month swapped in one of the two would be 3 May
    tiny.baseline[4]["inicio"] = "2021-05-03 08:00:00"
    assert found(tiny) == {("date-mismatch", "baseline.csv:6", "inicio"): "warn"}


def test_a_copy_under_another_id_is_known_by_its_second(tiny):
    timed(tiny)
    tiny.baseline[5] = tiny.baseline[4] | {"id_persona": "p99"}
    tiny.endline = [row for row in tiny.endline if row["id_persona"] != "p05"]
    assert found(tiny)["duplicate-interview", "baseline.csv:7", "id_persona"] == "warn"
    tiny.baseline[5]["inicio"] = tiny.baseline[5]["inicio"].replace(":00", ":01")
    assert "duplicate-interview" not in {rule for rule, _, _ in found(tiny)}


def test_answers_that_pile_up_at_another_questions_missing_code(larger):
    # the length's own missing code is long; 98 is `refused` in the list of the other questions
    declare(larger, "duration_min", 'missing = { baseline = "long" }')
    larger.dictionary = larger.dictionary.replace(
        "[[missing]]", '[[missing]]\nid = "long"\ndont_know = ["888888"]\n[[missing]]', 1
    )
    assert found(larger) == {}
    for row in larger.baseline[:4]:
        row["duracion"] = "98"
    assert found(larger) == {}
    larger.baseline[4]["duracion"] = "98"
    assert found(larger) == {("missing-code-as-number", "baseline.csv", "duracion"): "warn"}


# Squares grow by a step that never comes twice. A run of L equal steps among n is left to chance
# (n - L others) with the share 1 / (n - L + 1), and is expected n / (n - L + 1)^L times.
@pytest.mark.parametrize(("length", "others", "expected", "judged"), CASES["runs"])
def test_runs_of_equal_steps(length, others, expected, *, judged):
    assert (others + length) / (others + 1) ** length == pytest.approx(expected, rel=0.05)
    squares = [float(i * i) for i in range(others + 1)]
    values = np.array([*squares, *[squares[-1]] * length])
    assert _unlikely_run(values) == ((others, length) if judged else (0, 0))
    # counted on by seven: the same run, with another step
    steps = np.array([*squares, *(squares[-1] + 8.0 * i for i in range(1, length + 1))])
    assert _unlikely_run(steps) == ((others, length) if judged else (0, 0))


def test_a_column_of_one_step_is_one_run_and_a_usual_step_is_none():
    assert _unlikely_run(np.full(30, 3.0)) == (0, 29)
    assert _unlikely_run(np.tile([0.0, 1.0], 20)) == (0, 0)
    assert _unlikely_run(np.array([1.0, np.nan, 2.0])) == (0, 0)


def test_a_run_of_a_usual_answer_is_as_likely_as_the_answer():
    """Of four answers the usual one, of 44 %, follows itself oftener than any step of nought does:
    23 in a row are expected 4e-5 times among 7,000 rows, and are no draw of 33 % each."""
    shares = {0.0: 0.44, 1.0: 0.32, 2.0: 0.14, 3.0: 0.1}
    drawn = np.random.default_rng(5).choice(list(shares), size=7000, p=list(shares.values()))
    assert _unlikely_run(drawn) == (0, 0)
    for length, told in ((23, False), (35, True)):
        values = drawn.copy()
        values[2999 : 3001 + length] = [1.0, *[0.0] * length, 1.0]
        assert _unlikely_run(values) == ((3000, length - 1) if told else (0, 0))
    # the rarest in a row stays as unlikely as a step of nought
    values = drawn.copy()
    values[2999 : 3001 + 23] = [1.0, *[3.0] * 23, 1.0]
    assert _unlikely_run(values) == (3000, 22)


def test_a_cell_that_was_dragged_down(larger):
    # trust has four answers; help has three, and neighbours may well share those
    question(larger, "trust", "help")
    assert found(larger) == {}
    for row in larger.baseline[20:60]:
        row |= {"t1": "2", "t2": "2"}
    assert found(larger) == {("filled-down", "baseline.csv:22", "t1"): "warn"}


# ---- rounds together --------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["P04", "p-04", "00p04", " p04", "p_04"])
def test_ids_that_are_written_in_two_ways(tiny, written):
    assert tiny.endline[3]["id_persona"] == "p03"
    tiny.baseline[3]["id_persona"] = written.replace("4", "3")
    rules = {rule for rule, _, _ in found(tiny)}
    assert rules == ({"padded-id"} if written.startswith(" ") else {"near-id"})


def numbered(tiny: Tiny, baseline: str) -> None:
    """Ids of digits, in the baseline written with another ending."""
    for row in tiny.baseline:
        row["id_persona"] = f"{int(row['id_persona'][1:]) + 1}{baseline}"
    for row in tiny.endline:
        first = {"p": 1, "q": 1000}[row["id_persona"][0]]
        row["id_persona"] = f"{int(row['id_persona'][1:]) + first}"


def test_ids_with_decimals_in_one_round_stop_until_they_are_declared(tiny):
    numbered(tiny, ".0")
    assert found(tiny) == {("ids-with-decimals", "baseline.csv", "id_persona"): "error"}
    (finding,) = tiny.records("private/findings_error.csv").itertuples()
    assert finding.problem.startswith("24 of 24 respondent ids are written with decimals")
    assert 'whole_numbers = ["id_persona"] to the entry `baseline` of' in finding.fix
    manifest = tiny.config / "manifest.toml"
    text = manifest.read_text("utf-8")
    declared = 'rows = 24\nwhole_numbers = ["id_persona"]\n'
    manifest.write_text(text.replace("rows = 24\n", declared, 1), encoding="utf-8")
    tiny.run()
    assert tiny.findings().empty
    assert tiny.panel()["panel_member"].sum() == 32
    wrong = text.replace("rows = 24\n", 'rows = 24\nwhole_numbers = ["id"]\n', 1)
    manifest.write_text(wrong, encoding="utf-8")
    with pytest.raises(DataError, match="`whole_numbers` names a column that is not in the file"):
        tiny.run()


@pytest.mark.parametrize(("blank", "severity"), [("not_asked", "warn"), ("not_applicable", "")])
def test_interviews_without_an_id_are_counted_unless_they_are_of_new_people(tiny, blank, severity):
    tiny.dictionary += f'[[missing]]\nid = "no_id"\nblank = "{blank}"\n'
    declare(tiny, "respondent", 'missing = { endline = "no_id" }')
    for row in tiny.endline[4:6]:
        row["id_persona"] = ""
    key = ("no-respondent-id", "endline.dta", "id_persona")
    assert found(tiny) == ({key: severity} if severity else {})


def test_an_id_is_not_near_one_with_a_decimal_point_less(tiny):
    # 1.0 and 10: no id of the one round ends in .0 in nearly all rows
    numbered(tiny, "")
    assert tiny.baseline[0]["id_persona"] == tiny.endline[0]["id_persona"] == "1"
    tiny.endline[0]["id_persona"] = "10.0"
    tiny.baseline[0]["id_persona"] = "100"
    assert found(tiny) == {}


def test_what_does_not_change_of_a_person(tiny):
    declare(tiny, "help", 'over_time = "same"')
    assert found(tiny) == {}
    tiny.endline[0]["t2"] = "3"
    assert tiny.baseline[0]["t2"] == "1"
    findings = found(tiny)
    assert findings == {("changed-over-time", "endline.dta:1", "t2"): "warn"}
    assert "baseline.csv:2" in tiny.findings()["problem"].iloc[0]


def test_ids_that_moved_against_the_answers_are_one_error(larger):
    declare(larger, "help", 'over_time = "same"')
    ids = [row["id_persona"] for row in larger.baseline]
    for row, identifier in zip(larger.baseline, [*ids[1:], ids[0]], strict=True):
        row["id_persona"] = identifier
    findings = {key: s for key, s in found(larger).items() if key[0] == "changed-over-time"}
    assert findings == {("changed-over-time", "endline.dta", "t2"): "error"}


@pytest.mark.parametrize(
    # baseline 3 March 2021, endline 1 November 2024: 3.67 years, so 2 to 5 with a year's slack
    ("years", "problems"),
    [(1, 1), (2, 0), (3, 0), (4, 0), (5, 0), (6, 1)],
)
def test_ages_grow_as_the_calendar_does(tiny, years, problems):
    declare(tiny, "duration_min", 'over_time = "ages"')
    for row in tiny.endline:
        row["duracion"] = str(float(row["duracion"]) + 4)
    days = datetime.date(2024, 11, 1) - datetime.date(2021, 3, 1)
    assert days.days / 365.25 == pytest.approx(3.67, abs=0.01)
    tiny.endline[0]["duracion"] = str(30 + years)
    findings = [key for key in found(tiny) if key[0] == "changed-over-time"]
    assert len(findings) == problems


def test_one_rounds_answers_as_the_others(larger):
    question(larger, "trust", "help", "victim", "times", "duration_min")
    assert found(larger) == {}
    for row in larger.endline:
        before = [b for b in larger.baseline if b["id_persona"] == row["id_persona"]]
        if before:
            row["t1"] = {"1": "4", "2": "3", "3": "2", "4": "1"}[before[0]["t1"]]
    assert found(larger) == {("same-answers", "endline.dta", ""): "error"}


def test_a_cluster_left_thin(larger):
    # 18 interviews in each cluster; fewer than 6 is too few
    larger.endline = [
        row
        for i, row in enumerate(larger.endline)
        if row["municipio"] != "M4" or i % 24 in (18, 23)
    ]
    assert sum(row["municipio"] == "M4" for row in larger.endline) == 6
    assert found(larger) == {}
    larger.endline = [row for row in larger.endline if row["id_persona"] != "p18a"]
    assert found(larger) == {("few-interviews", "endline.dta", "municipio"): "warn"}


def test_a_frame_that_lost_a_cluster(tiny):
    tiny.frame = tiny.frame[:3]
    findings = found(tiny)
    assert findings["frame-gap", "municipalities.csv", ""] == "error"
    # a name that one round has is the round's
    tiny.frame = Tiny(tiny.root).frame
    tiny.endline[0]["municipio"] = "M9"
    assert "frame-gap" not in {rule for rule, _, _ in found(tiny)}


def test_a_frame_with_a_cluster_that_nobody_visited(tiny):
    tiny.frame.append(tiny.frame[3] | {"municipality": "M5", "aliases": "Municipio 5"})
    findings = found(tiny)
    assert findings["never-visited", "municipalities.csv:6", "municipality"] == "warn"


def test_an_interview_on_a_day_when_nobody_else_of_the_cluster_was_met(larger):
    assert larger.baseline[5]["fecha"] == "2021-03-06"
    larger.baseline[5]["fecha"] = "2021-03-20"
    larger.baseline[29]["fecha"] = larger.baseline[53]["fecha"] = "2021-03-05"
    assert found(larger) == {("lonely-date", "baseline.csv:7", "fecha"): "warn"}
    larger.baseline[5]["fecha"] = "2021-03-19"
    assert found(larger) == {}


def test_another_unit_in_one_round(larger):
    larger.dictionary = larger.dictionary.replace("range = [1, 300]", "range = [1, 3000]")
    for row in larger.endline:
        row["duracion"] = str(float(row["duracion"]) * 4.9)
    assert found(larger) == {}
    for row in larger.endline:
        row["duracion"] = str(float(row["duracion"]) * 2)
    assert found(larger) == {("rescaled", "endline.dta", "duracion"): "warn"}


def test_refusals_that_were_taken_out(larger):
    for row in larger.baseline[:4]:
        row |= {"acepta": "2", "v2": ""}
    assert found(larger) == {}
    larger.baseline[4] |= {"acepta": "2", "v2": ""}
    findings = found(larger)
    assert findings["no-refusals", "endline.dta", "acepta"] == "warn"


def test_a_file_that_was_cut_in_its_last_cell(tiny):
    tiny.write()
    path = tiny.raw / "baseline.csv"
    path.write_bytes(path.read_bytes()[:-3])
    tiny.write_ledger()
    tiny.write_manifest()
    tiny.run()
    findings = tiny.findings()
    assert findings["rule"].tolist() == ["no-last-line-end"]
    assert findings["row_key"].tolist() == ["baseline.csv:25"]


def test_lines_are_counted_in_a_file_of_an_old_macintosh(tiny):
    tiny.baseline[4]["nombre"] = "Mu\u00c3\u00b1oz"
    tiny.write()
    path = tiny.raw / "baseline.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r"))
    tiny.write_ledger()
    tiny.write_manifest()
    with pytest.raises(DataError):
        tiny.run()
    findings = tiny.records("private/findings_error.csv")
    assert findings[["rule", "row_key"]].to_numpy().tolist() == [["garbled-text", "baseline.csv:6"]]
