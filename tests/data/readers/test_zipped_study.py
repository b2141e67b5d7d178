"""A whole small study whose baseline is a zipped export: the same panel as from one wide file."""

import hashlib
import io
import zipfile

import pandas as pd
import pytest

from evaluation.errors import DataError
from tests.fixtures.tiny import Row, Tiny, csv_bytes
from tests.tables import cases

CASES = cases(__file__)

CROPS = ("1", "2", "3")
MOST = 2
VARIABLES = "".join(
    f"""
[[variable]]
name = "{name}"
type = "{kind}"
label = {{ en = "{name}", es = "{name}" }}
raw = {{ baseline = "{raw}" }}
missing = "no_cohort"
personal = "none"
source = "test"
{more}
"""
    for name, kind, raw, more in [
        *((f"grows_{c}", "binary", f"crops_{c}", 'codes = "chosen"') for c in CROPS),
        *((f"age_{i}", "count", f"age_{i}", "range = [0, 110]") for i in range(1, MOST + 1)),
    ]
)
CHOSEN = CASES["chosen"]
EXPORT = CASES["export"]
GROUPS = {"municipio": "place", "fecha": "place", "t1": "trust-police", "t2": "trust-police"}
# lines of form.csv that hold refused submissions, and their municipalities
REFUSED = {3: "M1", 4: "M1", 28: "M4"}


def chosen(i: int) -> tuple[str, ...] | None:
    """Every fifth person was not asked; the others grow what divides their number."""
    return None if i % 5 == 0 else tuple(c for c in CROPS if i % int(c) == 0)


def ages(i: int) -> list[str]:
    return [str(10 * i % 97 + n) for n in range(i % (MOST + 1))]


def wide(row: Row, i: int) -> Row:
    """What the dictionary describes, as one file would hold it."""
    codes, people = chosen(i), ages(i)
    return (
        row
        | {f"crops_{c}": "" if codes is None else str(int(c in codes)) for c in CROPS}
        | {f"age_{n + 1}": people[n] if n < len(people) else "" for n in range(MOST)}
    )


def submission(row: Row, i: int, state: str = "approved") -> Row:
    """The same interview as ODK Central writes it."""
    codes = chosen(i)
    split = {f"farm-crops/{c}": str(int(c in (codes or ()))) for c in CROPS}
    grouped = {f"{GROUPS[n]}-{n}" if n in GROUPS else n: cell for n, cell in row.items()}
    key = {"KEY": f"uuid:{row['id_persona']}", "ReviewState": state}
    return grouped | {"farm-crops": " ".join(codes or ())} | split | key


class Zipped:
    """The tiny study with its baseline as an archive."""

    def __init__(self, tiny: Tiny) -> None:
        self.tiny = tiny
        tiny.dictionary += CHOSEN + VARIABLES
        self.form = [submission(row, i) for i, row in enumerate(tiny.baseline)]
        self.people = [
            {"who-age": age, "PARENT_KEY": row["KEY"], "KEY": f"{row['KEY']}/people[{n}]"}
            for i, row in enumerate(self.form)
            for n, age in enumerate(ages(i), start=1)
        ]
        self.media = {"media/photo.jpg": b"\xff\xd8"}

    def refuse(self) -> None:
        """Add what the office refused: with another weight, unlisted codes and one person more."""
        for line, place in REFUSED.items():
            row = self.tiny.baseline[0] | {"id_persona": f"z{line}", "municipio": place}
            new = submission(row | {"peso": "nothing"}, 1, "rejected") | {"farm-crops": "9"}
            self.form.insert(line - 2, new)
            self.people += [{"who-age": "x", "PARENT_KEY": new["KEY"], "KEY": ""}] * (MOST + 1)

    def write(self) -> None:
        tiny = self.tiny
        tiny.write()
        (tiny.raw / "baseline.csv").unlink()
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
            target.writestr("form.csv", csv_bytes(self.form))
            target.writestr("form-people.csv", csv_bytes(self.people))
            for name, data in self.media.items():
                target.writestr(name, data)
        (tiny.raw / "baseline.zip").write_bytes(buffer.getvalue())
        first, *others = (tiny.config / "manifest.toml").read_text("utf-8").split("[[file]]")[1:]
        first = first.replace("baseline.csv", "baseline.zip").replace('"csv"', '"zip"')
        first = first.replace("rows = 24", f"rows = {len(self.form)}").replace(
            'ignore_columns = ["deviceid"]',
            'ignore_columns = ["deviceid", "KEY", "ReviewState", "KEY_1", "KEY_2"]',
        )
        old = first.split('sha256 = "')[1][:64]
        first = first.replace(old, hashlib.sha256(buffer.getvalue()).hexdigest())
        text = "[[file]]".join(["", first + EXPORT, *others])
        (tiny.config / "manifest.toml").write_text(text, encoding="utf-8")


@pytest.fixture
def zipped(tiny: Tiny) -> Zipped:
    return Zipped(tiny)


@pytest.fixture
def expected(tmp_path, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """The panel of the same study whose baseline is one wide CSV."""
    root = tmp_path / "wide"
    root.mkdir()
    with monkeypatch.context() as there:
        there.chdir(root)
        study = Tiny(root)
        study.dictionary += CHOSEN + VARIABLES
        study.baseline = [wide(row, i) for i, row in enumerate(study.baseline)]
        study.write()
        study.run()
        return study.panel()


def test_the_panel_is_that_of_one_wide_file(zipped, expected):
    zipped.write()
    zipped.tiny.run()
    got = zipped.tiny.panel()
    assert len(zipped.tiny.findings()) == 0
    assert got["row_key"].iloc[0] == "baseline.zip:2"
    pd.testing.assert_frame_equal(got.drop(columns="row_key"), expected.drop(columns="row_key"))
    # by hand: person 2 grows 1 and 2 and lives with 20 and 21; person 3 grows 1 and 3, lives alone
    base = got[got["round"] == "baseline"].set_index("row_key")
    names = ["grows_1", "grows_2", "grows_3", "age_1", "age_2"]
    assert base.loc["baseline.zip:4", names].tolist() == [1, 1, 0, 20, 21]
    assert base.loc["baseline.zip:5", names[:3]].tolist() == [1, 0, 1]
    assert base.loc["baseline.zip:5", "age_1__missing"] == "not_applicable"
    assert base.loc["baseline.zip:2", "grows_1__missing"] == "not_applicable"


def test_refused_submissions_are_the_first_line_of_the_flow_and_nowhere_else(zipped, expected):
    zipped.refuse()
    zipped.write()
    tiny = zipped.tiny
    tiny.run()
    # neither their unlisted codes, nor their third person, nor their weight is anybody's business
    kept = tiny.panel().drop(columns="row_key")
    pd.testing.assert_frame_equal(kept, expected.drop(columns="row_key"))
    found = tiny.findings()
    assert found[["severity", "rule", "problem"]].to_numpy().tolist() == [
        ["info", "set-aside", "3 submissions rejected by the office were set aside"]
    ]
    flow = tiny.records("flow.csv")
    base = flow[flow["round"] == "baseline"]
    counted = base[["step", "arm", "n", "n_clusters"]].to_numpy().tolist()
    assert counted[:4] == [
        ["set_aside", "treated", "2", "1"],
        ["set_aside", "comparison", "1", "1"],
        ["delivered", "treated", "12", "2"],
        ["delivered", "comparison", "12", "2"],
    ]
    assert "set_aside" not in set(flow.loc[flow["round"] == "endline", "step"])
    # of refused people nothing but their municipality is kept
    private = pd.read_parquet(tiny.build / "private" / "set_aside" / "baseline.parquet")
    assert private.to_numpy().tolist() == [["M1"], ["M1"], ["M4"]]


def test_a_mended_review_leaves_nothing_of_the_earlier_run(zipped):
    zipped.refuse()
    zipped.write()
    zipped.tiny.run()
    zipped.form = [row for row in zipped.form if row["ReviewState"] != "rejected"]
    zipped.people = [row for row in zipped.people if not row["PARENT_KEY"].startswith("uuid:z")]
    zipped.write()
    zipped.tiny.run()
    assert "set_aside" not in set(zipped.tiny.records("flow.csv")["step"])
    assert not list((zipped.tiny.build / "private" / "set_aside").glob("*"))


def test_bytes_repeat(zipped):
    zipped.refuse()
    zipped.write()
    zipped.tiny.run()
    made = [zipped.tiny.build, zipped.tiny.clean]
    first = {p: p.read_bytes() for f in made for p in sorted(f.rglob("*")) if p.is_file()}
    zipped.tiny.run()
    assert {p: p.read_bytes() for f in made for p in sorted(f.rglob("*")) if p.is_file()} == first


@pytest.mark.parametrize(
    ("damage", "rule", "where"),
    [
        (lambda z: z.people.append(z.people[0] | {"PARENT_KEY": "uuid:gone"}), "repeat-group",
         "baseline.zip/form-people.csv:26"),
        (lambda z: z.form[3].update({"farm-crops/1": "0"}), "select-multiple", "baseline.zip:5"),
        (lambda z: z.form[3].update({"farm-crops": "1 3 4"}), "select-multiple", "baseline.zip:5"),
        (lambda z: z.media.update({"notes.txt": b""}), "archive-undeclared", ""),
        (lambda z: z.media.update({"../evil.csv": b""}), "archive-path", ""),
        (lambda z: z.people[3].update({"who-age": "old"}), "", "baseline.zip:6"),
    ],
)  # fmt: skip
def test_damage_stops_the_run_with_file_line_and_rule(zipped, damage, rule, where):
    damage(zipped)
    zipped.write()
    with pytest.raises(DataError):
        zipped.tiny.run()
    errors = pd.read_csv(
        zipped.tiny.build / "private" / "findings_error.csv", dtype=str, keep_default_na=False
    )
    assert where in set(errors["row_key"])
    assert rule in {"", *errors["rule"]}
    # one cause, one message
    assert len(errors) == 1
    assert not list(zipped.tiny.root.parent.rglob("evil.csv"))
