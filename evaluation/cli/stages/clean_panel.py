"""Stage ``clean`` of a study of type panel: events to counts by cluster and period."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from evaluation import file_content
from evaluation.cli.stages import assignment, stage_files
from evaluation.config.declared import check_design, read_files
from evaluation.config.dictionary import Dictionary
from evaluation.config.manifest import Manifest, RawFile
from evaluation.config.panel_study import PanelSeries, YearTotal
from evaluation.config.preregistration import Promise, read_promise
from evaluation.config.study import LEDGER, Study
from evaluation.config.toml_reader import TomlFile, named
from evaluation.data.cleaning.assignment import assignment_findings
from evaluation.data.cleaning.blinding import without_groups
from evaluation.data.cleaning.clean_files import CODEBOOK, PACKAGE, csv_parts, marked
from evaluation.data.cleaning.codebook import codebook, observed
from evaluation.data.cleaning.datapackage import datapackage
from evaluation.data.cleaning.parse import Parsed, parse
from evaluation.data.findings import arranged
from evaluation.data.readers.read import RawTable
from evaluation.data.rules.registry import cells
from evaluation.data.series import (
    cluster_facts,
    denominators,
    place_names,
    placed_events,
    second_look,
    treated_list,
    unit_periods,
)
from evaluation.errors import DataError
from evaluation.estimation.records import CodebookRow, Finding
from evaluation.locale.messages import wording
from evaluation.report.formats import findings_page, words
from evaluation.report.terminal import all_counted
from evaluation.storage import disk, folders
from evaluation.storage.staged import Staged

TOTALS = "totals.csv"
# clean tables that people read as CSV; the others are the pipeline's own
LISTED = ("panel", "merged")


@dataclass(slots=True, kw_only=True)
class _Made:
    """What the stage has, from parsed files to clean tables."""

    study: Study
    panel: PanelSeries
    dictionary: Dictionary
    promise: Promise | None
    parsed: dict[str, Parsed]
    findings: list[Finding]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def cluster(self) -> str:
        return self.study.columns.cluster

    def with_role(self, role: str) -> list[Parsed]:
        return [parsed for parsed in self.parsed.values() if parsed.file.role == role]


def run(options: argparse.Namespace) -> str:
    """Make the clean panel of a study.

    Raises
    ------
    EvaluationError
        The stage before has not run, or the data break a rule. Nothing but the list of errors is
        written then.
    """
    paths = folders.Paths.of(options)
    study, manifest, dictionary = read_files(paths.config)
    check_design(study, dictionary, TomlFile(named(paths.config, "study.toml")))
    # before the lock there is nothing to compare with, and no plan may be written yet
    promise = None if study.blinded else read_promise(paths.config, study, dictionary)
    if promise is not None:
        assignment.warn(promise.lock, options.language)
        assignment.check_earlier(paths, promise.lock)
    ledger = stage_files.read_ledger(paths.config)
    stage_files.check_read(paths, ledger)
    if len(ledger.text.strip().splitlines()) > 1:
        raise DataError.of("ledger-of-a-panel", "ledger-of-a-panel", named(paths.config, LEDGER))
    # first, and written last: the stage after must not go on with an earlier panel
    (paths.clean / "panel.parquet").unlink(missing_ok=True)
    made = _parsed((study, manifest, dictionary), promise, paths)
    clusters = _clusters(made, paths)
    _counted(made, clusters, paths)
    given = _assigned(made, paths)
    _write(made, paths, options.language, given=given)
    counts = (len(made.tables["panel"]), "row"), (len(made.findings), "finding")
    blinded = wording("clean.blinded", options.language) if study.blinded else ""
    return all_counted(options.language, *counts) + blinded


def _parsed(
    declared: tuple[Study, Manifest, Dictionary], promise: Promise | None, paths: folders.Paths
) -> _Made:
    study, manifest, dictionary = declared
    if study.panel is None:
        raise TypeError(study.id)
    parsed = {file.id: parse(_raw(file, paths), dictionary) for file in manifest.file}
    found = [f for table in parsed.values() for f in cells(table, dictionary)]
    stage_files.stop_on_errors(found, paths.private)
    earlier = disk.read_records(paths.private / "findings_read.csv", Finding)
    return _Made(
        study=study,
        panel=study.panel,
        dictionary=dictionary,
        promise=promise,
        parsed=parsed,
        findings=[*earlier, *found],
    )


def _raw(file: RawFile, paths: folders.Paths) -> RawTable:
    return RawTable(file=file, frame=disk.read_texts(paths.private / "raw" / f"{file.id}.parquet"))


def _clusters(made: _Made, paths: folders.Paths) -> frozenset[str]:
    """The list of clusters with their facts; its codes."""
    (frame,), facts, cluster = made.with_role("frame"), made.with_role("facts"), made.cluster
    clusters = frozenset(frame.columns[cluster].values.tolist())
    found = list(cluster_facts.fact_findings(frame, cluster))
    for parsed in facts:
        found += cluster_facts.fact_findings(parsed, cluster, clusters)
    for parsed in made.with_role("population"):
        found += cluster_facts.population_findings(parsed, made.panel, clusters, cluster)
    _check_merges(made.panel, clusters, made.study.id)
    stage_files.stop_on_errors(found, paths.private)
    made.tables["frame"] = cluster_facts.with_facts(frame, facts, made.dictionary, cluster)
    return clusters


def _check_merges(panel: PanelSeries, clusters: frozenset[str], study: str) -> None:
    toml = TomlFile(f"{study}/study.toml")
    for merge in panel.merge:
        toml.known(merge.clusters, clusters, "cluster", f"panel.merge.{merge.id}")


def _counted(made: _Made, clusters: frozenset[str], paths: folders.Paths) -> None:
    """Events laid into their clusters, and counted."""
    panel, cluster, files = made.panel, made.cluster, made.with_role("events")
    known = _known_names(made)
    codes, found = place_names.read_table(
        made.with_role("names")[0], panel.rows, cluster, known, clusters
    )
    placed = placed_events.place(files, panel, codes, clusters)
    made.findings += [*found, *placed.findings]
    stage_files.stop_on_errors(made.findings, paths.private)
    series = {p.file.layout: p for p in made.with_role("population")}
    own = pd.Series(sorted(clusters), index=sorted(clusters), dtype=object)
    events = placed.rows
    people = denominators.population(series, panel, own, cluster)
    made.tables["events"] = events
    made.tables["panel"] = unit_periods.by_year(events, people, panel, own, cluster)
    made.tables["months"] = unit_periods.by_month(events, people, panel, own, cluster)
    made.tables["merged"] = _merged(made, series, sorted(clusters))
    made.findings += _second_look(made)


def _known_names(made: _Made) -> place_names.PlaceCodes:
    frame, rows = made.tables["frame"], made.panel.rows
    treated = made.panel.treated
    columns = {treated.department: "department", treated.name: "name", made.cluster: "code"}
    coded = [place_names.code_texts(p, rows) for p in made.with_role("events")]
    with_codes = pd.concat(coded, ignore_index=True).dropna(subset=["code"])
    return place_names.PlaceCodes.of(frame.rename(columns=columns), with_codes)


def _merged(made: _Made, series: dict[str, Parsed], clusters: list[str]) -> pd.DataFrame:
    """Only the units that are several clusters; the whole panel has all others."""
    panel, cluster = made.panel, made.cluster
    units = denominators.merged_units(panel, clusters)
    people = denominators.population(series, panel, units, cluster)
    table = unit_periods.by_year(made.tables["events"], people, panel, units, cluster)
    several = [merge.clusters[0] for merge in panel.merge]
    return table[table[cluster].isin(several)].reset_index(drop=True)


def _second_look(made: _Made) -> list[Finding]:
    frame, panel, cluster = made.tables["frame"], made.panel, made.cluster
    table, events = made.tables["panel"], made.tables["events"]
    names = dict(zip(frame[cluster], frame[panel.treated.name], strict=True))
    return [
        *second_look.changes(table, panel, cluster),
        *second_look.largest_changes(table, panel, cluster, names),
        *second_look.largest_events(events, panel, names),
        *second_look.without_people(table, panel, cluster, names),
    ]


def _assigned(made: _Made, paths: folders.Paths) -> bool:
    """Who is treated, as a table of the private folder; whether a private list says so."""
    frame, study = made.tables["frame"], made.study
    (public,) = made.with_role("treated")
    file = public.file
    listed = treated_list.public_list(frame, _raw(file, paths).frame.astype("str"), public, study)
    found = list(listed.findings)
    if made.promise is not None and not found:
        table = treated_list.as_assigned(frame, listed, study)
        found += assignment_findings(table, study, made.promise, file)
    path = paths.private / folders.TREATED_LIST
    given = path.exists()
    if given:
        file, own = treated_list.given_entry(file), listed
        raw = {name: column.raw for name, column in public.columns.items()}
        places = treated_list.places_of(frame, study)
        listed = treated_list.listed(disk.read_frame(path), file, raw, study, places)
        found += [*listed.findings, *treated_list.against_public(listed, own, file, study)]
        made.tables["unnamed"] = treated_list.telling_names(listed.cohorts, own.cohorts, places)
    stage_files.stop_on_errors(found, paths.private)
    made.findings += found
    made.tables["assignment"] = treated_list.assignment(frame, listed, study, complete=given)
    return given


def _write(made: _Made, paths: folders.Paths, language: str, *, given: bool) -> None:
    """Write everything, the panel last: its presence says that every file beside it is complete."""
    study, tables = made.study, made.tables
    private = {folders.EVENTS: tables.pop("events"), folders.ASSIGNMENT: tables.pop("assignment")}
    if given:
        disk.write_frame(paths.private / folders.UNNAMED, tables.pop("unnamed"))
    for name, table in private.items():
        disk.write_frame(paths.private / name, marked(table, study))
    totals = [
        YearTotal(study=study.id, **row)
        for row in unit_periods.yearly_totals(private[folders.EVENTS]).to_dict(orient="records")
    ]
    disk.write_records(paths.build / TOTALS, totals, YearTotal, mark=study.mark)
    _write_findings(arranged(made.findings), study, paths, language, given=given)
    tables = {name: marked(table, study) for name, table in tables.items()}
    _write_listed(made, tables, paths)
    for name in sorted(tables, key=lambda table: table == "panel"):
        disk.write_frame(paths.clean / f"{name}.parquet", tables[name])


def _write_listed(made: _Made, tables: dict[str, pd.DataFrame], paths: folders.Paths) -> None:
    study, dictionary = made.study, made.dictionary
    listed = {name: tables[name] for name in LISTED}
    counts = {name: observed(table) for name, table in tables.items()}
    rows = codebook(counts, dictionary, None, study)
    with Staged(paths.clean) as staged:
        staged.add(CODEBOOK, file_content.written(rows, CodebookRow, mark=study.mark).encode())
        for name, table in listed.items():
            for file, part in csv_parts(table, dictionary, name=f"{name}.csv"):
                staged.add(file, part)
        staged.add(PACKAGE, datapackage(staged.contents(), listed, dictionary, None, study))
        staged.put_in_place()


def _write_findings(
    findings: Sequence[Finding],
    study: Study,
    paths: folders.Paths,
    language: str,
    *,
    given: bool,
) -> None:
    """All of them in the private folder; outside, with a private list, none about places."""
    disk.write_records(paths.private / "findings.csv", findings, Finding, mark="")
    seen = without_groups(findings) if study.blinded else tuple(findings)
    if given:
        seen = tuple(f for f in seen if f.rule not in KEPT_PRIVATE)
    disk.write_records(paths.build / "findings.csv", seen, Finding, mark=study.mark)
    page = findings_page.page(
        seen,
        title=f"{wording('findings.title', language)}: {study.title[language]}",
        mark=words.banner(study.mark, language),
        language=language,
    )
    disk.write_bytes(paths.build / "findings.html", page)


# With a private list: who knows which places are told, or what is wrong with the list, knows too
# much of it.
KEPT_PRIVATE = (
    *second_look.OF_PLACES,
    placed_events.UNPLACED,
    placed_events.OTHER_CODE.id,
    treated_list.OTHER_NUMBER.id,
)
