"""Stage ``exhibits``: tables, figures and the number registry from the saved records."""

import argparse
import csv
import io as memory
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from evaluation.cli.stages.stage_files import read_sampled
from evaluation.demo import truth
from evaluation.errors import StorageError
from evaluation.report import builders
from evaluation.report.figures import card
from evaluation.report.formats import number_registry, replication_scripts, words
from evaluation.report.formats.table import Table
from evaluation.report.record_set import Line, Records
from evaluation.report.sources import Source
from evaluation.report.terminal import counted, spoken
from evaluation.site import program_reference
from evaluation.site.exhibit_files import Content, figure_files, shared_files, table_files
from evaluation.storage import disk, folders
from evaluation.storage.folders import ORDER, Paths, announce
from evaluation.study.configuration import Configuration, read_configuration
from evaluation.study.design_records import Calibration, ConclusionChance, PlannedPower, TrueEffect
from evaluation.study.records import (
    Adjustment,
    Balance,
    Bound,
    CorrectionCount,
    CovariateBalance,
    Diagnostic,
    Difference,
    Estimate,
    Finding,
    Flow,
    Level,
    Provenance,
    Trend,
    Unavailable,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments beyond the common ones."""


def run(options: argparse.Namespace) -> None:
    """Build every exhibit of the registry; write nothing until all are built.

    Raises
    ------
    EvaluationError
        A record that an exhibit asks for is missing, or a file cannot be read or written.
    """
    started = time.perf_counter()
    paths = Paths.of(options)
    configuration = read_configuration(paths.config)
    source = Source(
        records=load_records(paths, configuration),
        configuration=configuration,
        language=options.language,
    )
    files, registry = build(source)
    files |= _scripts(configuration, paths)
    ids = [exhibit.id for exhibit in configuration.registry.exhibit]
    files[ORDER] = "".join(f"{identifier}\n" for identifier in ids).encode()
    folder = paths.language(options.language) / "exhibits"
    for name, data in sorted(files.items()):
        disk.write_bytes(folder / name, data)
    mark = words.mark(configuration.study.mark, options.language)
    numbered = paths.language(options.language) / "numbers.json"
    disk.write_json(numbered, number_registry.marked(registry, mark=mark))
    _remove_others(folder, files)
    language = spoken(options.language)
    done = ", ".join(
        (
            counted(len(configuration.registry.exhibit), "exhibit", language),
            counted(len(registry), "number", language),
        )
    )
    announce("exhibits", done, time.perf_counter() - started, language)


def _scripts(configuration: Configuration, paths: Paths) -> dict[str, bytes]:
    """The primary estimates as an R and a Stata script that read the clean panel."""
    panel = (paths.clean / "panel.dta").as_posix()
    return {
        "primary.R": replication_scripts.r_script(configuration, panel=panel).encode(),
        "primary.do": replication_scripts.stata_do(configuration, panel=panel).encode(),
    }


def build(source: Source) -> tuple[dict[str, bytes], dict[str, Content]]:
    """All files of the exhibits by name, and the number registry; nothing is written.

    Raises
    ------
    ReportError
        A record that an exhibit asks for is missing.
    """
    files: dict[str, bytes] = {}
    built: dict[str, list[Table]] = {"page": [], "annex": []}
    for exhibit in source.configuration.registry.exhibit:
        if exhibit.id.startswith("tbl-"):
            table = builders.build(exhibit, source)
            built[exhibit.place].append(table)
            files.update(table_files(table) if exhibit.place == "page" else {})
        else:
            files.update(figure_files(builders.draw(exhibit, source), exhibit))
    files.update(shared_files(built["page"], built["annex"], card.cards(source), source))
    return files, number_registry.collect([*built["page"], *built["annex"]])


def _remove_others(folder: Path, files: Iterable[str]) -> None:
    """Exhibits that the registry no longer has do not stay behind."""
    kept = set(files)
    for path in sorted(folder.glob("*")):
        if path.is_file() and path.name not in kept:
            path.unlink()


def load_records(paths: Paths, configuration: Configuration) -> Records:
    """Everything that the earlier stages saved and an exhibit may show.

    Raises
    ------
    StorageError
        A file is missing or from another version.
    """
    build = paths.build
    results = disk.read_json(build / "results.json")
    calibrated = _is_calibrated(build, results, configuration)
    return Records(
        provenance=Provenance(**{key: results[key] for key in Provenance.__annotations__}),
        estimates=disk.read_records(build / "estimates.csv", Estimate),
        unavailable=disk.read_records(build / "unavailable.csv", Unavailable),
        adjustments=disk.read_records(build / "adjustments.csv", Adjustment),
        diagnostics=disk.read_records(build / "diagnostics.csv", Diagnostic),
        levels=disk.read_records(build / "levels.csv", Level),
        balance=disk.read_records(build / "balance.csv", Balance),
        trends=disk.read_records(build / "trends.csv", Trend),
        detectable=disk.read_records(build / "detectable_effects.csv", PlannedPower),
        chances=disk.read_records(build / folders.CHANCES, ConclusionChance),
        flow=disk.read_records(build / "flow.csv", Flow),
        findings=disk.read_records(build / "findings.csv", Finding),
        corrections=disk.read_records(build / "corrections_log.csv", CorrectionCount),
        published=_published(paths, configuration),
        frame=_places(paths, configuration),
        check_estimates=disk.read_records(build / "robustness_estimates.csv", Estimate),
        differences=disk.read_records(build / "robustness_differences.csv", Difference),
        check_unavailable=disk.read_records(build / "robustness_unavailable.csv", Unavailable),
        check_diagnostics=disk.read_records(build / "robustness_diagnostics.csv", Diagnostic),
        bounds=disk.read_records(build / "robustness_bounds.csv", Bound),
        covariates=disk.read_records(build / "robustness_covariates.csv", CovariateBalance),
        check_levels=disk.read_records(build / "robustness_levels.csv", Level),
        calibration=disk.read_records(build / folders.CALIBRATED, Calibration)
        if calibrated
        else (),
        calibration_unavailable=(
            disk.read_records(build / folders.UNCALIBRATED, Unavailable) if calibrated else ()
        ),
        true_effects=_true_effects(paths, configuration),
        makers=program_reference.makers(configuration),
        lines=program_reference.claim_lines(configuration),
        **read_sampled(build, configuration.registry),
    )


def _true_effects(paths: Paths, configuration: Configuration) -> tuple[TrueEffect, ...]:
    """What an invented study was drawn with, where an exhibit shows it."""
    shown = any(exhibit.builder == "recovery" for exhibit in configuration.registry.exhibit)
    if not (configuration.study.synthetic and shown):
        return ()
    return truth.read_truth(paths.config, truth.PUBLISHED).scenario.expected


def _is_calibrated(build: Path, results: dict[str, Any], configuration: Configuration) -> bool:
    """Whether rejection rates are shown; they must be of this plan and these data then."""
    if all(exhibit.builder != "calibration" for exhibit in configuration.registry.exhibit):
        return False
    stamp = build / folders.CALIBRATION
    made = disk.read_json(stamp) if stamp.is_file() else {}
    if any(made.get(key) != results[key] for key in ("plan_hash", "data_hash")):
        raise StorageError.of("calibration-missing", "calibration-missing", stamp.as_posix())
    return True


def _published(paths: Paths, configuration: Configuration) -> tuple[Line, ...]:
    """Rows of the published files, as text; read where they were delivered."""
    rows: list[Line] = []
    for file in configuration.manifest.with_role("published"):
        folder = paths.raw if file.folder == "data_raw" else paths.config
        delimiter = file.dialect.delimiter if file.dialect else ","
        text = memory.StringIO(disk.read_text(folder / file.path), newline="")
        rows.extend(csv.DictReader(text, delimiter=delimiter))
    return tuple(rows)


def _places(paths: Paths, configuration: Configuration) -> tuple[Line, ...]:
    """Group, department and schematic place of the clusters; nothing that names one."""
    columns = configuration.study.columns
    names = {
        "arm": columns.arm,
        "department": columns.department,
        "x_km": columns.x_km,
        "y_km": columns.y_km,
    }
    if None in names.values():
        return ()
    frame = disk.read_frame(paths.clean / "frame.parquet")
    chosen = frame[[str(name) for name in names.values()]].astype(str)
    return tuple(dict(zip(names, row, strict=True)) for row in chosen.itertuples(index=False))
