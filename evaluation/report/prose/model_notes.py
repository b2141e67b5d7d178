"""Notes on the model behind a table: what is compared with what, on whom, with which weights."""

from collections.abc import Iterable, Sequence
from typing import Literal

from evaluation.config.plan import Specification
from evaluation.report.formats.words import begun, in_sentence, labelled
from evaluation.report.sources import Source


def models(source: Source, specifications: Sequence[Specification]) -> tuple[str, ...]:
    """What was regressed on what, with which weights, and the level of clustering.

    One note per specification; each names its own where there are several.
    """
    language = source.language
    notes = []
    for specification in specifications:
        parts = (
            _design(source, specification),
            source.wording(f"model.sample.{specification.sample}"),
            weights_in_words(source, specification),
            source.wording("model.clustered"),
        )
        text = "; ".join(parts)
        note = (
            source.wording("model.named", name=specification.label[language], text=text)
            if len(specifications) > 1
            else source.wording("model.bare", text=begun(text))
        )
        notes.append(labelled(source.wording("model.label"), note))
    return tuple(notes)


def _design(source: Source, specification: Specification) -> str:
    rounds = [in_sentence(source.round_name(r)) for r in specification.contrast]
    design = source.wording(
        f"model.design.{specification.method}",
        contrast=source.wording("model.to").join(rounds),
    )
    extra = [
        source.wording(template, names=", ".join(names))
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
    study, _language = source.configuration.study, source.language
    if len(study.arm) == 2:
        return ()
    treated = study.arms_with(specification.treatment)
    others = [a.id for a in study.arm if a.id not in treated]
    compared = source.wording(
        "model.compared",
        treated=", ".join(source.arm(a) for a in treated),
        others=", ".join(source.arm(a) for a in others),
    )
    untreated = source.wording(
        "model.untreated-twice" if is_of_twice(specification) else "model.untreated",
        pure=", ".join(source.arm(a) for a in study.arms_without_any()),
    )
    rest = untreated if baseline == "untreated" else ""
    return (labelled(source.wording("model.groups"), compared, rest),)


def is_of_twice(specification: Specification) -> bool:
    """Whether the mean at baseline is of people interviewed twice: whose own value is known.

    Parameters
    ----------
    specification : Specification
    """
    return specification.method == "ancova" and specification.lag != "cluster_mean"


def _treatments(source: Source, chosen: Iterable[str]) -> list[str]:
    labels = {t.id: t.label[source.language] for t in source.configuration.study.treatment}
    return [labels[t] for t in chosen]


def weights_in_words(
    source: Source, specification: Specification, *, label: str = "model.weights"
) -> str:
    """Design weights, and what counts the same under the estimand.

    Parameters
    ----------
    source : Source
    specification : Specification
    label : str
        Id of what stands around the name of the weights; empty where the name stands alone.
    """
    given = specification.weights
    if given == "none":
        design = source.wording("model.no-weights")
    else:
        design = in_sentence(_weight_name(source, given))
        design = source.wording(label, name=design) if label else design
    template = (
        "model.same-interviews"
        if (specification.estimand, given) == ("respondents", "none")
        else f"model.scaled.{specification.estimand}"
    )
    scaled = source.wording(template)
    return source.wording("model.weighted", design=design, scaled=scaled)


def _weight_name(source: Source, given: str) -> str:
    name = given.removeprefix("inverse:")
    variables = source.configuration.dictionary.variables
    label = variables[name].label[source.language] if name in variables else name
    if given == name:
        return label
    return source.wording("model.one-over", name=in_sentence(label))
