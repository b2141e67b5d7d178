"""Notes under exhibits: model, weights, inference, Monte Carlo error, status, hashes.

A note begins with what it is about ("Model.", "Sample."), so that readers find the one they look
for. Each is generated from the plan and the records, so it cannot say what was not done.
"""

import math
from collections.abc import Collection, Sequence

from evaluation.report import disclosure, formats, words
from evaluation.report.level_rule import is_withheld
from evaluation.report.sources import Source
from evaluation.report.table import Row
from evaluation.report.words import ADJUSTMENTS, in_sentence, labelled
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.promise import Lock
from evaluation.spec.records import Estimate, Level


def provenance(source: Source, status: Sequence[str] = ()) -> tuple[str, ...]:
    """The plan's lock and the status of the rows, the hashes, and whether data are synthetic."""
    study, lock = source.configuration.study, source.configuration.promise.lock
    made_from = source.records.provenance
    plan = labelled(
        "Plan",
        *_locked(lock),
        f"Status of these rows: {'; '.join(sorted(set(status)))}." if status else "",
    )
    hashes = labelled(
        "Made from",
        f"Plan {formats.short_hash(made_from.plan_hash)}, data"
        f" {formats.short_hash(made_from.data_hash)}, version {made_from.version}.",
    )
    said = words.banner(study.mark, source.language)
    mark = (f"{said}.",) if said else ()
    return (plan, hashes, *mark)


def _locked(lock: Lock | None) -> tuple[str, ...]:
    if lock is None:
        return ("Not locked yet.",)
    seen = "after" if lock.endline_data_seen else "before"
    return (
        f"Registry: {lock.registry}.",
        f"Locked {lock.date.isoformat()}, {seen} endline data had been seen.",
    )


def citation(exhibit: Exhibit, source: Source) -> str:
    """A ready-made citation with the permanent id; the mark of invented data comes first."""
    study, made_from = source.configuration.study, source.records.provenance
    said = words.mark(study.mark, source.language)
    mark = f"[{said}] " if said else ""
    return (
        f"{mark}{study.citation.rstrip('.')}. {exhibit.id}: {exhibit.title[source.language]}."
        f" Version {made_from.version}, data {formats.short_hash(made_from.data_hash)}."
    )


def inference(source: Source, estimates: Sequence[Estimate]) -> str:
    """The step p-values and intervals come from, and its simulation error."""
    plan = source.plan.inference
    steps = {e.step for e in estimates}
    level = formats.percent(plan.level)
    said = []
    if steps & {"wcr", "wcr_s"}:
        said.append(
            f"p and {level} interval: wild cluster bootstrap"
            f"{' with jackknifed scores (WCR-S)' if 'wcr_s' in steps else ' (WCR)'}, null imposed,"
            f" {_draws(source, estimates)}"
        )
    if "ri" in steps:
        strata = plan.permutation_strata
        said.append(
            "Permutation: randomisation inference on the studentised statistic, at most"
            f" {plan.permutations:,} permutations of whole clusters"
            f"{f' inside {strata}' if strata else ''}; as if treatment had been drawn, and its"
            " interval for an effect that is the same everywhere."
            f" {_permuted_error(estimates)}"
        )
    if "cr2" in steps:
        said.append("CR2: bias-reduced standard errors, Satterthwaite degrees of freedom.")
    kinds = sorted({e.ci_kind for e in estimates})
    return labelled("Inference", *said, f"Kind of interval: {'; '.join(kinds)}.")


def _draws(source: Source, estimates: Sequence[Estimate]) -> str:
    """How many draws were taken of which law, or that all sign vectors were."""
    plan = source.plan.inference
    made = [e for e in estimates if e.step in ("wcr", "wcr_s")]
    # As the bootstrap decides: never for the six-point law, else where 2^G is not more than asked.
    # Draws are shared, so an outcome that misses clusters of a larger study has few and still errs.
    whole = [
        plan.weights_kind == "rademacher"
        and 2 ** (e.n_clusters_treated + e.n_clusters_comparison) <= plan.draws
        and _is_exact(e)
        for e in made
    ]
    if made and all(whole):
        return "all vectors of signs instead of draws (complete enumeration): no simulation error."
    few = " (all vectors of signs, without simulation error, where they are fewer)"
    return (
        f"{plan.draws:,} {plan.weights_kind.capitalize()} draws{few if any(whole) else ''}."
        f" {_monte_carlo(made)}"
    )


def _permuted_error(estimates: Sequence[Estimate]) -> str:
    """Simulation error of randomisation inference, or that all assignments were enumerated."""
    made = [e for e in estimates if e.step == "ri"]
    if all(_is_exact(e) for e in made):
        return "All assignments (complete enumeration): no simulation error."
    return _monte_carlo(made)


def _is_exact(estimate: Estimate) -> bool:
    """Whether neither p nor a bound was simulated."""
    return not (estimate.mc_error or estimate.ci_low_mc_error or estimate.ci_high_mc_error)


def _monte_carlo(estimates: Sequence[Estimate]) -> str:
    on_p = max(e.mc_error for e in estimates)
    in_sd = [
        max(e.ci_low_mc_error, e.ci_high_mc_error) / e.std_error
        for e in estimates
        if e.std_error > 0
    ]
    on_bounds = max((x for x in in_sd if math.isfinite(x)), default=0.0)
    return (
        f"Monte Carlo standard error: at most {on_p:.4f} on p and {on_bounds:.3f} standard errors"
        " on a bound."
    )


def adjustments(estimates: Sequence[Estimate]) -> tuple[str, ...]:
    """How adjusted p was computed, family by family."""
    used = sorted({e.adjustment for e in estimates} - {"none"}, reverse=True)
    if not used:
        return ()
    bare = any(e.adjustment == "none" for e in estimates)
    return (
        labelled(
            "Adjusted p",
            f"{'; '.join(_adjustment(name) for name in used)}.",
            "Rows without one are not adjusted by the plan." if bare else "",
        ),
    )


def _adjustment(name: str) -> str:
    return ADJUSTMENTS[name].en if name in ADJUSTMENTS else name


def jackknife() -> str:
    """What the CV3 columns are."""
    return labelled(
        "CV3",
        "Standard error (SE) of the cluster jackknife, with its own t(G \N{MINUS SIGN} 1) interval,"
        " for readers who compute estimate \N{PLUS-MINUS SIGN} 2 standard errors.",
    )


def sharpened() -> str:
    """What sharpened q is, and what surprises readers about it."""
    return labelled(
        "Sharpened q",
        "The smallest share of false discoveries at which an outcome would count as one (Anderson"
        " 2008, two stages). Where many outcomes of a family stand out it can be smaller than p.",
    )


def simultaneous() -> str:
    """What the simultaneous interval covers."""
    return labelled(
        "Simultaneous interval",
        "Max-t: all intervals of the primary outcomes cover at once at this level; widened where"
        " the interval of one outcome by itself reaches further. It may hold zero where that one"
        " does not.",
    )


def detectable(*, printed: Collection[str]) -> tuple[str, ...]:
    """The MDEs told apart, and the errors of significant estimates, as far as they are printed."""
    said = [
        labelled(
            "MDE",
            "Realised: 2.8 \N{MULTIPLICATION SIGN} the standard error that the statistic is divided"
            " by, the effect that this estimate had 80% power to detect.",
            "Design: the closed form for equally weighted clusters and fresh cross-sections, at the"
            " observed intra-cluster correlation (ICC) and cluster autocorrelation."
            if "design_mde" in printed
            else "",
        )
    ]
    if "type_s" in printed:
        said.append(
            labelled(
                "Type S and M",
                "At the assumed effect in planning, if it is true: the chance that an estimate that"
                " differs from zero in a 5% test has the wrong sign (S), and the factor by which"
                " such estimates exaggerate it on average (M).",
            )
        )
    return tuple(said)


def signs() -> str:
    """The sign convention."""
    return labelled(
        "Signs",
        "Effects keep the sign of their own unit: + is more of what the outcome measures, whether"
        " or not that is desired. pp: percentage points, the difference of two percentages; not"
        " percent.",
    )


def in_downloads(labels: Sequence[str]) -> tuple[str, ...]:
    """Which columns only the downloads have."""
    return (labelled("Downloads", f"They also hold: {'; '.join(labels)}."),) if labels else ()


def suppressed(source: Source, rows: Sequence[Row]) -> tuple[str, ...]:
    """The disclosure rule, where it withheld a cell of these rows."""
    if not any(cell.kind == "suppressed" for row in rows for cell in row.cells):
        return ()
    return (disclosure.rule_note(source.configuration.study, source.language),)


def sample_sizes(source: Source, levels: Sequence[Level]) -> str:
    """Interviews and clusters by group and round: a range where outcomes differ."""
    study = source.configuration.study
    outcomes = {outcome.id: outcome for outcome in source.plan.outcome}
    parts = []
    for arm in study.arm:
        rounds = []
        for round_ in study.round:
            cell = [
                x
                for x in levels
                if (x.arm, x.round) == (arm.id, round_.id)
                and not is_withheld(source, outcomes[x.outcome], x)
            ]
            if cell:
                name = in_sentence(source.round_name(round_.id))
                clusters = _span([x.n_clusters for x in cell])
                rounds.append(f"{name} {_span([x.n for x in cell])} ({clusters})")
        if rounds:
            parts.append(f"{source.arm(arm.id)}: {', '.join(rounds)}.")
    lead = f"Interviews (and {study.names.clusters[source.language]}), over the outcomes shown."
    return labelled("Sample", lead, *parts)


def _span(values: Sequence[int]) -> str:
    low, high = formats.count(min(values)), formats.count(max(values))
    return low if low == high else f"{low} to {high}"


def verdict_rule() -> str:
    """The verdict rule in words."""
    return labelled(
        "Verdict",
        "From the interval and the smallest effect that matters. Effect detected: the interval"
        " excludes zero and reaches effects that matter. Detected but smaller than matters: it"
        " excludes zero and holds only smaller effects. Meaningful effect ruled out: it includes"
        " zero and holds only smaller effects. Inconclusive: it includes zero and effects that"
        " matter; this does not say that nothing happened.",
    )
