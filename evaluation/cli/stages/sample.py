"""Contacts, ages and weights for the stage `clean`: data and statistics brought together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from evaluation.analysis.design_weights import Sampled, build, check_weights
from evaluation.config import sampling
from evaluation.config.fieldwork_plan import BackcheckShare, FoundAgain
from evaluation.config.manifest import RawFile
from evaluation.config.plan import Specification
from evaluation.config.sampling import DispositionCount, ResponseRate, WeightCheck
from evaluation.config.study import Study
from evaluation.data.cleaning.clean import MISSING
from evaluation.data.cleaning.parse import Parsed
from evaluation.data.cleaning.response_rates import disposition_counts, response_rates
from evaluation.data.readers.read import RawTable
from evaluation.data.rules.backchecks import backcheck_shares
from evaluation.data.rules.contacts import (
    population_rows,
    sampled_flow,
    sampled_rows,
    sampled_units,
)
from evaluation.data.rules.design import weight_findings
from evaluation.data.rules.progress import found_again
from evaluation.data.rules.rule import Declared
from evaluation.estimation.records import Finding, Flow
from evaluation.estimation.regression.sample import first_weights
from evaluation.report.disclosure import is_small
from evaluation.report.record_set import FILES, kind_of
from evaluation.storage import disk
from evaluation.storage.folders import Paths

Shown = Literal["all", "public"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleFacts:
    """What is known of the sample beyond the interviews.

    Attributes
    ----------
    flows : tuple of Flow
        Sampled units, the first step of the sample flow.
    rates : dict
        Outcome rates, all of them and those that may leave the private folder.
    checks : tuple of WeightCheck
    findings : tuple of Finding
        About the weights as a whole, and about back-checks that fit no interview.
    dispositions : tuple of DispositionCount
        Sampled units by what became of them.
    again : tuple of FoundAgain
        Who of the baseline was interviewed in every round, by group and department.
    backcheck : tuple of BackcheckShare
    """

    flows: tuple[Flow, ...]
    rates: Mapping[Shown, tuple[ResponseRate, ...]]
    checks: tuple[WeightCheck, ...]
    findings: tuple[Finding, ...]
    dispositions: tuple[DispositionCount, ...] = ()
    again: tuple[FoundAgain, ...] = ()
    backcheck: tuple[BackcheckShare, ...] = ()


def with_weights(
    panel: pd.DataFrame,
    parsed: Mapping[str, Parsed],
    frames: Mapping[str, pd.DataFrame],
    declared: Declared,
) -> tuple[pd.DataFrame, dict[str, int]]:
    """The panel with weights built as the study declares; as it is where they are taken.

    Parameters
    ----------
    panel : DataFrame
        Linked rounds.
    parsed : mapping
        Files by round or role.
    frames : mapping
        Clean values by round or role.
    declared : Declared

    Returns
    -------
    DataFrame, dict of round id to int
        The panel, and how many weights stand at the bound where one is declared.

    Raises
    ------
    EstimationError
        They cannot be built; the message names the round.
    """
    study = declared.study
    table, weight = study.weights, study.columns.weight
    if table is None or weight is None:
        return panel, {}
    weights = np.full(len(panel), np.nan)
    n_cut: dict[str, int] = {}
    for round_id in study.rounds:
        rows = (panel["round"] == round_id).to_numpy(dtype=bool)
        units = sampled_rows(round_id, parsed, frames, declared)
        built = build(
            panel[rows],
            table,
            sampled=Sampled(rows=units[0], eligible=units[1]) if units else None,
            people=population_rows(round_id, frames, declared),
            where=f"weights of round {round_id}",
        )
        weights[rows] = built.weights
        if table.bound is not None:
            n_cut[round_id] = built.n_cut
    kinds = pd.array([None] * len(panel), dtype="str")
    return panel.assign(**{weight: weights, f"{weight}{MISSING}": kinds}), n_cut


def sample(
    panel: pd.DataFrame,
    parsed: Mapping[str, Parsed],
    declared: Declared,
    files: Sequence[RawFile],
    *,
    specification: Specification,
    n_cut: Mapping[str, int] | None = None,
    backchecks: Sequence[RawTable] = (),
) -> SampleFacts:
    """Sample flow before the interviews, outcome rates, weights, and who was asked again.

    ``declared`` holds the frame as later stages may see it; ``specification`` is the primary one,
    whose weights say what share of the people a loss is.

    Parameters
    ----------
    panel : DataFrame
        With weights.
    parsed : mapping
        Files by round or role.
    declared : Declared
        Its frame as later stages may see it.
    files : sequence of RawFile
        Of the manifest.
    specification : Specification
        The primary one, whose weights say what share of the people a loss is.
    n_cut : Mapping[str, int] or None
        Weights at the bound, by round.
    backchecks : sequence of RawTable
    """
    study, frame = declared.study, declared.frame
    checks = check_weights(panel, study, n_cut=n_cut)
    of_round = {file.round: file for file in files if file.round is not None}
    flows: tuple[Flow, ...] = ()
    dispositions: tuple[DispositionCount, ...] = ()
    rates: dict[Shown, tuple[ResponseRate, ...]] = {"all": (), "public": ()}
    if sampling.CONTACTS_ROLE in parsed:
        units = sampled_units(parsed[sampling.CONTACTS_ROLE], declared)
        flows = sampled_flow(units, study, frame)
        dispositions = disposition_counts(units, study, frame)
        rates = {
            "all": response_rates(units, study, frame, shown="all"),
            "public": response_rates(units, study, frame, shown="public"),
        }
    shares, misfits = backcheck_shares(backchecks, parsed, declared)
    weighed = weight_findings(checks, of_round, weight=study.columns.weight or "")
    return SampleFacts(
        flows=flows,
        rates=rates,
        checks=checks,
        findings=(*weighed, *misfits),
        dispositions=dispositions,
        again=found_again(panel, first_weights(panel, specification, study), study),
        backcheck=shares,
    )


def write_sample(found: SampleFacts, paths: Paths, study: Study) -> None:
    """Outcome rates and checks of weights: whole in the private folder, by the rule outside it.

    Counts that the rule has not been applied to yet stay in the private folder.

    Parameters
    ----------
    found : SampleFacts
    paths : Paths
        Folders of the study.
    study : Study
    """
    public = [c for c in found.checks if c.level != "cluster"]
    if not all(_is_open(c, study) for c in public):
        # one stratum that is missing could be worked out from the others
        public = [c for c in public if c.level == "all" and _is_open(c, study)]
    for folder, mark, checks, rates in (
        (paths.private, "", found.checks, found.rates["all"]),
        (paths.build, study.mark, public, found.rates["public"]),
    ):
        disk.write_records(folder / FILES["weight_checks"], checks, WeightCheck, mark=mark)
        disk.write_records(folder / FILES["response"], rates, ResponseRate, mark=mark)
    # whole counts in the private folder, which the exhibits show by the disclosure rule
    for name in ("dispositions", "again", "backcheck"):
        rows = getattr(found, name)
        disk.write_records(paths.build / FILES[name], rows, kind_of(name), mark="")


def _is_open(check: WeightCheck, study: Study) -> bool:
    return check.n > 0 and not is_small(check.n, check.n_clusters, study=study)
