"""Result tables as they are published: what the rules withhold or round is written so."""

import csv
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path

from evaluation import io
from evaluation.cli.stage import Paths
from evaluation.report import record_disclosure as rules
from evaluation.report.disclosure_pass import what_counts
from evaluation.spec.configuration import FILE_SOURCES
from evaluation.spec.design_records import PlannedPower
from evaluation.spec.dictionary_rules import read_dictionary
from evaluation.spec.promise import read_promise
from evaluation.spec.records import Bound, Diagnostic, Difference, Estimate, Level
from evaluation.spec.study import read_study

MAIN, CHECKS = "estimates.csv", "robustness_estimates.csv"
OF_SAMPLE, OF_CHECKS = "diagnostics.csv", "robustness_diagnostics.csv"
DIFFERENCES = "robustness_differences.csv"
BOUNDS, PLANNED = "robustness_bounds.csv", "detectable_effects.csv"
# Tables whose rows are of people. In any other a column that counts people is withheld whole.
OF_PEOPLE = (MAIN, CHECKS, DIFFERENCES, OF_SAMPLE, OF_CHECKS, BOUNDS, PLANNED)


def published(files: Iterable[tuple[str, Path]], paths: Paths) -> dict[str, bytes]:
    """Content of every file of a release, by its name there.

    Parameters
    ----------
    files : iterable of (str, Path)
        Name in the release and path in the build.
    paths : Paths
        Folders of the study.
    """
    found = {name: io.read_bytes(path) for name, path in files}
    if not any(name in found for name in OF_PEOPLE):
        return found
    study = read_study(paths.config)
    dictionary = read_dictionary(paths.config, (*study.rounds, *FILE_SOURCES))
    plan = read_promise(paths.config, study, dictionary).plan
    primary = io.read_records(paths.build / MAIN, Estimate)
    levels = io.read_records(paths.build / "levels.csv", Level)
    changed: dict[str, list[rules.Changed]] = {}
    hidden: set[rules.Place] = set()
    for name in (x for x in (MAIN, CHECKS) if x in found):
        made = io.read_records(paths.build / name, Estimate)
        changed[name] = rules.of_estimates(made, primary, levels, plan=plan, study=study)
        hidden |= {
            rules.place(row) for row, x in zip(made, changed[name], strict=True) if "df" in x
        }
    for name in (x for x in (OF_SAMPLE, OF_CHECKS) if x in found):
        made_of = io.read_records(paths.build / name, Diagnostic)
        changed[name] = rules.of_diagnostics(made_of, hidden, study=study)
    if DIFFERENCES in found:
        differences = io.read_records(paths.build / DIFFERENCES, Difference)
        changed[DIFFERENCES] = rules.of_differences(differences, primary, plan=plan, study=study)
    if BOUNDS in found:
        changed[BOUNDS] = rules.of_bounds(io.read_records(paths.build / BOUNDS, Bound), study=study)
    if PLANNED in found:
        changed[PLANNED] = rules.of_planned(io.read_records(paths.build / PLANNED, PlannedPower))
    unknown = {
        name: withheld_columns(data)
        for name, data in found.items()
        if name.endswith(".csv") and "/" not in name and name not in changed
    }
    written = {name: rewritten(found[name], rows) for name, rows in changed.items()}
    return found | unknown | written


def withheld_columns(data: bytes) -> bytes:
    """A table that nobody described, without its columns that count people."""
    rows = list(csv.reader(StringIO(data.decode("utf-8"), newline="")))
    head, count = (rows[0] if rows else []), len(rows) - 1
    columns = [x for x in head if what_counts("", column=x, row="") == "interviews"]
    return rewritten(data, [dict.fromkeys(columns, rules.WITHHELD)] * count) if columns else data


def rewritten(data: bytes, changed: Iterable[Mapping[str, str]]) -> bytes:
    """A table with some fields of each row written otherwise, all else to the byte.

    Parameters
    ----------
    data : bytes
        CSV with one header line.
    changed : iterable of mapping of str to str
        Text by column, for each row; columns that the table lacks are passed over.
    """
    rows = list(csv.reader(StringIO(data.decode("utf-8"), newline="")))
    before = [list(row) for row in rows]
    for row, texts in zip(rows[1:], changed, strict=True):
        for name, text in texts.items():
            if name in rows[0]:
                row[rows[0].index(name)] = text
    if rows == before:
        return data
    text_out = StringIO(newline="")
    csv.writer(text_out, lineterminator="\n").writerows(rows)
    return text_out.getvalue().encode("utf-8")
