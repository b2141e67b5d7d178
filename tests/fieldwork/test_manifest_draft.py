"""A drafted entry is TOML that a person completes: guesses carry evidence, nobody's answers do."""

import io
import tomllib
import zipfile
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from evaluation.__main__ import main
from evaluation.config.manifest import read_manifest
from evaluation.config.study import read_study
from evaluation.data.readers.dialect_evidence import DelimitedText, examine_bytes
from evaluation.errors import DataError
from evaluation.fieldwork.drafting.manifest_draft import draft
from tests.conftest import shared_data


def entry(path: str, data: bytes) -> dict:
    return tomllib.loads(draft(path, data)[1])["file"][0]


def values(text: DelimitedText) -> tuple[str, ...]:
    return tuple(guess.value for guess in text.guesses.values())


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"id,x\n1,a\n", ("utf-8", ",", ".", "%Y-%m-%d")),
        ("id,x\n1,ñ\n".encode(), ("utf-8", ",", ".", "%Y-%m-%d")),
        ("id,x\n1,ñ\n".encode("utf-8-sig"), ("utf-8-sig", ",", ".", "%Y-%m-%d")),
        ("id,x\n1,ñ\n".encode("utf-16"), ("utf-16", ",", ".", "%Y-%m-%d")),
        ("id,x\n1,ñ\n".encode("cp1252"), ("cp1252", ",", ".", "%Y-%m-%d")),
        # byte 81 is no letter of cp1252
        (b"id,x\n1,\xf1\x81\n", ("latin-1", ",", ".", "%Y-%m-%d")),
        (b"id;x;d\n1;2,5;31/05/2021\n", ("utf-8", ";", ",", "%d/%m/%Y")),
        (b"id\tx\td\n1\t2.5\t05/31/2021 08:05:00\n", ("utf-8", "\t", ".", "%m/%d/%Y")),
        # an open answer full of semicolons does not make them the delimiter
        (b'id,x\n1,"a;b;c"\n2,"d;e"\n', ("utf-8", ",", ".", "%Y-%m-%d")),
        # a decimal comma under a semicolon gives more cells with a comma, in no constant number
        (b"id;x\n1;2,5\n2;3\n3;4,5\n", ("utf-8", ";", ",", "%Y-%m-%d")),
        # a name with commas makes a longer header, which no row has
        (b"id;nota (a, b, c)\n1;x\n2;y\n", ("utf-8", ";", ".", "%Y-%m-%d")),
        (b"id;d\n1;05/04/2021\n", ("utf-8", ";", ".", "%d/%m/%Y")),
        (b"id;d\n1;5/3/2022\n2;31/3/2022\n", ("utf-8", ";", ".", "%-d/%-m/%Y")),
        (b"id;d\n1;5/3/2022\n", ("utf-8", ";", ".", "%-d/%-m/%Y")),
        (b"id;d\n1;5/31/2022\n2;5/3/2022\n", ("utf-8", ";", ".", "%-m/%-d/%Y")),
        (b'id,d\n1,"Feb 1, 2024 8:00:00 AM"\n', ("utf-8", ",", ".", "%b %-d, %Y")),
        (b"id,d\n1,2024-02-01T08:00:00.000-05:00\n", ("utf-8", ",", ".", "%Y-%m-%d")),
    ],
)
def test_the_dialect_follows_the_evidence(data, expected):
    assert values(examine_bytes(data, where="raw.csv")) == expected


@pytest.mark.parametrize(
    ("data", "key", "words"),
    [
        (b"id;d\n1;05/04/2021\n", "date", "no cell decides"),
        (b"id;d\n1;31/05/2021\n2;05/31/2021\n", "date", "BUT more than one kind"),
        (b"id;x\n1;2,5\n2;2.5\n", "decimal", "BUT both occur"),
        (b"id;x\n1;1.234\n", "decimal", "a mark of thousands"),
        (b"id,x\n1,2,3\n4,5\n", "delimiter", "2 of 3 rows have the header's 2 cells"),
        ("id,x\n1,2\n3,ñandú\n".encode("cp1252"), "encoding", "not UTF-8 (first at line 3)"),
        ("id,x\n1,ñandú\n".encode("cp1252"), "encoding", "2 of 2 letters beyond ASCII are Spanish"),
        ("id,x\n1,MedellÃ\xadn\n".encode(), "encoding", "BUT letters look decoded twice"),
    ],
)
def test_doubt_is_said(data, key, words):
    assert words in examine_bytes(data, where="raw.csv").guesses[key].evidence


@pytest.mark.parametrize(
    ("path", "data", "rule"),
    [
        ("raw.csv", b" \n", "empty-file"),
        ("raw.csv", b"id,x\n1,\0\n", "nul-byte"),
        ("raw.csv", b'id,x\n1,"2\n', "quoting"),
        ("raw.csv", b"id,x,id\n1,2,3\n", "header"),
        ("raw.pdf", b"%PDF", "format"),
        ("raw", b"", "format"),
        ("raw.dta", b"<html>", "unreadable-file"),
        ("raw.sav", b"<html>", "unreadable-file"),
        ("raw.xlsx", b"<html>", "unreadable-file"),
        ("raw.zip", b"<html>", "archive"),
    ],
)
def test_what_cannot_be_read_is_one_error(path, data, rule):
    with pytest.raises(DataError) as caught:
        draft(path, data)
    assert caught.value.rule == rule
    assert caught.value.fix


def test_form_versions_are_declared_only_where_there_is_one():
    one = entry("a.csv", b"id,formdef_version\n1,2502041055\n2,2502041055\n")
    assert one["form_version"] == "2502041055"
    two = draft("a.csv", b"id,formdef_version\n1,2502041055\n2,2502041100\n")[1]
    assert "form_version" not in tomllib.loads(two)["file"][0]
    assert "# seen: no form_version is declared: `formdef_version` has" in two
    # an open question of that name: nobody's answer is shown
    told = draft("a.csv", "id,version\n1,Me la contó Rosa Pérez\n".encode())[1]
    assert "Rosa" not in told


def test_every_guess_has_its_evidence_in_the_line_above():
    lines = draft("entrega/Línea base (1).csv", b"id,review_status\n1,REJECTED\n2,\n")[
        1
    ].splitlines()
    for key in ("id", "path", "role", "round", "rows", "origin", "dialect", "export"):
        at = next(i for i, line in enumerate(lines) if line.startswith(f"{key} = "))
        assert lines[at - 1].startswith(("# seen: ", "# fill in")), key
    assert 'id = "l_nea_base_1"' in lines
    assert "# seen: 1 of 2 rows have 'REJECTED' in `review_status`" in lines


def test_ids_differ_and_begin_with_a_letter():
    first = draft("2021.csv", b"id,x\n1,2\n")[0]
    second = draft("a/2021.csv", b"id,x\n1,2\n", taken=[first])[0]
    assert (first, second) == ("file_2021", "file_2021_2")


def test_names_that_could_break_a_line_do_not():
    header = '"a\n[[file]]\n#",role,"x ""y"" = 1"\n'
    got = entry('a"\\b.csv', f"{header}1,2,3\n".encode())
    assert got["path"] == 'a"\\b.csv'
    assert got["rows"] == 1


ODK = {
    "hogares.csv": "SubmissionDate,hogar-edad,hogar-sexo,KEY,ReviewState\n"
    "2021-03-05,30,1,uuid:1,\n2021-03-05,40,2,uuid:2,rejected\n",
    "hogares-miembro.csv": "edad,PARENT_KEY,KEY\n1,uuid:1,a\n2,uuid:1,b\n3,uuid:2,c\n",
    "media/foto.jpg": "",
}


def archive(content: dict[str, str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for name, text in content.items():
            package.writestr(name, text)
    return target.getvalue()


@pytest.mark.parametrize("names", [list(ODK), list(reversed(ODK))])
def test_an_archive_of_a_survey_server_is_laid_out(names):
    data = archive({name: ODK[name] for name in names})
    text = draft("odk.zip", data)[1]
    got = tomllib.loads(text)["file"][0]
    assert got["rows"] == 2
    assert got["export"] == {
        "member": "hogares.csv",
        "ignore_members": ["*.jpg"],
        "groups": "drop -",
        "repeat": [
            {"member": "hogares-miembro.csv", "parent": "PARENT_KEY", "key": "KEY", "most": 2}
        ],
        "review": {"column": "ReviewState", "rejected": ["rejected"]},
    }
    assert "at most 2 of one interview here" in text


def test_an_archive_without_tables_or_with_a_path_out_of_it_is_refused():
    with pytest.raises(DataError, match=r"no \.csv member"):
        draft("a.zip", archive({"foto.jpg": ""}))
    with pytest.raises(DataError) as caught:
        draft("a.zip", archive({"../hogares.csv": "id\n1\n"}))
    assert caught.value.rule == "archive-path"


def test_an_spss_file_of_another_encoding_gets_one_to_confirm(tmp_path):
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(pd.DataFrame({"s": ["Ñame", "b"]}), path)
    data = path.read_bytes()
    assert "encoding" not in entry("a.sav", data)
    wrong = data.replace("Ñame".encode(), b"\xd1ame ")
    assert entry("a.sav", wrong)["encoding"] == "cp1252"


def filled(text: str, role: str, round_id: str | None) -> str:
    """What a person does with a draft."""
    lines = [line for line in text.splitlines() if round_id or not line.startswith("round = ")]
    whole = "\n".join(lines) + "\n"
    return whole.replace('role = "?"', f'role = "{role}"').replace(
        'round = "?"', f'round = "{role}"'
    )


@pytest.mark.truth
def test_drafts_of_real_files_are_a_manifest_once_filled_in(tiny):
    tiny.write()
    roles = {
        "survey_exports/surveycto_sample_hh_form.csv": "baseline",
        "survey_exports/ipa_household_backcheck.dta": "endline",
        "survey_exports/worldbank_rio_xlsform_pt_en.xlsx": "frame",
        "lapop_extracts/lapop_brazil_2023_labels_es.csv": "analysis",
    }
    text = ""
    for path, role in roles.items():
        drafted = draft(path, shared_data(path).read_bytes())[1]
        text += filled(drafted, role, role if role.endswith("line") else None)
    (tiny.config / "manifest.toml").write_text(text, encoding="utf-8")
    manifest = read_manifest(tiny.config, read_study(tiny.config))
    # rows by the data's own descriptions; the workbook's first sheet has blank rows between
    assert [file.rows for file in manifest.file if file.format != "xlsx"] == [14, 185, 1526]
    assert [file.form_version for file in manifest.file[:2]] == ["2502041055", "1710051010"]
    # no respondent's cell: names, phones, places of the first file
    frame = pd.read_csv(shared_data(next(iter(roles))), dtype=str).fillna("")
    secret = {c for name in frame for c in frame[name] if len(c) > 5} - {"2502041055"}
    assert not [cell for cell in secret if cell in text.replace("APPROVED", "")]


def test_a_study_runs_on_its_drafts(tiny):
    tiny.write()
    text = 'ignore = ["*.md"]\n'
    for folder, path, role in (
        (tiny.raw, "baseline.csv", "baseline"),
        (tiny.raw, "endline.dta", "endline"),
        (tiny.config, "municipalities.csv", "frame"),
    ):
        drafted = draft(path, (folder / path).read_bytes())[1]
        text += filled(drafted, role, role if role != "frame" else None)
        if role == "baseline":
            text = text.replace("ignore_columns = []", 'ignore_columns = ["deviceid"]')
    text += 'folder = "config"\n'
    (tiny.config / "manifest.toml").write_text(text, encoding="utf-8")
    tiny.run()
    assert tiny.findings().empty
    assert len(tiny.panel()) == 48


def test_the_command_prints_and_overwrites_nothing(tiny, capsys):
    tiny.write()
    files = ["data_raw/tiny/baseline.csv", "data_raw/tiny/endline.dta"]
    assert main(["manifest", "--study", "tiny", *files]) == 0
    printed = capsys.readouterr().out
    entries = tomllib.loads(printed)["file"]
    assert [each["path"] for each in entries] == ["baseline.csv", "endline.dta"]
    assert main(["manifest", "--study", "tiny", *files, "--out", "draft.toml"]) == 0
    assert Path("draft.toml").read_text(encoding="utf-8") == printed
    Path("draft.toml").write_text("mine", encoding="utf-8")
    capsys.readouterr()
    assert main(["manifest", "--study", "tiny", *files, "--out", "draft.toml"]) == 1
    assert "overwrites nothing" in capsys.readouterr().err
    assert Path("draft.toml").read_text(encoding="utf-8") == "mine"


def test_the_command_has_one_clear_error_for_bad_files(tiny, capsys):
    tiny.write()
    for given, rule in (("none.csv", "missing-file"), ("data_raw", "missing-file")):
        assert main(["manifest", given]) == 1
        shown = capsys.readouterr()
        assert f"[{rule}]" in shown.err
        assert shown.out == ""
    with pytest.raises(SystemExit) as stopped:
        main(["manifest", "--help"])
    assert stopped.value.code == 0
    assert "--out" in capsys.readouterr().out


def test_files_that_cannot_be_read_are_all_named_and_the_others_drafted(tiny, capsys):
    tiny.write()
    Path("page.xlsx").write_text("<html>", encoding="utf-8")
    good = ["data_raw/tiny/baseline.csv", "data_raw/tiny/endline.dta"]
    given = ["none.csv", good[0], "page.xlsx", good[1]]
    assert main(["manifest", "--study", "tiny", *given]) == 1
    shown = capsys.readouterr()
    assert [each["path"] for each in tomllib.loads(shown.out)["file"]] == [
        "baseline.csv",
        "endline.dta",
    ]
    said = "manifest stopped: 2 files cannot be read\n  none.csv: the file does not exist or"
    assert said in shown.err
    assert "  page.xlsx: " in shown.err
    assert shown.err.count("[missing-file]") == shown.err.count("[unreadable-file]") == 1
    assert f"2 entries are drafted ({', '.join(good)}); fix the others" in shown.err
    assert main(["manifest", "--study", "tiny", *given[:2], "--out", "draft.toml"]) == 1
    err = capsys.readouterr().err
    assert "manifest  1 entry drafted in draft.toml\n" in err
    assert "1 file cannot be read\n  none.csv: " in err
    assert f"1 entry is drafted ({good[0]}); fix the others" in err
    assert len(tomllib.loads(Path("draft.toml").read_text(encoding="utf-8"))["file"]) == 1
    assert main(["manifest", "none.csv", "--out", "empty.toml"]) == 1
    assert "nothing is drafted; fix each as indicated" in capsys.readouterr().err
    assert not Path("empty.toml").exists()
