"""Stage ``clean``: corrections, checks, clean values, linked rounds, outcomes."""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from evaluation import io
from evaluation.cli import stage
from evaluation.cli.findings import (
    LEDGER,
    PROVENANCE,
    SET_ASIDE,
    WrittenLedger,
    read_ledger,
    stop_on_errors,
)
from evaluation.cli.sample import Sample, sample, sample_findings, with_weights, write_sample
from evaluation.data import files
from evaluation.data.blind import scrambled, with_scrambled, without_groups
from evaluation.data.carry import carried_weights, carry
from evaluation.data.check import cells, check, check_other
from evaluation.data.clean import clean
from evaluation.data.clean_files import CODEBOOK, clean_files, with_package
from evaluation.data.clusters import Frame, check_frame, make_frame
from evaluation.data.codebook import codebook
from evaluation.data.construct import construct
from evaluation.data.correction_counts import count_corrections
from evaluation.data.corrections import Corrected, apply
from evaluation.data.declared import Declared
from evaluation.data.finding import arranged
from evaluation.data.ledger import parse_ledger
from evaluation.data.link import Round, attach_codes, attach_frame, link, pseudonyms, without_direct
from evaluation.data.parse import Parsed, parse
from evaluation.data.read import RawTable
from evaluation.data.reversal import reversed_scales
from evaluation.data.scale_rules import declared_scales
from evaluation.errors import DataError
from evaluation.report import findings as findings_page
from evaluation.report import words
from evaluation.spec.configuration import FILE_SOURCES
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.dictionary_rules import read_dictionary
from evaluation.spec.manifest import SURVEY_ROLES, Manifest, read_manifest
from evaluation.spec.plan import Plan
from evaluation.spec.promise import read_promise
from evaluation.spec.records import CodebookRow, CorrectionCount, Finding, Flow, IndexWeight
from evaluation.spec.sample_rules import check_sample
from evaluation.spec.study import Study, read_study


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What the stage starts from.

    ``set_aside`` holds, by round, the cluster of each submission that the office refused.
    """

    study: Study
    manifest: Manifest
    dictionary: Dictionary
    plan: Plan
    tables: tuple[RawTable, ...]
    set_aside: dict[str, tuple[str, ...]]
    ledger: WrittenLedger
    earlier: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Parsed files without errors, and everything found on the way."""

    parsed: dict[str, Parsed]
    corrected: dict[str, Corrected]
    frame: Frame
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """What the stage writes."""

    tables: dict[str, pd.DataFrame]
    flows: tuple[Flow, ...]
    weights: tuple[IndexWeight, ...]
    sample: Sample
    codebook: tuple[CodebookRow, ...]
    corrections: tuple[CorrectionCount, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments beyond the common ones."""


def run(options: argparse.Namespace) -> None:
    """Make the clean data of a study.

    Raises
    ------
    EvaluationError
        The stage before has not run, or the data break a rule. Nothing but the list of errors is
        written then.
    """
    start = time.monotonic()
    paths = stage.Paths.of(options)
    inputs = _inputs(paths)
    # Before anything else, and written last: the stage after must not go on with an earlier panel.
    (paths.clean / "panel.parquet").unlink(missing_ok=True)
    checked = _check(inputs, paths)
    outputs = _outputs(inputs, checked)
    checked = replace(checked, findings=arranged((*checked.findings, *outputs.sample.findings)))
    _write(outputs, inputs, checked, paths, options.language)
    rows = len(outputs.tables["panel"])
    found = f"{rows:,} rows, {len(checked.findings)} findings"
    if inputs.study.blinded:
        found += "; BLINDED: no plan.lock, so treatment is scrambled"
    stage.announce("clean", found, time.monotonic() - start)


def _inputs(paths: stage.Paths) -> Inputs:
    study = read_study(paths.config)
    manifest = read_manifest(paths.config, study)
    dictionary = read_dictionary(paths.config, (*study.rounds, *FILE_SOURCES))
    check_sample(study, manifest, dictionary, where=f"{paths.config.name}/study.toml")
    promise = read_promise(paths.config, study, dictionary)
    ledger = read_ledger(paths.config)
    _check_read(paths, ledger)
    return Inputs(
        study=study,
        manifest=manifest,
        dictionary=dictionary,
        plan=promise.plan,
        tables=tuple(
            RawTable(file=file, frame=io.read_texts(paths.private / "raw" / f"{file.id}.parquet"))
            for file in manifest.file
            if file.role not in ("published", "backcheck")
        ),
        set_aside={
            file.round: _set_aside(paths.private / SET_ASIDE / f"{file.id}.parquet")
            for file in manifest.with_role(*SURVEY_ROLES)
            if file.round is not None
        },
        ledger=ledger,
        earlier=io.read_records(paths.private / "findings_read.csv", Finding),
    )


def _set_aside(path: Path) -> tuple[str, ...]:
    if not path.exists():
        return ()
    return tuple(str(name) for name in io.read_frame(path).iloc[:, 0])


def _check_read(paths: stage.Paths, ledger: WrittenLedger) -> None:
    """Refuse the tables of a stage `read` that failed, or that saw another ledger.

    Raises
    ------
    DataError
        Names what is missing or differs.
    """
    path = paths.build / PROVENANCE
    if not path.exists():
        raise DataError(
            "the stage read has not run, or its last run failed",
            where=path.as_posix(),
            mend=f"run read first: python -m evaluation read --study {paths.config.name}",
        )
    if io.read_json(path).get("corrections") != ledger.sha256:
        raise DataError(
            "the ledger changed after the stage read",
            where=ledger.where,
            mend=f"run read again: python -m evaluation read --study {paths.config.name}",
        )


def _check(inputs: Inputs, paths: stage.Paths) -> Checked:
    dictionary, study = inputs.dictionary, inputs.study
    ledger = parse_ledger(inputs.ledger.text, inputs.ledger.where)
    respondent = dictionary.variables[study.columns.respondent].raw
    results, _, problems = apply(inputs.tables, ledger, study, respondent=respondent)
    if problems:
        # swapped columns or another date format show in the cells, not only in the ledger's lines
        wrong = [f for r in results for f in cells(parse(r.table, dictionary), dictionary)]
        stop_on_errors((*problems, *wrong), paths.private)
    corrected = {result.table.file.source: result for result in results}
    parsed = {source: parse(c.table, dictionary) for source, c in corrected.items()}
    frame = _frame(parsed["frame"], inputs, paths)
    after = _findings(parsed, corrected, inputs, frame)
    stop_on_errors(after, paths.private)
    cured: tuple[Finding, ...] = ()
    if ledger.corrections:
        named = {entry.round for entry in ledger.corrections}
        raw = {
            table.file.source: parse(table, dictionary)
            for table in inputs.tables
            if table.file.source in named
        }
        cured = _cured(_findings(parsed | raw, corrected, inputs, frame), after)
    return Checked(
        parsed=parsed,
        corrected=corrected,
        frame=frame,
        findings=arranged((*inputs.earlier, *after, *cured)),
    )


def _frame(parsed: Parsed, inputs: Inputs, paths: stage.Paths) -> Frame:
    """The frame comes first: nothing else can be placed without it."""
    stop_on_errors(cells(parsed, inputs.dictionary), paths.private)
    stop_on_errors(check_frame(parsed, inputs.dictionary, inputs.study), paths.private)
    return make_frame(clean(parsed, inputs.dictionary), inputs.study)


def _findings(
    parsed: dict[str, Parsed], corrected: dict[str, Corrected], inputs: Inputs, frame: Frame
) -> tuple[Finding, ...]:
    dictionary, study = inputs.dictionary, inputs.study
    rounds = [parsed[round_id] for round_id in study.rounds]
    others = {role: parsed[role] for role in ("analysis", "series") if role in parsed}
    periods = {"series": sorted({series.period for series in inputs.plan.series})}
    return (
        *check(rounds, dictionary, study, frame=frame),
        *reversed_scales(rounds, inputs.plan.outcome, dictionary),
        *declared_scales(rounds, dictionary),
        *sample_findings(parsed, corrected, Declared(dictionary, study, frame)),
        *(
            finding
            for role, other in others.items()
            for finding in check_other(
                other, dictionary, study, frame=frame, periods=periods.get(role, ())
            )
        ),
    )


def _cured(before: Sequence[Finding], after: Sequence[Finding]) -> tuple[Finding, ...]:
    """Flaws of rows that the ledger cured: information, no longer errors or warnings."""
    left = set(after)
    return tuple(
        replace(finding, severity="info", mend=f"cured by {LEDGER}")
        for finding in before
        if finding.line and finding not in left
    )


def _outputs(inputs: Inputs, checked: Checked) -> Outputs:
    dictionary, study, plan = inputs.dictionary, inputs.study, inputs.plan
    frames = {source: clean(p, dictionary) for source, p in checked.parsed.items()}
    rounds = [_round(round_id, frames, checked, inputs) for round_id in study.rounds]
    frame = _blinded(checked.frame, inputs)
    declared = Declared(dictionary, study, frame)
    panel, flows = link(rounds, dictionary, study, frame=frame)
    panel = with_weights(panel, checked.parsed, frames, declared)
    found = sample(panel, checked.parsed, declared, inputs.manifest.file)
    exposure = study.columns.exposure
    if study.blinded and exposure is not None and exposure in panel.columns:
        panel = with_scrambled(panel, exposure, key=study.id)
    tables = {"frame": frame.table.drop(columns=["line"])}
    if "series" in frames:
        tables["series"] = attach_codes(frames["series"], frame).drop(columns=["line"])
    if "analysis" in frames:
        analysis = attach_frame(frames["analysis"], frame).drop(columns=["line"])
        panel = carry(panel, analysis, carried_weights(plan, dictionary), study=study)
        tables["analysis"], _ = construct(analysis, plan, study)
    tables["panel"], weights = construct(panel, plan, study)
    _check_constructed(plan, tables)
    names = pseudonyms(panel, study)
    tables = {
        name: files.marked(without_direct(t, dictionary, study, names=names), study)
        for name, t in tables.items()
    }
    counted = frames | {o: tables[o] for o in ("panel", "analysis") if o in tables}
    return Outputs(
        tables=tables,
        flows=(*found.flows, *flows),
        weights=tuple(
            IndexWeight(study=study.id, **row) for row in weights.to_dict(orient="records")
        ),
        sample=found,
        codebook=codebook(counted, dictionary, plan, study),
        corrections=count_corrections(
            checked.corrected.values(), checked.parsed, (dictionary, study), frame=frame
        ),
    )


def _blinded(frame: Frame, inputs: Inputs) -> Frame:
    """The clusters as later stages may see them; the checks before saw them as they are."""
    if not inputs.study.blinded:
        return frame
    return scrambled(frame, strata=inputs.plan.inference.permutation_strata, key=inputs.study.id)


def _round(
    round_id: str, frames: dict[str, pd.DataFrame], checked: Checked, inputs: Inputs
) -> Round:
    result = checked.corrected[round_id]
    return Round(
        parsed=checked.parsed[round_id],
        clean=frames[round_id],
        dropped=parse(result.dropped, inputs.dictionary),
        reasons=result.reasons,
        set_aside=inputs.set_aside[round_id],
    )


def _check_constructed(plan: Plan, tables: dict[str, pd.DataFrame]) -> None:
    for outcome in plan.outcome:
        if not any(outcome.id in table.columns for table in tables.values()):
            raise DataError(
                f"outcome `{outcome.id}` cannot be made: no clean file holds all its items",
                where="plan.toml",
                mend="correct the items, or give them a raw column in the dictionary",
                rule="outcome-items",
            )


def _write(
    outputs: Outputs, inputs: Inputs, checked: Checked, paths: stage.Paths, language: str
) -> None:
    study, declared = inputs.study, (inputs.dictionary, inputs.plan, inputs.study)
    made = clean_files(outputs.tables, *declared)
    io.write_records(paths.clean / CODEBOOK, outputs.codebook, CodebookRow, mark=study.mark)
    codebook = io.read_bytes(paths.clean / CODEBOOK)
    for name, data in with_package(made, codebook, outputs.tables, *declared).items():
        io.write_bytes(paths.clean / name, data)
    io.write_records(paths.private / "findings.csv", checked.findings, Finding, mark="")
    seen = without_groups(checked.findings) if study.blinded else checked.findings
    public = [_without_place(finding) for finding in seen]
    io.write_records(paths.build / "findings.csv", public, Finding, mark=study.mark)
    page = findings_page.page(
        public,
        title=f"{findings_page.TITLE[language]}: {study.title[language]}",
        mark=words.banner(study.mark, language),
        language=language,
    )
    io.write_bytes(paths.build / "findings.html", page)
    io.write_records(paths.build / "flow.csv", outputs.flows, Flow, mark=study.mark)
    write_sample(outputs.sample, paths, study)
    io.write_records(
        paths.build / "corrections_log.csv", outputs.corrections, CorrectionCount, mark=study.mark
    )
    io.write_records(
        paths.build / "index_weights.csv", outputs.weights, IndexWeight, mark=study.mark
    )
    for name in ("analysis", "series"):
        # a file that left the manifest must not be estimated from any longer
        if name not in outputs.tables:
            for suffix in ("parquet", "csv"):
                (paths.clean / f"{name}.{suffix}").unlink(missing_ok=True)
    # Last: the panel's presence says that every file beside it is complete.
    for name in sorted(outputs.tables, key=lambda table: table == "panel"):
        io.write_frame(paths.clean / f"{name}.parquet", outputs.tables[name])


def _without_place(finding: Finding) -> Finding:
    """A finding about a whole cluster, without the cluster: the full one is private."""
    return finding if finding.line or not finding.row_key else replace(finding, row_key="")
