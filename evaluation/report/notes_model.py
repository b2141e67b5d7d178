"""Notes on the model behind a table: what is compared with what, on whom, with which weights."""

from collections.abc import Sequence
from typing import Literal

from evaluation.report.sources import Source
from evaluation.report.words import begun, in_sentence, labelled
from evaluation.spec.plan import Specification


def models(source: Source, specifications: Sequence[Specification]) -> tuple[str, ...]:
    """What was regressed on what, with which weights, and the level of clustering.

    One note per specification; each names its own where there are several.
    """
    names = source.configuration.study.names
    said = []
    for specification in specifications:
        name = f"{specification.label.en}:" if len(specifications) > 1 else ""
        parts = (
            _design(source, specification),
            _sample(specification),
            weights_in_words(source, specification),
            f"standard errors clustered by {names.cluster.en}",
        )
        text = "; ".join(parts)
        said.append(labelled("Model", name, f"{text if name else begun(text)}."))
    return tuple(said)


def _design(source: Source, specification: Specification) -> str:
    cluster = source.configuration.study.names.cluster.en
    contrast = " to ".join(in_sentence(source.round_name(r)) for r in specification.contrast)
    design = {
        "did": f"difference-in-differences, {contrast}, {cluster} and round fixed effects",
        "ancova": "regression of the later outcome on treatment and the baseline value",
    }[specification.method]
    extra = [
        *([f"{', '.join(specification.effects)} dummies"] if specification.effects else []),
        *(
            [f"covariates {', '.join(specification.covariates)}"]
            if specification.covariates
            else []
        ),
        *(
            [f"other treatments held fixed: {_treatments(source, specification)}"]
            if specification.adjust_treatments
            else []
        ),
    ]
    return "; ".join([design, *extra])


def groups(
    source: Source,
    specification: Specification,
    *,
    baseline: Literal["untreated", "all comparison"],
) -> tuple[str, ...]:
    """Which arms are compared, where there are more than two."""
    study = source.configuration.study
    if len(study.arm) == 2:
        return ()
    treated = study.arms_with(specification.treatment)
    others = [a.id for a in study.arm if a.id not in treated]
    named = [", ".join(source.arm(a) for a in arms) for arms in (treated, others)]
    pure = ", ".join(source.arm(a) for a in study.arms_without_any())
    return (
        labelled(
            "Groups",
            f"Treatment: {named[0]}. Comparison: {named[1]}.",
            f"The baseline mean and SD are of {study.names.clusters.en} in: {pure}; the counts of"
            f" comparison {study.names.clusters.en} are of all named under comparison."
            if baseline == "untreated"
            else "",
        ),
    )


def _treatments(source: Source, specification: Specification) -> str:
    labels = {t.id: t.label[source.language] for t in source.configuration.study.treatment}
    return ", ".join(labels[t] for t in specification.adjust_treatments)


def _sample(specification: Specification) -> str:
    return {
        "all": "all valid interviews",
        "panel_members": "respondents interviewed in both rounds",
    }[specification.sample]


def weights_in_words(source: Source, specification: Specification) -> str:
    """Design weights, and what counts the same under the estimand."""
    names = source.configuration.study.names
    given = specification.weights
    design = {
        "none": "without design weights",
    }.get(given, f"weights: {in_sentence(_weight_name(source, given))}")
    scaled = {
        "equal": f"each {names.cluster.en} counts the same in each round",
        "population": f"each {names.cluster.en} counts by its population in each round",
        "respondents": "each interview counts "
        + ("the same" if given == "none" else "by its weight"),
    }[specification.estimand]
    return f"{design}, {scaled}"


def _weight_name(source: Source, given: str) -> str:
    name = given.removeprefix("inverse:")
    variables = source.configuration.dictionary.variables
    label = variables[name].label[source.language] if name in variables else name
    return f"one over {label[0].lower()}{label[1:]}" if given != name else label
