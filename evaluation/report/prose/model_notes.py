"""Notes on the model behind a table: what is compared with what, on whom, with which weights."""

from collections.abc import Iterable, Sequence
from typing import Literal

from evaluation.locale.messages import wording
from evaluation.report.formats.words import begun, in_sentence, labelled
from evaluation.report.sources import Source
from evaluation.study.plan import Specification


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
            wording(f"model.sample.{specification.sample}", language),
            weights_in_words(source, specification),
            wording("model.clustered", language, cluster=cluster),
        )
        text = "; ".join(parts)
        note = (
            wording("model.named", language, name=specification.label[language], text=text)
            if len(specifications) > 1
            else wording("model.bare", language, text=begun(text))
        )
        notes.append(labelled(wording("model.label", language), note))
    return tuple(notes)


def _design(source: Source, specification: Specification) -> str:
    language = source.language
    rounds = [in_sentence(source.round_name(r)) for r in specification.contrast]
    design = wording(
        f"model.design.{specification.method}",
        language,
        contrast=wording("model.to", language).join(rounds),
        cluster=source.configuration.study.names.cluster[language],
    )
    extra = [
        wording(template, language, names=", ".join(names))
        for template, names in (
            ("model.dummies", [source.variable(v) for v in specification.effects]),
            ("model.covariates", [source.variable(v) for v in specification.covariates]),
            ("model.held-fixed", _treatments(source, specification.adjust_treatments)),
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
    compared = wording(
        "model.compared",
        language,
        treated=", ".join(source.arm(a) for a in treated),
        others=", ".join(source.arm(a) for a in others),
    )
    untreated = wording(
        "model.untreated",
        language,
        clusters=study.names.clusters[language],
        pure=", ".join(source.arm(a) for a in study.arms_without_any()),
    )
    rest = untreated if baseline == "untreated" else ""
    return (labelled(wording("model.groups", language), compared, rest),)


def _treatments(source: Source, chosen: Iterable[str]) -> list[str]:
    labels = {t.id: t.label[source.language] for t in source.configuration.study.treatment}
    return [labels[t] for t in chosen]


def weights_in_words(source: Source, specification: Specification) -> str:
    """Design weights, and what counts the same under the estimand."""
    language, given = source.language, specification.weights
    design = (
        wording("model.no-weights", language)
        if given == "none"
        else wording("model.weights", language, name=in_sentence(_weight_name(source, given)))
    )
    template = (
        "model.same-interviews"
        if (specification.estimand, given) == ("respondents", "none")
        else f"model.scaled.{specification.estimand}"
    )
    cluster = source.configuration.study.names.cluster[language]
    scaled = wording(template, language, cluster=cluster)
    return wording("model.weighted", language, design=design, scaled=scaled)


def _weight_name(source: Source, given: str) -> str:
    name = given.removeprefix("inverse:")
    variables = source.configuration.dictionary.variables
    label = variables[name].label[source.language] if name in variables else name
    if given == name:
        return label
    return wording("model.one-over", source.language, name=in_sentence(label))
