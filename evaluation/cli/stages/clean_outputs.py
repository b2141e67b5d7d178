"""What the stage ``clean`` makes of checked files, and how it writes it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from evaluation import file_content
from evaluation.cli.stages.sample import SampleFacts, sample, with_weights, write_sample
from evaluation.config.dictionary import Dictionary
from evaluation.config.manifest import Manifest
from evaluation.config.plan import Plan
from evaluation.config.preregistration import Promise
from evaluation.config.study import Study
from evaluation.data.cleaning.baseline_weights import carried_weights, carry, cluster_weights
from evaluation.data.cleaning.blinding import scrambled, with_scrambled, without_groups
from evaluation.data.cleaning.clean import clean
from evaluation.data.cleaning.clean_files import CODEBOOK, PACKAGE, clean_files, marked
from evaluation.data.cleaning.codebook import codebook, observed
from evaluation.data.cleaning.correction_counts import count_corrections
from evaluation.data.cleaning.corrections import Corrected
from evaluation.data.cleaning.datapackage import datapackage
from evaluation.data.cleaning.ledger import WrittenLedger
from evaluation.data.cleaning.outcomes import construct
from evaluation.data.cleaning.panel import (
    CleanRound,
    attach_codes,
    attach_frame,
    link,
    pseudonyms,
    without_direct,
)
from evaluation.data.cleaning.parse import Parsed, parse
from evaluation.data.clusters import Frame
from evaluation.data.findings import arranged
from evaluation.data.readers.read import RawTable
from evaluation.data.rules.rule import Declared
from evaluation.errors import DataError
from evaluation.estimation.records import CodebookRow, CorrectionCount, Finding, Flow, IndexWeight
from evaluation.locale.messages import wording
from evaluation.report.formats import findings_page, words
from evaluation.storage import disk, folders
from evaluation.storage.staged import Staged


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanInputs:
    """What the stage starts from.

    ``set_aside`` holds, by round, the cluster of each submission that the office refused.
    """

    study: Study
    manifest: Manifest
    dictionary: Dictionary
    promise: Promise
    backchecks: tuple[RawTable, ...]
    set_aside: dict[str, tuple[str, ...]]
    ledger: WrittenLedger
    earlier: tuple[Finding, ...]

    @property
    def plan(self) -> Plan:
        """The plan as it stands."""
        return self.promise.plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Parsed files without errors, and everything found on the way."""

    parsed: dict[str, Parsed]
    corrected: dict[str, Corrected]
    frame: Frame
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedRounds:
    """The rounds as one panel, the other files beside it, and what is told of both.

    ``counts`` holds, by file, how many values each column has.
    """

    panel: pd.DataFrame
    others: dict[str, pd.DataFrame]
    frame: Frame
    counts: dict[str, dict[str, int]]
    flows: tuple[Flow, ...]
    sample: SampleFacts
    corrections: tuple[CorrectionCount, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """What the stage writes."""

    tables: dict[str, pd.DataFrame]
    flows: tuple[Flow, ...]
    weights: tuple[IndexWeight, ...]
    sample: SampleFacts
    codebook: tuple[CodebookRow, ...]
    corrections: tuple[CorrectionCount, ...]
    findings: tuple[Finding, ...]


def linked(inputs: CleanInputs, checked: Checked) -> LinkedRounds:
    """Rounds linked into one panel: the parsed files are needed up to here, and large.

    Parameters
    ----------
    inputs : CleanInputs
    checked : Checked
        Files without errors.

    Raises
    ------
    EvaluationError
        A weight cannot be made.
    """
    dictionary, study, plan = inputs.dictionary, inputs.study, inputs.plan
    frames = {source: clean(p, dictionary) for source, p in checked.parsed.items()}
    counts = {source: observed(table) for source, table in frames.items()}
    rounds = [_round(round_id, frames.pop(round_id), checked, inputs) for round_id in study.rounds]
    frame = _blinded(checked.frame, inputs)
    declared = Declared(dictionary, study, frame)
    panel, flows = link(rounds, dictionary, study, frame=frame)
    panel, n_cut = with_weights(panel, checked.parsed, frames, declared)
    found = sample(
        panel,
        checked.parsed,
        declared,
        inputs.manifest.file,
        specification=plan.checked().primary_specification(),
        n_cut=n_cut,
        backchecks=inputs.backchecks,
    )
    return LinkedRounds(
        panel=panel,
        others={name: frames[name] for name in ("series", "analysis") if name in frames},
        frame=frame,
        counts=counts,
        flows=(*found.flows, *flows),
        sample=found,
        corrections=count_corrections(
            checked.corrected.values(), checked.parsed, (dictionary, study), frame=frame
        ),
        findings=arranged((*checked.findings, *found.findings)),
    )


def made(inputs: CleanInputs, rounds: LinkedRounds) -> Outputs:
    """Clean tables, and what is told about them.

    Parameters
    ----------
    inputs : CleanInputs
    rounds : LinkedRounds

    Raises
    ------
    EvaluationError
        An outcome cannot be made.
    """
    dictionary, study, plan = inputs.dictionary, inputs.study, inputs.plan
    panel, others, frame = rounds.panel, rounds.others, rounds.frame
    exposure = study.columns.exposure
    if study.blinded and exposure is not None and exposure in panel.columns:
        panel = with_scrambled(panel, exposure, key=study.id)
    tables = {"frame": frame.table.drop(columns=["line"])}
    if "series" in others:
        tables["series"] = attach_codes(others["series"], frame).drop(columns=["line"])
    if "analysis" in others:
        analysis = attach_frame(others["analysis"], frame).drop(columns=["line"])
        carried, of_clusters = (f(plan, dictionary) for f in (carried_weights, cluster_weights))
        panel = carry(panel, analysis, carried, study=study, of_clusters=of_clusters)
        tables["analysis"], _ = construct(analysis, plan, study)
    tables["panel"], weights = construct(panel, plan, study)
    _check_constructed(plan, tables)
    names = pseudonyms(panel, study)
    tables = {
        name: marked(without_direct(t, dictionary, study, names=names), study)
        for name, t in tables.items()
    }
    counts = dict(rounds.counts)
    counts |= {name: observed(tables[name]) for name in ("panel", "analysis") if name in tables}
    return Outputs(
        tables=tables,
        flows=rounds.flows,
        weights=tuple(
            IndexWeight(study=study.id, **row) for row in weights.to_dict(orient="records")
        ),
        sample=rounds.sample,
        codebook=codebook(counts, dictionary, plan, study),
        corrections=rounds.corrections,
        findings=rounds.findings,
    )


def _blinded(frame: Frame, inputs: CleanInputs) -> Frame:
    """The clusters as later stages may see them; the checks before saw them as they are."""
    if not inputs.study.blinded:
        return frame
    return scrambled(frame, strata=inputs.plan.inference.permutation_strata, key=inputs.study.id)


def _round(round_id: str, table: pd.DataFrame, checked: Checked, inputs: CleanInputs) -> CleanRound:
    result = checked.corrected[round_id]
    return CleanRound(
        parsed=checked.parsed[round_id],
        clean={str(name): column.array for name, column in table.items()},
        dropped=parse(result.dropped, inputs.dictionary),
        reasons=result.reasons,
        set_aside=inputs.set_aside[round_id],
    )


def _check_constructed(plan: Plan, tables: dict[str, pd.DataFrame]) -> None:
    for outcome in plan.outcome:
        if not any(outcome.id in table.columns for table in tables.values()):
            raise DataError.of(
                "outcome-items", "outcome-items", "plan.toml", rule="outcome-items", id=outcome.id
            )


def write(outputs: Outputs, inputs: CleanInputs, paths: folders.Paths, language: str) -> None:
    """Write everything, the panel last: its presence says that every file beside it is complete.

    Parameters
    ----------
    outputs : Outputs
    inputs : CleanInputs
    paths : folders.Paths
        Folders of the study.
    language : {"en", "es"}
        Of the page of findings.

    Raises
    ------
    EvaluationError
        A clean file cannot be made: then no file is another than before.
    """
    _write_clean_files(outputs, inputs, paths)
    _write_findings(outputs.findings, inputs.study, paths, language)
    study = inputs.study
    disk.write_records(paths.build / "flow.csv", outputs.flows, Flow, mark=study.mark)
    write_sample(outputs.sample, paths, study)
    disk.write_records(
        paths.build / "corrections_log.csv", outputs.corrections, CorrectionCount, mark=study.mark
    )
    disk.write_records(
        paths.build / "index_weights.csv", outputs.weights, IndexWeight, mark=study.mark
    )
    for name in ("analysis", "series"):
        # a file that left the manifest must not be estimated from any longer
        if name not in outputs.tables:
            for suffix in ("parquet", "csv"):
                (paths.clean / f"{name}.{suffix}").unlink(missing_ok=True)
    for name in sorted(outputs.tables, key=lambda table: table == "panel"):
        disk.write_frame(paths.clean / f"{name}.parquet", outputs.tables[name])


def _write_clean_files(outputs: Outputs, inputs: CleanInputs, paths: folders.Paths) -> None:
    """All of them under temporary names first: the package lists what the others hold."""
    declared = (inputs.dictionary, inputs.plan, inputs.study)
    listed = file_content.written(outputs.codebook, CodebookRow, mark=inputs.study.mark)
    with Staged(paths.clean) as staged:
        staged.add(CODEBOOK, listed.encode())
        for name, part in clean_files(outputs.tables, *declared):
            staged.add(name, part)
        staged.add(PACKAGE, datapackage(staged.contents(), outputs.tables, *declared))
        staged.put_in_place()


def _write_findings(
    findings: Sequence[Finding], study: Study, paths: folders.Paths, language: str
) -> None:
    disk.write_records(paths.private / "findings.csv", findings, Finding, mark="")
    seen = without_groups(findings) if study.blinded else findings
    public = [_without_place(finding) for finding in seen]
    disk.write_records(paths.build / "findings.csv", public, Finding, mark=study.mark)
    page = findings_page.page(
        public,
        title=f"{wording('findings.title', language)}: {study.title[language]}",
        mark=words.banner(study.mark, language),
        language=language,
    )
    disk.write_bytes(paths.build / "findings.html", page)


def _without_place(finding: Finding) -> Finding:
    """A finding about a whole cluster, without the cluster: the full one is private."""
    return finding if finding.line or not finding.row_key else replace(finding, row_key="")
