"""Notes on the model behind a table: what is compared with what, on whom, with which weights."""

from collections.abc import Iterable, Sequence
from typing import Literal

from evaluation.report import model_words as said_of
from evaluation.report.sources import Source
from evaluation.report.words import begun, in_sentence, labelled
from evaluation.spec.plan import Specification


def models(source: Source, specifications: Sequence[Specification]) -> tuple[str, ...]:
    """What was regressed on what, with which weights, and the level of clustering.

    One note per specification; each names its own where there are several.
    """
    language = source.language
    cluster = source.configuration.study.names.cluster[language]
    notes = []
    for specification in specifications:
        parts = (
            _design(source, specification),
            said_of.SAMPLES[specification.sample][language],
            weights_in_words(source, specification),
            said_of.CLUSTERED[language].format(cluster=cluster),
        )
        text = "; ".join(parts)
        note = (
            said_of.NAMED[language].format(name=specification.label[language], text=text)
            if len(specifications) > 1
            else said_of.BARE[language].format(text=begun(text))
        )
        notes.append(labelled(said_of.MODEL[language], note))
    return tuple(notes)


def _design(source: Source, specification: Specification) -> str:
    language = source.language
    rounds = [in_sentence(source.round_name(r)) for r in specification.contrast]
    design = said_of.DESIGNS[specification.method][language].format(
        contrast=said_of.TO[language].join(rounds),
        cluster=source.configuration.study.names.cluster[language],
    )
    extra = [
        template[language].format(names=", ".join(names))
        for template, names in (
            (said_of.DUMMIES, [source.variable(v) for v in specification.effects]),
            (said_of.COVARIATES, [source.variable(v) for v in specification.covariates]),
            (said_of.HELD_FIXED, _treatments(source, specification.adjust_treatments)),
        )
        if names
    ]
    return "; ".join([design, *extra])


def groups(
    source: Source,
    specification: Specification,
    *,
    baseline: Literal["untreated", "all comparison"],
) -> tuple[str, ...]:
    """Which arms are compared, where there are more than two."""
    study, language = source.configuration.study, source.language
    if len(study.arm) == 2:
        return ()
    treated = study.arms_with(specification.treatment)
    others = [a.id for a in study.arm if a.id not in treated]
    compared = said_of.COMPARED[language].format(
        treated=", ".join(source.arm(a) for a in treated),
        others=", ".join(source.arm(a) for a in others),
    )
    untreated = said_of.UNTREATED[language].format(
        clusters=study.names.clusters[language],
        pure=", ".join(source.arm(a) for a in study.arms_without_any()),
    )
    rest = untreated if baseline == "untreated" else ""
    return (labelled(said_of.GROUPS[language], compared, rest),)


def _treatments(source: Source, chosen: Iterable[str]) -> list[str]:
    labels = {t.id: t.label[source.language] for t in source.configuration.study.treatment}
    return [labels[t] for t in chosen]


def weights_in_words(source: Source, specification: Specification) -> str:
    """Design weights, and what counts the same under the estimand."""
    language, given = source.language, specification.weights
    design = (
        said_of.NO_WEIGHTS[language]
        if given == "none"
        else said_of.WEIGHTS[language].format(name=in_sentence(_weight_name(source, given)))
    )
    template = (
        said_of.SAME_INTERVIEWS
        if (specification.estimand, given) == ("respondents", "none")
        else said_of.SCALED[specification.estimand]
    )
    cluster = source.configuration.study.names.cluster[language]
    scaled = template[language].format(cluster=cluster)
    return said_of.WEIGHTED[language].format(design=design, scaled=scaled)


def _weight_name(source: Source, given: str) -> str:
    name = given.removeprefix("inverse:")
    variables = source.configuration.dictionary.variables
    label = variables[name].label[source.language] if name in variables else name
    if given == name:
        return label
    return said_of.ONE_OVER[source.language].format(name=in_sentence(label))
