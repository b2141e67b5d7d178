"""Result tables as they are published: what the rules withhold or round is written so."""

import csv
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from evaluation import io
from evaluation.cli.stage import Paths
from evaluation.report.disclosure import what_counts
from evaluation.report.record_set import Records
from evaluation.report.released_records import NOT_SHOWN, released
from evaluation.report.row_disclosure import Rules
from evaluation.spec.configuration import FILE_SOURCES
from evaluation.spec.design_records import PlannedPower
from evaluation.spec.dictionary_rules import read_dictionary
from evaluation.spec.promise import read_promise
from evaluation.spec.record_rows import csv_text
from evaluation.spec.records import (
    Adjustment,
    Bound,
    Diagnostic,
    Difference,
    Estimate,
    Level,
    Provenance,
)
from evaluation.spec.study import read_study

# Tables whose rows are of people, with their name among the records. What is decided of one may
# rest on another, so that all that a build has are read. In any other table every column that
# counts people or places is withheld whole, and every whole number of which nobody says what it is.
TABLES: Mapping[str, tuple[str, type[Any]]] = {
    "estimates.csv": ("estimates", Estimate),
    "robustness_estimates.csv": ("check_estimates", Estimate),
    "robustness_differences.csv": ("differences", Difference),
    "diagnostics.csv": ("diagnostics", Diagnostic),
    "robustness_diagnostics.csv": ("check_diagnostics", Diagnostic),
    "robustness_bounds.csv": ("bounds", Bound),
    "adjustments.csv": ("adjustments", Adjustment),
    "detectable_effects.csv": ("detectable", PlannedPower),
    "levels.csv": ("levels", Level),
}


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
    if not any(name in found for name in TABLES):
        return found
    study = read_study(paths.config)
    dictionary = read_dictionary(paths.config, (*study.rounds, *FILE_SOURCES))
    plan = read_promise(paths.config, study, dictionary).plan
    read: dict[str, Any] = {
        name: io.read_records(paths.build / file, kind)
        for file, (name, kind) in TABLES.items()
        if (paths.build / file).is_file()
    }
    nowhere = Provenance(study=study.id, plan_hash="", data_hash="", version="")
    rules = Rules(plan=plan, study=study, variables=dictionary.variables)
    changed = released(Records(provenance=nowhere, **read), rules)
    for name, data in found.items():
        if name.endswith(".csv") and "/" not in name:
            known = TABLES[name][0] if name in TABLES else ""
            found[name] = (
                rewritten(data, changed[known]) if known in changed else withheld_columns(data)
            )
    return found


def withheld_columns(data: bytes) -> bytes:
    """A table that nobody described, without its counts of people, places or nobody knows what."""
    rows = list(csv.reader(StringIO(data.decode("utf-8"), newline="")))
    head, body = (rows[0], rows[1:]) if rows else ([], [])
    gone = [
        name
        for i, name in enumerate(head)
        if (of := what_counts("", column=name, row="")) in ("interviews", "clusters", "told")
        or (of is None and body and all(row[i].isdigit() for row in body))
    ]
    return rewritten(data, [dict.fromkeys(gone, NOT_SHOWN)] * len(body)) if gone else data


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
    return data if rows == before else csv_text(rows).encode("utf-8")
