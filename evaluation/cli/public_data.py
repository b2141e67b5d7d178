"""Command ``public-data``: the de-identified release of the respondents' file."""

import argparse
import os
import shutil
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Literal

import pandas as pd
import pyarrow as pa
from pyarrow import csv

from evaluation.cli.stages.clean_frames import read_frames
from evaluation.data.cleaning.clean import MISSING
from evaluation.errors import EvaluationError, StorageError
from evaluation.estimation.did import two_rounds
from evaluation.locale.messages import message, wording
from evaluation.locale.outside import known
from evaluation.release import contents, release_pages
from evaluation.release.columns_kept import rules_of
from evaluation.release.public_file import MAIN, SENSITIVE, Released, release
from evaluation.release.risk_report import AFTER, BEFORE, risk_rows
from evaluation.release.search import check_folder
from evaluation.report.terminal import grouped
from evaluation.storage import disk, folders
from evaluation.study.configuration import FILE_SOURCES
from evaluation.study.dictionary_rules import read_dictionary
from evaluation.study.plan import Plan
from evaluation.study.preregistration import read_promise
from evaluation.study.records import CodebookRow, Estimate
from evaluation.study.release_rules import Release, RiskRow
from evaluation.study.study import Study, read_study

KEY_FILE = "EVAL_KEY_FILE"
TEST_KEY = "test.key"
# how a key that everybody may read begins: it must not protect anybody's answers
PUBLISHED = b"PUBLISHED TEST KEY"
CODEBOOK, RISK = "codebook.csv", "risk_report"
# values that a codebook lists one by one
MOST = 40
# columns that only the release has, in English and Spanish
DESIGN = {
    "person": ("Person (new id)", "Persona (código nuevo)"),
    "round": ("Survey round", "Ronda de la encuesta"),
    "weight": (
        "Weight: every cluster counts the same; mean of all who show the same traits",
        "Factor: cada conglomerado cuenta igual; media de quienes muestran los mismos rasgos",
    ),
    "item": ("Sensitive item or outcome", "Pregunta o resultado sensible"),
    "statistic": ("What the value is: percent or mean", "Qué es el valor: porcentaje o media"),
    "value": ("Weighted percentage or mean", "Porcentaje o media con factor"),
    "respondents": ("Respondents behind the value", "Personas que respondieron"),
    "synthetic": ("Mark of invented data", "Marca de datos inventados"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the folder of the release."""
    parser.add_argument(
        "--out", default="", metavar="FOLDER", help="folder to write (default: public/<study>)"
    )


def run(options: argparse.Namespace) -> None:
    """Make the release of a study, whole or not at all.

    Raises
    ------
    EvaluationError
        The study declares no rules, the key is missing, the panel is not clean yet, or fewer than
        k persons would share a combination. Nothing is written then.
    """
    paths = folders.Paths.of(options)
    study = read_study(paths.config, purpose="release")
    rules = rules_of(study)
    dictionary = read_dictionary(paths.config, (*study.rounds, *FILE_SOURCES))
    plan = read_promise(paths.config, study, dictionary).plan
    key = _key(paths, study)
    frames = read_frames(paths.clean)
    found = release(frames.panel, dictionary, plan, study, key=key)
    measured = (
        *risk_rows(found, frames.frame, study),
        *_estimates(found, plan, study),
    )
    tables = {f"{MAIN}.csv": found.panel, f"{SENSITIVE}.csv": found.sensitive}
    files = {name: _csv(table) for name, table in tables.items()}
    counts = {name: len(table) for name, table in tables.items()}
    areas = sorted(set(found.areas.values()))
    files["README.md"] = release_pages.readme(study, rules, files=counts, areas=areas).encode()
    files[f"{RISK}.md"] = release_pages.risk_page(measured, study).encode()
    target = _target(options.out, study)
    temporary = target.with_name(f"{disk.TEMPORARY}{target.name}")
    shutil.rmtree(temporary, ignore_errors=True)
    for name, data in files.items():
        disk.write_bytes(temporary / name, data)
    disk.write_records(temporary / f"{RISK}.csv", measured, RiskRow, mark=study.mark)
    codebook = _codebook(disk.read_records(paths.clean / CODEBOOK, CodebookRow), found, study)
    disk.write_records(temporary / CODEBOOK, codebook, CodebookRow, mark=study.mark)
    try:
        check_folder(temporary, paths, study)
    except EvaluationError:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    is_usual = target == contents.public_folder(study)
    if is_usual:
        contents.forget_public(paths)
    disk.replace_folder(temporary, target)
    if is_usual:
        contents.keep_public(paths, study)
    _tell(counts[f"{MAIN}.csv"], target, rules, options.language)


def _tell(number: int, target: Path, rules: Release, language: str) -> None:
    interviews, folder = grouped(number, language), target.as_posix()
    said = wording(
        "public-data.written",
        language,
        interviews=interviews,
        folder=folder,
        k=rules.k,
        keys=len(rules.keys),
    )
    sys.stdout.write(said)


def _key(paths: folders.Paths, study: Study) -> bytes:
    """The secret of the ids: a file outside the repository, or the test key of invented data."""
    named = os.environ.get(KEY_FILE, "")
    path = Path(named) if named else paths.config / TEST_KEY
    if not named and not study.synthetic:
        raise StorageError(
            message("no-key-not.problem", key_file=KEY_FILE),
            where="public-data",
            mend=message("set-file-random-bytes-kept.mend", key_file=KEY_FILE),
        )
    try:
        key = path.read_bytes()
    except OSError as error:
        raise StorageError(
            message("key-file-cannot.problem", strerror=known(f"{error.strerror}")),
            where=KEY_FILE if named else path.as_posix(),
            mend=message("set-file-random-bytes.mend", key_file=KEY_FILE),
        ) from None
    if key.startswith(PUBLISHED) and not study.synthetic:
        raise StorageError(
            message("key-published.problem"),
            where=KEY_FILE,
            mend=message("set-file-random.mend", key_file=KEY_FILE),
        )
    return key


def _target(named: str, study: Study) -> Path:
    target = Path(named) if named else contents.public_folder(study)
    if target.exists() and not (target / f"{RISK}.csv").is_file():
        raise StorageError(
            message("folder-exists.problem"),
            where=target.as_posix(),
            mend=message("name-new-folder.mend"),
        )
    return target


def _csv(table: pd.DataFrame) -> bytes:
    """UTF-8 with LF line ends; whole numbers without a point, missing cells empty."""
    arrow = pa.Table.from_pandas(table, preserve_index=False, nthreads=1)
    sink = pa.BufferOutputStream()
    csv.write_csv(arrow, sink, csv.WriteOptions(quoting_style="needed"))
    return bytes(sink.getvalue().to_pybytes())


def _codebook(
    rows: tuple[CodebookRow, ...], found: Released, study: Study
) -> tuple[CodebookRow, ...]:
    """Rows of what is released, without raw names: they tell of the delivered files."""
    known = {row.name: row for row in rows}
    columns = {str(c): None for table in (found.panel, found.sensitive) for c in table.columns}
    items = dict.fromkeys(found.sensitive["item"])
    names = [name for name in columns | items if not name.endswith(MISSING)]
    return tuple(_entry(name, known.get(name), found, study) for name in names)


def _entry(name: str, row: CodebookRow | None, found: Released, study: Study) -> CodebookRow:
    """One column or item: as in the study's codebook, or in the form that the release gave it."""
    tables = {MAIN: found.panel, SENSITIVE: found.sensitive}
    counts = [f"{f}: {int(t[name].count())}" for f, t in tables.items() if name in t.columns]
    if not counts:
        asked = found.sensitive.loc[found.sensitive["item"] == name, "respondents"]
        counts = [f"{SENSITIVE}: {int(asked.sum())}"]
    blank = dict.fromkeys(CodebookRow.__dataclass_fields__, "")
    values = blank if row is None else {field: getattr(row, field) for field in blank}
    changed = {"name": name, "sources": "", "missing": "", "observed": "; ".join(counts)}
    if row is None or name in rules_of(study).keys or name == "weight":
        label = DESIGN.get(name, ("", ""))
        changed |= {"kind": "variable", "type": "released form"}
        changed |= {"allowed_en": _shown(name, tables), "allowed_es": ""}
        changed |= {"label_en": label[0], "label_es": label[1]} if any(label) else {}
    return CodebookRow(**values | changed)


def _shown(name: str, tables: dict[str, pd.DataFrame]) -> str:
    """Values of a column that has few of them."""
    found = {v for t in tables.values() if name in t.columns for v in t[name].dropna().unique()}
    return "; ".join(sorted(str(v) or "(blank)" for v in found)) if len(found) <= MOST else ""


def _estimates(found: Released, plan: Plan, study: Study) -> tuple[RiskRow, ...]:
    """The primary estimates on the clean rows and on what is released."""
    primary = next((s for s in plan.specification if s.status == "primary"), None)
    if primary is None or primary.method != "did":
        return ()
    rows: list[RiskRow] = []

    def add(stage: str, file: str, measure: str, value: float) -> None:
        rows.append(
            RiskRow(
                study=study.id,
                stage=stage,
                file=file,
                measure=measure,
                subject=outcome.id,
                value=value,
            )
        )

    for outcome in (o for o in plan.outcome if o.primary and o.family in primary.families):
        treated = study.arms_with(primary.treatment)
        here = found.panel if outcome.id in found.panel.columns else None
        name = SENSITIVE if here is None else MAIN
        record = _estimate(found.rows, outcome.id, study, treated=treated, estimand="equal")
        add(BEFORE, name, "estimate", record.estimate)
        add(BEFORE, name, "std_error", record.std_error)
        if here is not None:
            # no row tells its cluster: arm and subregion are the smallest groups there are
            groups = here["arm"] + " " + here[str(study.columns.subregion)].astype(str)
            # released weights already count every cluster the same
            here = here.assign(place=groups)
            record = _estimate(here, outcome.id, study, treated=treated, estimand="respondents")
            add(AFTER, name, "estimate", record.estimate)
            add(AFTER, name, "std_error_by_arm_and_subregion", record.std_error)
        elif outcome.id in set(found.sensitive["item"]) and len(study.arm) == 2:
            add(AFTER, name, "estimate", _of_table(found.sensitive, outcome.id, study, treated))
    return tuple(rows)


def _of_table(table: pd.DataFrame, item: str, study: Study, treated: Collection[str]) -> float:
    """Difference in differences of the four released numbers of an item."""
    here = table[table["item"] == item].assign(arm=lambda t: t["arm"].isin(treated))
    means = here.set_index(["arm", "round"])["value"]
    first, last = study.rounds[0], study.rounds[-1]
    change = {arm: float(means[arm, last]) - float(means[arm, first]) for arm in (True, False)}
    return change[True] - change[False]


def _estimate(
    table: pd.DataFrame,
    outcome: str,
    study: Study,
    *,
    treated: Collection[str],
    estimand: Literal["equal", "respondents"],
) -> Estimate:
    columns = pd.DataFrame(
        {
            "outcome": table[outcome],
            "treated": table["arm"].isin(treated).astype(float),
            "post": (table["round"] == study.rounds[-1]).astype(float),
            "place": table["place"],
            "weight": table["weight"],
        }
    )
    found = two_rounds(
        columns,
        outcome="outcome",
        treated="treated",
        post="post",
        cluster="place",
        weights="weight",
        estimand=estimand,
        seed=0,
        steps=("cv1",),
    )
    return next(record for record in found if isinstance(record, Estimate))
