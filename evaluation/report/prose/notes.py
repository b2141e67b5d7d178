"""Notes under exhibits: model, weights, inference, Monte Carlo error, status, hashes.

A note begins with what it is about ("Model.", "Sample."), so that readers find the one they look
for. Each is generated from the plan and the records, so it cannot say what was not done.
"""

import math
from collections.abc import Collection, Iterable, Sequence

from evaluation.config.dependency_scope import CONSENT
from evaluation.config.plan import Outcome, Specification
from evaluation.config.preregistration import Lock
from evaluation.estimation.records import Diagnostic, Estimate, Level, Status
from evaluation.locale.messages import wording
from evaluation.report.disclosure import rounded_interviews
from evaluation.report.formats import number_format, words
from evaluation.report.formats.words import begun, in_sentence, labelled
from evaluation.report.prose.conclusions import SIMULTANEOUS
from evaluation.report.sources import Source, diagnostic
from evaluation.report.table_disclosure import given_away_by_sums


def status(source: Source, found: Iterable[Status]) -> tuple[str, ...]:
    """The status of the rows in the plan; nothing where they have none."""
    language = source.language
    named = "; ".join(words.status(s, language) for s in sorted(set(found)))
    return (labelled(wording("note.status", language), f"{begun(named)}."),) if named else ()


def provenance(source: Source) -> tuple[str, ...]:
    """The plan's lock, the hashes, and whether data are synthetic."""
    study, lock = source.configuration.study, source.configuration.preregistration.lock
    language, made_from = source.language, source.records.provenance
    plan = labelled(
        wording("note.plan", language),
        *_locked(lock, language, "-panel" if study.panel is not None else ""),
    )
    hashes = wording(
        "note.hashes",
        language,
        plan=number_format.short_hash(made_from.plan_hash),
        data=number_format.short_hash(made_from.data_hash),
        version=made_from.version,
    )
    said = words.banner(study.mark, language)
    mark = (f"{said}.",) if said else ()
    return (plan, labelled(wording("note.made-from", language), hashes), *mark)


def _locked(lock: Lock | None, language: str, of_panel: str) -> tuple[str, ...]:
    if lock is None:
        return (wording("note.not-locked", language),)
    locked = f"note.locked-{'after' if lock.endline_data_seen else 'before'}{of_panel}"
    return (
        wording("note.registry", language, registry=words.registry(lock.registry, language)),
        wording(locked, language, date=number_format.date(lock.date, language)),
    )


def inference(source: Source, found: Iterable[object]) -> tuple[str, ...]:
    """The step p-values and intervals come from with its simulation error, and their kinds.

    Parameters
    ----------
    source : Source
    found : iterable
        Records; nothing is said where no estimate is among them.
    """
    estimates = [x for x in found if isinstance(x, Estimate)]
    if not estimates:
        return ()
    language = source.language
    steps = {e.step for e in estimates}
    said = []
    if steps & {"wcr", "wcr_s"}:
        name = "wcr_s" if "wcr_s" in steps else "wcr"
        level = number_format.percent(source.plan.inference.level, language)
        draws = _draws(source, estimates)
        said.append(wording(f"note.bootstrap.{name}", language, level=level, draws=draws))
    if "ri" in steps:
        said.append(_permuted(source, estimates))
    if "cr2" in steps:
        said.append(wording("note.bias-reduced", language))
    kinds = "; ".join(
        kind.text(language) for kind in sorted({e.ci_kind for e in estimates}, key=str)
    )
    return (
        labelled(wording("note.inference", language), *said),
        labelled(wording("note.kinds", language), f"{begun(kinds)}."),
    )


def _permuted(source: Source, estimates: Sequence[Estimate]) -> str:
    plan, language = source.plan.inference, source.language
    strata = plan.permutation_strata
    return wording(
        "note.permuted-inside" if strata else "note.permuted",
        language,
        n=number_format.count(plan.permutations, language),
        strata=source.variable(strata) if strata else "",
        error=_permuted_error(estimates, language),
    )


def _draws(source: Source, estimates: Sequence[Estimate]) -> str:
    """How many draws were taken of which law, or that all sign vectors were."""
    plan, language = source.plan.inference, source.language
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
        return wording("note.all-signs", language)
    return wording(
        "note.draws-or-signs" if any(whole) else "note.draws",
        language,
        n=number_format.count(plan.draws, language),
        law=plan.weights_kind.capitalize(),
        error=_monte_carlo(made, language),
    )


def _permuted_error(estimates: Sequence[Estimate], language: str) -> str:
    """Simulation error of randomisation inference, or that all assignments were enumerated."""
    made = [e for e in estimates if e.step == "ri"]
    if all(_is_exact(e) for e in made):
        return wording("note.all-assignments", language)
    return _monte_carlo(made, language)


def _is_exact(estimate: Estimate) -> bool:
    """Whether neither p nor a bound was simulated."""
    return not (estimate.mc_error or estimate.ci_low_mc_error or estimate.ci_high_mc_error)


def _monte_carlo(estimates: Sequence[Estimate], language: str) -> str:
    """The largest simulation errors, rounded up."""
    on_p = max(e.mc_error for e in estimates)
    in_sd = [
        max(e.ci_low_mc_error, e.ci_high_mc_error) / e.std_error
        for e in estimates
        if e.std_error > 0
    ]
    on_bounds = max((x for x in in_sd if math.isfinite(x)), default=0.0)
    return wording(
        "note.monte-carlo",
        language,
        p=number_format.plain(_rounded_up(on_p, 3), 3, language),
        bounds=number_format.plain(_rounded_up(on_bounds, 2), 2, language),
    )


def _rounded_up(value: float, decimals: int) -> float:
    return math.ceil(round(value * 10**decimals, 9)) / 10**decimals


def adjustments(estimates: Sequence[Estimate], language: str) -> tuple[str, ...]:
    """Of which test p is where the interval is simultaneous, and over which outcomes q is."""
    used = sorted({e.adjustment for e in estimates} - {"none"})
    at_once = [name for name in used if name in SIMULTANEOUS]
    over = [name for name in used if name not in SIMULTANEOUS]
    bare = any(e.adjustment == "none" for e in estimates)
    said = []
    if at_once:
        how = "; ".join(words.adjustment(name, language) for name in at_once)
        said.append(wording("note.p-at-once", language, how=how))
    if over:
        how = "; ".join(words.adjustment(name, language) for name in over)
        rest = wording("note.not-adjusted", language) if bare else ""
        said.append(labelled(wording("note.q", language), f"{how}.", rest))
    return tuple(said)


def jackknife(language: str) -> str:
    """What the CV3 columns are."""
    return labelled(wording("note.cv3", language), wording("note.jackknife", language))


def sharpened(language: str) -> str:
    """What sharpened q is, and what surprises readers about it."""
    return labelled(wording("note.sharpened", language), wording("note.smallest-share", language))


def simultaneous(language: str) -> str:
    """What the simultaneous interval covers, and what stands beside it."""
    label = wording("note.simultaneous", language)
    return labelled(label, wording("note.simultaneous-covers", language))


def detectable(
    estimates: Iterable[Estimate], language: str, *, printed: Collection[str]
) -> tuple[str, ...]:
    """The MDEs told apart, and the errors of significant estimates, as far as they are printed."""
    designed = wording("note.designed", language) if "closed_form_mde" in printed else ""
    permuted = any(e.step == "ri" for e in estimates)
    spread = wording("note.realised-permuted", language) if permuted else ""
    said = [
        labelled(
            wording("note.mde", language), wording("note.realised", language), spread, designed
        )
    ]
    if "type_s" in printed:
        said.append(labelled(wording("note.types", language), wording("note.wrong-sign", language)))
    return tuple(said)


def icc(source: Source, estimates: Iterable[Estimate]) -> tuple[str, ...]:
    """What an intra-cluster correlation below zero is, where one is."""
    found = (diagnostic(source, estimate, "icc") for estimate in estimates)
    if not any(isinstance(one, Diagnostic) and one.value < 0 for one in found):
        return ()
    language = source.language
    return (labelled(wording("note.icc", language), wording("note.below-zero", language)),)


def signs(language: str) -> str:
    """The sign convention."""
    return labelled(wording("note.signs", language), wording("note.sign", language))


def in_downloads(labels: Sequence[str], language: str) -> tuple[str, ...]:
    """Which columns only the downloads have."""
    said = wording("note.also-hold", language, columns="; ".join(labels))
    return (labelled(wording("note.downloads", language), said),) if labels else ()


def sample_sizes(source: Source, levels: Sequence[Level]) -> str:
    """Interviews and clusters by group and round: a range where outcomes differ.

    Outcomes that rest on a filter question stand apart, so that their few interviews neither hide
    in the range of the others nor widen it.
    """
    study, language = source.configuration.study, source.language
    told = given_away_by_sums(source)
    levels = [x for x in levels if x.outcome not in told]
    asked = {x.outcome: source.outcome(x.outcome) for x in levels}
    some = [o for o in asked.values() if is_filtered(source, o)]
    if len(some) == len(asked):
        some = []
    apart = {outcome.id for outcome in some}
    parts = _sizes(source, [x for x in levels if x.outcome not in apart])
    for outcome in some:
        sizes = _sizes(source, [x for x in levels if x.outcome == outcome.id])
        lead = wording("note.filtered", language, outcome=outcome.label[language])
        parts.append(" ".join((lead, *sizes)))
    lead = wording("note.sampled", language, clusters=study.names.clusters[language])
    return labelled(wording("note.sample", language), lead, *parts)


def is_filtered(source: Source, outcome: Outcome) -> bool:
    """Whether each question of the outcome is asked after a certain answer to another only."""
    variables = source.configuration.dictionary.variables
    made_from = {o.id: o for o in source.plan.outcome}

    def rests(name: str) -> bool:
        if name in made_from and name != outcome.id:
            return is_filtered(source, made_from[name])
        rule = variables[name].asked_if if name in variables else None
        return rule is not None and rule.variable != CONSENT

    return bool(outcome.items) and all(rests(item.name) for item in outcome.items)


def _sizes(source: Source, levels: Sequence[Level]) -> list[str]:
    """A sentence for each group: interviews and clusters by round."""
    study, language = source.configuration.study, source.language
    parts = []
    for arm in study.arm:
        rounds = []
        for round_ in study.round:
            cell = [
                x
                for x in levels
                if (x.arm, x.round) == (arm.id, round_.id) and math.isfinite(x.mean)
            ]
            if cell:
                name = in_sentence(source.round_name(round_.id))
                clusters = number_format.span([x.n_clusters for x in cell], language)
                sizes = [rounded_interviews(x.n, study.minimum_cell) for x in cell]
                rounds.append(f"{name} {number_format.span(sizes, language)} ({clusters})")
        if rounds:
            parts.append(f"{source.arm(arm.id)}: {', '.join(rounds)}.")
    return parts


def condition(specifications: Iterable[Specification], language: str) -> tuple[str, ...]:
    """What a difference of two changes needs to be the effect; nothing for other methods."""
    if all(s.method != "did" for s in specifications):
        return ()
    return (labelled(wording("note.condition", language), wording("note.changed-alike", language)),)


def conclusion_rule(language: str) -> str:
    """The rule of conclusions in words."""
    return labelled(wording("note.conclusion", language), wording("note.conclusion-rule", language))
