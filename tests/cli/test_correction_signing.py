"""A changed delivery: one stop for all its corrections, and one signature for those that fit."""

import contextlib
import hashlib
from pathlib import Path

import pytest

from evaluation.data.cleaning.ledger import Signature, confirmed, parse_ledger, spans
from evaluation.errors import DataError
from evaluation.locale.messages import texts
from evaluation.release.kept_inputs import keep
from evaluation.report.terminal import told
from evaluation.storage import disk, folders
from tests.fieldwork.office import command
from tests.fixtures.tiny import Tiny

# the cell of line 4 holds no code of its list; the ledger fixes it
LEDGER = (
    "baseline,baseline.csv:4,t1,77,2,set,typed twice,ana,2025-01-02",
    "baseline,baseline.csv:7,id_persona,p05,,drop,sent twice,ana,2025-01-02",
    "baseline,baseline.csv:9,t2,1,3,set,audio,ana,2025-01-02",
    "endline,endline.dta:2,t1,3,4,set,audio,ana,2025-01-02",
)
SIGN = ("confirm", "--by", "AMR", "--date", "2025-06-01", "--write")


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """A study with a ledger, and what a release keeps of its delivery."""
    tiny = Tiny(tmp_path_factory.mktemp("released"))
    tiny.baseline[2]["t1"] = "77"
    tiny.baseline[7]["t2"] = "1"
    tiny.endline[1]["t1"] = "3"
    tiny.ledger = list(LEDGER)
    tiny.write()
    with contextlib.chdir(tiny.root):
        tiny.run()
        keep(folders.Paths.of(tiny.options()), b"sums")
    return tiny


@pytest.fixture
def delivered(released: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    """Its baseline was delivered again: one answer is another."""
    monkeypatch.chdir(tmp_path)
    tiny = released.copied(tmp_path)
    again(tiny, lambda: tiny.baseline[20].update(v2="", v1="2"))
    return tiny


def again(tiny: Tiny, change) -> None:
    """The study with a changed delivery in its manifest; the ledger stays as it is written."""
    ledger = tiny.config / "corrections.csv"
    before = ledger.read_bytes()
    change()
    tiny.write()
    ledger.write_bytes(before)


def stopped(tiny: Tiny, language: str = "en") -> str:
    with pytest.raises(DataError) as caught:
        tiny.run()
    return told(caught.value, language)


def found(tiny: Tiny) -> list[list[str]]:
    table = tiny.records("private/findings_error.csv")
    return table[["rule", "line"]].to_numpy().tolist()


def test_all_corrections_of_a_changed_file_are_one_stop(delivered):
    said = stopped(delivered)
    assert said.startswith("tiny: 1 error in the raw data\n")
    assert "config/tiny/corrections.csv:2: written for another delivery of baseline.csv" in said
    assert "lines 2-4 (3 in all) [delivery]" in said
    assert "corrections confirm --study tiny --by NAME --write" in said
    assert "líneas 2-4 (3 en total) [delivery]" in stopped(delivered, "es")
    # what the waiting lines fix is not laid to the cells
    assert found(delivered) == [["delivery", "2"]]


def test_lines_that_do_not_fit_are_told_beside_it_each_with_its_mend(delivered):
    again(delivered, lambda: delivered.baseline[7].update(t2="2"))
    assert found_after(delivered) == [["delivery", "2"], ["ledger", "4"]]
    assert "lines 2-3 (2 in all)" in stopped(delivered)
    assert "`old` is not what the file contains" in stopped(delivered)
    again(delivered, lambda: delivered.baseline[7].update(t2="3"))
    assert "`new` already [ledger]\n    fix: remove the line\n" in stopped(delivered)


def shifted(tiny: Tiny) -> None:
    """Delivered with one interview more, above all others."""
    again(tiny, lambda: tiny.baseline.insert(0, tiny.baseline[20] | {"id_persona": "p99"}))


def test_a_row_that_moved_is_no_row_that_was_corrected(delivered):
    """The neighbour in its place gave the very answer that the line would write."""
    delivered.baseline[6].update(t2="3")
    shifted(delivered)
    said = stopped(delivered)
    digits = delivered_digits(delivered)
    place = "corrections.csv:{}: the row has moved: the respondent of the line is now at {}"
    look = f"look at the row there, and write it as `row_key` and {digits} as `delivery`"
    written = f"write it as `row_key` and {digits} as `delivery`"
    gone = f"remove the line if the duplicate is gone; if the row there is to go, {written}"
    for line, row, fix in (
        ("2, column t1", 5, look),
        # a row that is to be dropped may be the only one left of its respondent
        ("3, column id_persona", 8, gone),
        ("4, column t2", 10, look),
    ):
        at = place.format(line, f"baseline.csv:{row} [ledger]")
        assert f"{at}\n    fix: {fix}\n" in said
    assert "remove the line\n" not in said
    assert "está ahora en baseline.csv:10" in stopped(delivered, "es")


def test_a_row_that_moved_and_was_corrected_is_told_so(delivered):
    delivered.baseline[7].update(t2="3")
    shifted(delivered)
    assert "at baseline.csv:10 [ledger]\n    fix: remove the line: there" in stopped(delivered)


def test_whose_row_it_is_stays_open_where_no_copy_tells(delivered):
    """A row that is to be dropped is named by its respondent, and is found all the same."""
    forget(delivered)
    delivered.baseline[6].update(t2="3")
    shifted(delivered)
    said = stopped(delivered)
    assert "contains `new` already [ledger]\n    fix: check whose row this is" in said
    assert "remove the line\n" not in said
    assert "csv:3, column id_persona: the row has moved: the respondent of the line is now" in said


def delivered_digits(tiny: Tiny) -> str:
    return hashlib.sha256((tiny.raw / "baseline.csv").read_bytes()).hexdigest()[:12]


def forget(tiny: Tiny) -> None:
    """No release kept a copy of the delivery."""
    for path in (tiny.build / "private" / "releases").glob("*/manifest.toml"):
        path.unlink()


def test_a_new_id_that_the_new_delivery_holds_is_told_as_such(delivered):
    ledger = delivered.config / "corrections.csv"
    text = disk.read_text(ledger).replace(":9,t2,1,3,set", ":9,id_persona,p07,p70,new_id")
    disk.write_text(ledger, text)
    again(delivered, lambda: delivered.baseline[7].update(id_persona="p70"))
    assert "`new` already [ledger]\n    fix: remove the line" in stopped(delivered)


def found_after(tiny: Tiny) -> list[list[str]]:
    stopped(tiny)
    return found(tiny)


def test_the_checksum_is_told_before_what_follows_from_it(delivered):
    """The ledger's file name stands before the delivered one's in the alphabet of neither."""
    ledger = delivered.config / "corrections.csv"
    path = delivered.raw / "baseline.csv"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    # signed by hand before the manifest was fixed
    disk.write_text(ledger, disk.read_text(ledger).replace(old_digits(ledger), digest))
    text = disk.read_text(delivered.config / "manifest.toml")
    disk.write_text(delivered.config / "manifest.toml", text.replace(digest, "0" * 12))
    assert found_after(delivered) == [["checksum", "0"]]
    # beside it stand lines that do not fit the file as it lies there
    path.write_bytes(path.read_bytes().replace(b",77,", b",76,"))
    assert [rule for rule, _ in found_after(delivered)] == ["checksum", "ledger", "unlisted-code"]
    disk.write_text(ledger, disk.read_text(ledger).replace("baseline.csv:9", "baseline.csv:999"))
    (delivered.raw / "zz.csv").write_bytes(b"1\n")
    rules = [rule for rule, _ in found_after(delivered)]
    assert rules == ["checksum", "unlisted-file", "ledger", "ledger", "unlisted-code"]


def old_digits(ledger: Path) -> str:
    return disk.read_text(ledger).splitlines()[1].rpartition(",")[2]


def test_one_signature_is_enough(delivered, capsys):
    delivered.run_read()
    path = delivered.config / "corrections.csv"
    before = path.read_bytes()
    command("confirm")
    said = capsys.readouterr().out
    assert said.count("; the same respondent as in the earlier delivery\n") == 3
    assert "line 4: set at baseline.csv:9, column t2: '1' -> '3';" in said
    # whose row it is stays in the ledger
    assert "line 3: drop at baseline.csv:7, column id_persona: values in the ledger, conf" in said
    assert "p05" not in said
    assert "add --by NAME --write to sign for 3 lines" in said
    assert path.read_bytes() == before
    command(*SIGN)
    assert "3 lines of config/tiny/corrections.csv signed for by AMR" in capsys.readouterr().out
    lines = parse_ledger(disk.read_text(path), "x").corrections
    assert [(e.by, e.date) for e in lines] == [("ana; AMR", "2025-06-01")] * 3 + [
        ("ana", "2025-01-02")
    ]
    # the line of the other file keeps its bytes
    assert path.read_bytes().splitlines()[4] == before.splitlines()[4]
    delivered.run()
    assert len(delivered.panel()) == 47
    command("confirm")
    assert "no line of the ledger was written for another delivery" in capsys.readouterr().out


def test_what_holds_is_signed_for_and_what_does_not_is_listed(delivered):
    """The answer is the same, the person is not: only the kept delivery shows it."""
    again(delivered, lambda: delivered.baseline[7].update(id_persona="z99"))
    delivered.run_read()
    path = delivered.config / "corrections.csv"
    before = path.read_bytes().splitlines()
    with pytest.raises(DataError) as caught:
        command(*SIGN)
    said = told(caught.value, "en")
    assert "config/tiny/corrections.csv:4: the row has a different respondent" in said
    assert "or write the respondent's row" in said
    assert "z99" not in said
    assert "la fila tiene otra persona encuestada" in told(caught.value, "es")
    lines = parse_ledger(disk.read_text(path), "x").corrections
    assert [e.by for e in lines] == ["ana; AMR", "ana; AMR", "ana", "ana"]
    assert path.read_bytes().splitlines()[3:] == before[3:]


def test_none_that_holds_leaves_the_ledger_as_it_is(delivered, capsys):
    again(delivered, lambda: delivered.baseline[2].update(t1="1"))
    shifted(delivered)
    delivered.run_read()
    path = delivered.config / "corrections.csv"
    before = path.read_bytes()
    with pytest.raises(DataError) as caught:
        command(*SIGN)
    assert len(caught.value.rows) == 3
    assert path.read_bytes() == before
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "case", ["results and no copy", "results and a copy", "no results and no copy"]
)
def test_a_delivery_that_no_release_kept_is_put_back_and_published_first(
    released, tmp_path, monkeypatch, case
):
    monkeypatch.chdir(tmp_path)
    tiny = released.copied(tmp_path)
    if case.endswith("no copy"):
        forget(tiny)
    if case.startswith("results"):
        disk.write_json(tiny.build / "results.json", {})
    path = tiny.raw / "baseline.csv"
    path.write_bytes(path.read_bytes().replace(b",77,", b",76,"))
    said = stopped(tiny)
    assert ("put the old file back and run `python -m evaluation publish" in said) is (
        case == "results and no copy"
    )
    assert "for a new delivery write sha256 = " in said


def test_without_a_kept_delivery_it_says_what_was_not_compared(delivered, capsys):
    forget(delivered)
    delivered.run_read()
    command("confirm", "--language", "es")
    said = capsys.readouterr().out
    assert said.count("no hay copia de la entrega anterior") == 3
    assert "firma por 3 líneas" in said


def test_a_name_is_not_shown_where_lines_are_signed_for(released, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    tiny = released.copied(tmp_path)
    old = tiny.baseline[8]["nombre"]
    tiny.ledger.append(f"baseline,baseline.csv:10,nombre,{old},Ana Roa,set,r,ana,2025-01-02")
    tiny.write()
    again(tiny, lambda: tiny.baseline[20].update(v2="", v1="2"))
    tiny.run_read()
    command("confirm")
    said = capsys.readouterr().out
    assert "column nombre: values in the ledger" in said
    assert old not in said
    assert "Ana Roa" not in said


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("confirm", "--write"), "the signature is missing"),
        (("confirm", "--write", "--by", "  "), "the signature is missing"),
        ((*SIGN[:4], "2024-02-01", "--write"), "before the day on which the file was delivered"),
    ],
)
def test_a_signature_has_a_name_and_a_day_after_the_delivery(delivered, words, problem):
    manifest = delivered.config / "manifest.toml"
    text = disk.read_text(manifest).replace("rows = 24", "rows = 24\ndelivered = 2025-02-01", 1)
    disk.write_text(manifest, text)
    delivered.run_read()
    before = (delivered.config / "corrections.csv").read_bytes()
    with pytest.raises(DataError, match=problem):
        command(*words)
    assert (delivered.config / "corrections.csv").read_bytes() == before


def test_a_line_dated_before_the_new_delivery_waits_for_the_signature_alone(delivered):
    """Its date is that of the earlier decision; whoever signs dates it anew."""
    manifest = delivered.config / "manifest.toml"
    text = disk.read_text(manifest).replace("rows = 24", "rows = 24\ndelivered = 2025-05-01", 1)
    disk.write_text(manifest, text)
    assert found_after(delivered) == [["delivery", "2"]]
    command(*SIGN)
    delivered.run()


def test_other_lines_and_line_ends_keep_their_bytes():
    head = "\ufeffround,row_key,column,old,new,action,reason,by,date,delivery\r\n"
    first = 'baseline,b.csv:2,q,1,2,set,"two\nlines, quoted",ana,2025-01-02,aaa\r\n'
    other = 'endline,"e.csv:2",q,1,2,set,why,ana,2025-01-02,bbb\r\n'
    fitting = 'baseline,b.csv:9,q,1,2,set,"why",ana,2025-01-02,ccc\r\n'
    last = "baseline,b.csv:3,q,1,2,set,why,ana; eva,2025-01-02,aaa"
    text = head + first + other + fitting + last
    made = confirmed(text, {2, 6}, {"baseline": "ccc"}, Signature(by="ana", date="D"))
    assert made == (
        head
        + first.replace("2025-01-02,aaa", "D,ccc")
        + other
        + fitting
        + "baseline,b.csv:3,q,1,2,set,why,eva; ana,D,ccc"
    )


def test_neighbouring_lines_are_a_span():
    assert spans([2, 3, 4, 9, 11, 12]) == "2-4, 9, 11-12"
    assert spans([7]) == "7"


def test_what_the_command_says_is_in_both_languages():
    english, spanish = (texts("signing", language) for language in ("en", "es"))
    assert len(english) > 4
    assert all(english[name] != spanish[name] for name in english)
