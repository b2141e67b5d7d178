"""Stage ``clean``: corrections, checks, clean values, linked rounds, outcomes."""

import argparse
import ctypes
import functools
import sys
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from evaluation.cli.stages import assignment, clean_panel, stage_files
from evaluation.cli.stages.clean_outputs import Checked, CleanInputs, Outputs, linked, made, write
from evaluation.config.declared import check_design, check_sample, read_files
from evaluation.config.manifest import SURVEY_ROLES, RawFile
from evaluation.config.preregistration import read_promise
from evaluation.config.study import read_study
from evaluation.config.toml_reader import TomlFile, named
from evaluation.data.cleaning.assignment import assignment_findings
from evaluation.data.cleaning.clean import clean
from evaluation.data.cleaning.corrections import Corrected, apply, without_rows
from evaluation.data.cleaning.delivery_checks import all_findings, cured
from evaluation.data.cleaning.ledger import Ledger, parse_ledger
from evaluation.data.cleaning.parse import Parsed, parse
from evaluation.data.clusters import Frame, make_frame
from evaluation.data.findings import arranged
from evaluation.data.readers.read import RawTable
from evaluation.data.rules.frame_checks import check_frame
from evaluation.data.rules.registry import cells
from evaluation.data.rules.rule import Declared
from evaluation.estimation.records import Finding
from evaluation.locale.messages import wording
from evaluation.release.kept_deliveries import kept_table
from evaluation.report.terminal import all_counted
from evaluation.storage import disk, folders


def give_back() -> None:
    """Give free memory back where the system's C library can be asked to.

    GNU's keeps what large tables leave between smaller ones, so that a stage would hold at its end
    what all its parts took. It says so itself: malloc_trim(3). Nothing that is in use changes.
    """
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def run(options: argparse.Namespace) -> str:
    """Make the clean data of a study.

    Raises
    ------
    EvaluationError
        The stage before has not run, or the data break a rule. Nothing but the list of errors is
        written then.
    """
    paths = folders.Paths.of(options)
    if read_study(paths.config).panel is not None:
        return clean_panel.run(options)
    inputs = _inputs(paths)
    assignment.warn(inputs.promise.lock, options.language)
    stage_files.warn_of_days(
        parse_ledger(inputs.ledger.text, inputs.ledger.where), options.language
    )
    # Before anything else, and written last: the stage after must not go on with an earlier panel.
    (paths.clean / "panel.parquet").unlink(missing_ok=True)
    outputs = _computed(inputs, paths)
    give_back()
    write(outputs, inputs, paths, options.language)
    counts = (len(outputs.tables["panel"]), "row"), (len(outputs.findings), "finding")
    blinded = wording("clean.blinded", options.language) if inputs.study.blinded else ""
    return all_counted(options.language, *counts) + blinded


def _computed(inputs: CleanInputs, paths: folders.Paths) -> Outputs:
    """What is to be written; all that it was made from is let go here, for a survey is large."""
    rounds = linked(inputs, _check(inputs, paths))
    give_back()
    return made(inputs, rounds)


def _inputs(paths: folders.Paths) -> CleanInputs:
    study, manifest, dictionary = read_files(paths.config)
    toml = TomlFile(named(paths.config, "study.toml"))
    check_design(study, dictionary, toml)
    check_sample(study, manifest, dictionary, toml)
    preregistration = read_promise(paths.config, study, dictionary)
    assignment.check_earlier(paths, preregistration.lock)
    ledger = stage_files.read_ledger(paths.config)
    stage_files.check_read(paths, ledger)
    return CleanInputs(
        study=study,
        manifest=manifest,
        dictionary=dictionary,
        promise=preregistration,
        backchecks=tuple(_raw(file, paths) for file in manifest.with_role("backcheck")),
        set_aside={
            file.round: _set_aside(paths.private / stage_files.SET_ASIDE / f"{file.id}.parquet")
            for file in manifest.with_role(*SURVEY_ROLES)
            if file.round is not None
        },
        ledger=ledger,
        earlier=disk.read_records(paths.private / "findings_read.csv", Finding),
    )


def _raw(file: RawFile, paths: folders.Paths) -> RawTable:
    return RawTable(file=file, frame=disk.read_texts(paths.private / "raw" / f"{file.id}.parquet"))


def _set_aside(path: Path) -> tuple[str, ...]:
    if not path.exists():
        return ()
    return tuple(str(name) for name in disk.read_frame(path).iloc[:, 0])


def _check(inputs: CleanInputs, paths: folders.Paths) -> Checked:
    ledger = parse_ledger(inputs.ledger.text, inputs.ledger.where)
    files = [f for f in inputs.manifest.file if f.role not in stage_files.NOT_CORRECTED]
    parsed, corrected = _applied(inputs, files, ledger, paths)
    give_back()
    frame, of_frame = _frame(parsed["frame"], inputs, paths)
    declared = Declared(inputs.dictionary, inputs.study, frame)
    after = (*of_frame, *all_findings(parsed, corrected, declared, inputs.plan))
    stage_files.stop_on_errors(after, paths.private)
    gone: tuple[Finding, ...] = ()
    if ledger.corrections:
        named = {entry.round for entry in ledger.corrections}
        raw = {
            file.source: parse(_raw(file, paths), inputs.dictionary)
            for file in files
            if file.source in named
        }
        gone = cured(all_findings(parsed | raw, corrected, declared, inputs.plan), after)
        del raw
    # what the rules left behind them is more than the tables that they looked at
    give_back()
    return Checked(
        parsed=parsed,
        corrected=corrected,
        frame=frame,
        findings=arranged((*inputs.earlier, *after, *gone)),
    )


def _applied(
    inputs: CleanInputs, files: Sequence[RawFile], ledger: Ledger, paths: folders.Paths
) -> tuple[dict[str, Parsed], dict[str, Corrected]]:
    """Corrected tables, parsed; of their own text only the rows that were dropped are kept."""
    dictionary = inputs.dictionary
    tables = [_raw(file, paths) for file in files]
    respondent = dictionary.variables[inputs.study.columns.respondent].raw
    earlier = functools.partial(kept_table, paths)
    results, problems = apply(tables, ledger, inputs.study, respondent=respondent, earlier=earlier)
    if problems:
        # swapped columns or another date format show in the cells, not only in the ledger's lines
        wrong = [f for r in results for f in cells(parse(r.table, dictionary), dictionary)]
        stage_files.stop_on_errors((*problems, *wrong), paths.private)
    parsed = {r.table.file.source: parse(r.table, dictionary) for r in results}
    corrected = {r.table.file.source: without_rows(r) for r in results}
    return parsed, corrected


def _frame(
    parsed: Parsed, inputs: CleanInputs, paths: folders.Paths
) -> tuple[Frame, tuple[Finding, ...]]:
    """The frame, first because nothing else can be placed without it, and its warnings."""
    of_cells = cells(parsed, inputs.dictionary)
    stage_files.stop_on_errors(of_cells, paths.private)
    of_design = check_frame(parsed, inputs.dictionary, inputs.study)
    stage_files.stop_on_errors(of_design, paths.private)
    frame = make_frame(clean(parsed, inputs.dictionary), inputs.study)
    other = assignment_findings(frame.table, inputs.study, inputs.promise, parsed.file)
    stage_files.stop_on_errors(other, paths.private)
    return frame, (*of_cells, *of_design)
