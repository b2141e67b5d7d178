"""Notes under exhibits: model, weights, inference, Monte Carlo error, status, hashes.

A note begins with what it is about ("Model.", "Sample."), so that readers find the one they look
for. Each is generated from the plan and the records, so it cannot say what was not done.
"""

import math
from collections.abc import Collection, Iterable, Sequence

from evaluation.locale.messages import message
from evaluation.report import formats, note_words, words
from evaluation.report.conclusions import SIMULTANEOUS
from evaluation.report.disclosure import rounded_interviews
from evaluation.report.disclosure_pass import sums_tell
from evaluation.report.sources import Source, diagnostic
from evaluation.report.words import in_sentence, labelled
from evaluation.spec.plan import Outcome, Specification
from evaluation.spec.promise import Lock
from evaluation.spec.reach import CONSENT
from evaluation.spec.records import Diagnostic, Estimate, Level, Status


def provenance(source: Source, status: Sequence[Status] = ()) -> tuple[str, ...]:
    """The plan's lock and the status of the rows, the hashes, and whether data are synthetic."""
    study, lock = source.configuration.study, source.configuration.promise.lock
    language, made_from = source.language, source.records.provenance
    named = "; ".join(words.status(s, language) for s in sorted(set(status)))
    plan = labelled(
        note_words.PLAN[language],
        *_locked(lock, language),
        note_words.STATUS[language].format(statuses=named) if named else "",
    )
    hashes = note_words.HASHES[language].format(
        plan=formats.short_hash(made_from.plan_hash),
        data=formats.short_hash(made_from.data_hash),
        version=made_from.version,
    )
    said = words.banner(study.mark, language)
    mark = (f"{said}.",) if said else ()
    return (plan, labelled(note_words.MADE_FROM[language], hashes), *mark)


def _locked(lock: Lock | None, language: str) -> tuple[str, ...]:
    if lock is None:
        return (note_words.NOT_LOCKED[language],)
    locked = note_words.LOCKED_AFTER if lock.endline_data_seen else note_words.LOCKED_BEFORE
    return (
        note_words.REGISTRY[language].format(registry=words.registry(lock.registry, language)),
        locked[language].format(date=formats.date(lock.date, language)),
    )


def inference(source: Source, estimates: Sequence[Estimate]) -> str:
    """The step p-values and intervals come from, and its simulation error."""
    language = source.language
    steps = {e.step for e in estimates}
    said = []
    if steps & {"wcr", "wcr_s"}:
        name: note_words.Bootstrap = "wcr_s" if "wcr_s" in steps else "wcr"
        level = formats.percent(source.plan.inference.level, language)
        draws = _draws(source, estimates)
        said.append(note_words.BOOTSTRAPS[name][language].format(level=level, draws=draws))
    if "ri" in steps:
        said.append(_permuted(source, estimates))
    if "cr2" in steps:
        said.append(note_words.BIAS_REDUCED[language])
    kinds = "; ".join(
        kind.text(language) for kind in sorted({e.ci_kind for e in estimates}, key=str)
    )
    return labelled(
        note_words.INFERENCE[language], *said, note_words.KINDS[language].format(kinds=kinds)
    )


def _permuted(source: Source, estimates: Sequence[Estimate]) -> str:
    plan, language = source.plan.inference, source.language
    strata = plan.permutation_strata
    return (note_words.PERMUTED_INSIDE if strata else note_words.PERMUTED)[language].format(
        n=formats.count(plan.permutations, language),
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
        return note_words.ALL_SIGNS[language]
    return (note_words.DRAWS_OR_SIGNS if any(whole) else note_words.DRAWS)[language].format(
        n=formats.count(plan.draws, language),
        law=plan.weights_kind.capitalize(),
        error=_monte_carlo(made, language),
    )


def _permuted_error(estimates: Sequence[Estimate], language: str) -> str:
    """Simulation error of randomisation inference, or that all assignments were enumerated."""
    made = [e for e in estimates if e.step == "ri"]
    if all(_is_exact(e) for e in made):
        return note_words.ALL_ASSIGNMENTS[language]
    return _monte_carlo(made, language)


def _is_exact(estimate: Estimate) -> bool:
    """Whether neither p nor a bound was simulated."""
    return not (estimate.mc_error or estimate.ci_low_mc_error or estimate.ci_high_mc_error)


def _monte_carlo(estimates: Sequence[Estimate], language: str) -> str:
    on_p = max(e.mc_error for e in estimates)
    in_sd = [
        max(e.ci_low_mc_error, e.ci_high_mc_error) / e.std_error
        for e in estimates
        if e.std_error > 0
    ]
    on_bounds = max((x for x in in_sd if math.isfinite(x)), default=0.0)
    return note_words.MONTE_CARLO[language].format(
        p=formats.plain(on_p, 4, language), bounds=formats.plain(on_bounds, 3, language)
    )


def adjustments(estimates: Sequence[Estimate], language: str) -> tuple[str, ...]:
    """Of which test p is where the interval is simultaneous, and over which outcomes q is."""
    used = sorted({e.adjustment for e in estimates} - {"none"})
    at_once = [name for name in used if name in SIMULTANEOUS]
    over = [name for name in used if name not in SIMULTANEOUS]
    bare = any(e.adjustment == "none" for e in estimates)
    said = []
    if at_once:
        how = "; ".join(words.adjustment(name, language) for name in at_once)
        said.append(message("note.p-at-once", language, how=how))
    if over:
        how = "; ".join(words.adjustment(name, language) for name in over)
        rest = note_words.NOT_ADJUSTED[language] if bare else ""
        said.append(labelled(message("note.q", language), f"{how}.", rest))
    return tuple(said)


def jackknife(language: str) -> str:
    """What the CV3 columns are."""
    return labelled(note_words.CV3[language], note_words.JACKKNIFE[language])


def sharpened(language: str) -> str:
    """What sharpened q is, and what surprises readers about it."""
    return labelled(note_words.SHARPENED[language], note_words.SMALLEST_SHARE[language])


def simultaneous(language: str) -> str:
    """What the simultaneous interval covers, and what stands beside it."""
    label = message("note.simultaneous", language)
    return labelled(label, message("note.simultaneous-covers", language))


def detectable(
    estimates: Iterable[Estimate], language: str, *, printed: Collection[str]
) -> tuple[str, ...]:
    """The MDEs told apart, and the errors of significant estimates, as far as they are printed."""
    designed = note_words.DESIGNED[language] if "closed_form_mde" in printed else ""
    permuted = any(e.step == "ri" for e in estimates)
    spread = message("note.realised-permuted", language) if permuted else ""
    said = [labelled(note_words.MDE[language], note_words.REALISED[language], spread, designed)]
    if "type_s" in printed:
        said.append(labelled(note_words.TYPES[language], note_words.WRONG_SIGN[language]))
    return tuple(said)


def icc(source: Source, estimates: Iterable[Estimate]) -> tuple[str, ...]:
    """What an intra-cluster correlation below zero is, where one is."""
    found = (diagnostic(source, estimate, "icc") for estimate in estimates)
    if not any(isinstance(one, Diagnostic) and one.value < 0 for one in found):
        return ()
    language = source.language
    return (labelled(note_words.ICC[language], note_words.BELOW_ZERO[language]),)


def signs(language: str) -> str:
    """The sign convention."""
    return labelled(note_words.SIGNS[language], note_words.SIGN[language])


def in_downloads(labels: Sequence[str], language: str) -> tuple[str, ...]:
    """Which columns only the downloads have."""
    said = note_words.ALSO_HOLD[language].format(columns="; ".join(labels))
    return (labelled(note_words.DOWNLOADS[language], said),) if labels else ()


def sample_sizes(source: Source, levels: Sequence[Level]) -> str:
    """Interviews and clusters by group and round: a range where outcomes differ.

    Outcomes that rest on a filter question stand apart, so that their few interviews neither hide
    in the range of the others nor widen it.
    """
    study, language = source.configuration.study, source.language
    told = sums_tell(source)
    levels = [x for x in levels if x.outcome not in told]
    asked = {x.outcome: source.outcome(x.outcome) for x in levels}
    some = [o for o in asked.values() if is_filtered(source, o)]
    if len(some) == len(asked):
        some = []
    apart = {outcome.id for outcome in some}
    parts = _sizes(source, [x for x in levels if x.outcome not in apart])
    for outcome in some:
        sizes = _sizes(source, [x for x in levels if x.outcome == outcome.id])
        lead = note_words.FILTERED[language].format(outcome=outcome.label[language])
        parts.append(" ".join((lead, *sizes)))
    lead = note_words.SAMPLED[language].format(clusters=study.names.clusters[language])
    return labelled(note_words.SAMPLE[language], lead, *parts)


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
                clusters = _span([x.n_clusters for x in cell], language)
                sizes = [rounded_interviews(x.n, study.minimum_cell) for x in cell]
                rounds.append(f"{name} {_span(sizes, language)} ({clusters})")
        if rounds:
            parts.append(f"{source.arm(arm.id)}: {', '.join(rounds)}.")
    return parts


def _span(values: Sequence[int], language: str) -> str:
    low, high = (formats.count(x, language) for x in (min(values), max(values)))
    return low if low == high else note_words.SPAN[language].format(low=low, high=high)


def condition(specifications: Iterable[Specification], language: str) -> tuple[str, ...]:
    """What a difference of two changes needs to be the effect; nothing for other methods."""
    if all(s.method != "did" for s in specifications):
        return ()
    return (labelled(note_words.CONDITION[language], note_words.CHANGED_ALIKE[language]),)


def conclusion_rule(language: str) -> str:
    """The rule of conclusions in words."""
    return labelled(message("note.conclusion", language), message("note.conclusion-rule", language))
