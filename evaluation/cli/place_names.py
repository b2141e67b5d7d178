"""Command ``place-names``: write the table of names and codes that a person reviews."""

import argparse
import csv
import io
from pathlib import Path

import pandas as pd

from evaluation.config.declared import read_files
from evaluation.config.dictionary import Dictionary
from evaluation.config.manifest import Manifest, RawFile
from evaluation.data.cleaning.parse import Parsed, parse
from evaluation.data.readers.delivered_files import locate
from evaluation.data.readers.read import drop_ignored, read_file
from evaluation.data.rules.registry import cells
from evaluation.data.series import place_names
from evaluation.errors import DataError
from evaluation.locale.messages import wording
from evaluation.storage import disk, folders

SHOWN = 10


def run(options: argparse.Namespace) -> str:
    """Resolve every name without a code, and say what the manifest must hold of the table.

    Raises
    ------
    EvaluationError
        The study counts no events, or a file cannot be read.
    """
    paths = folders.Paths.of(options)
    study, manifest, dictionary = read_files(paths.config)
    panel = study.panel
    if panel is None:
        raise DataError.of("place-names-survey", "place-names-survey", study.id)
    places: list[tuple[str, ...]] = []
    named: list[pd.DataFrame] = []
    coded: list[pd.DataFrame] = []
    for file in manifest.with_role("frame", "events"):
        parsed = _parsed(file, paths, dictionary)
        if file.role == "frame":
            names = (panel.treated.department, panel.treated.name, study.columns.cluster)
            values = [parsed.columns[name].values for name in names]
            places = list(zip(*values, strict=True))
            continue
        table = place_names.code_texts(parsed, panel.rows)
        (coded if panel.rows.code in parsed.columns else named).append(table)
    listed = pd.DataFrame(places, columns=["department", "name", "code"])
    known = place_names.PlaceCodes.of(listed, pd.concat(coded, ignore_index=True))
    pairs = pd.concat(named, ignore_index=True)[["department", "name"]].drop_duplicates()
    found, left = place_names.named_places(pairs.itertuples(index=False, name=None), known)
    target = _target(manifest, paths)
    disk.write_text(target, _written(found))
    said = {
        "n": f"{len(found)}",
        "listed": f"{sum(place.reason == place_names.DIVIPOLA for place in found)}",
        "spelled": f"{sum(place.reason == place_names.WORKBOOKS for place in found)}",
        "left": "; ".join(", ".join(pair) for pair in left[:SHOWN]) or "-",
        "unresolved": f"{len(left)}",
        "path": target.as_posix(),
        "sha": disk.sha256(target),
    }
    return wording("place-names.done", options.language, **said)


def _parsed(file: RawFile, paths: folders.Paths, dictionary: Dictionary) -> Parsed:
    table = read_file(file, locate(file, paths.raw, paths.config))
    parsed = parse(drop_ignored(table), dictionary)
    for finding in (*table.findings, *cells(parsed, dictionary)):
        if finding.severity == "error":
            place = f"{file.path}:{finding.line}" if finding.line else file.path
            raise DataError(finding.problem, where=place, fix=finding.fix, rule=finding.rule)
    return parsed


def _target(manifest: Manifest, paths: folders.Paths) -> Path:
    (file,) = manifest.with_role("names")
    return locate(file, paths.raw, paths.config)


def _written(found: list[place_names.NamedPlace]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(place_names.COLUMNS)
    writer.writerows(place.row for place in found)
    return text.getvalue()
