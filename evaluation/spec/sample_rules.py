"""What a study may not say of its contacts and weights: files and variables that are not there."""

from collections.abc import Iterable

from evaluation.errors import SpecError
from evaluation.locale.messages import message
from evaluation.spec import contacts, load, weighting
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.manifest import Manifest
from evaluation.spec.study import Study


def check_sample(study: Study, manifest: Manifest, dictionary: Dictionary, *, where: str) -> None:
    """Check the tables ``[contacts]`` and ``[weights]`` against files and dictionary.

    Raises
    ------
    SpecError
        A table without its file, a file without its table, a variable that its file does not have,
        or weights that are both built and delivered.
    """
    _check_file(study.contacts is not None, manifest, contacts.ROLE, "contacts", where)
    has_margins = study.weights is not None and bool(study.weights.margin)
    _check_file(has_margins, manifest, weighting.ROLE, "weights.margin", where)
    if study.contacts is not None:
        names = (*study.contacts.variables, study.columns.respondent, study.columns.cluster)
        _check_variables(names, (contacts.ROLE,), dictionary, "contacts", where)
    if study.weights is not None:
        _check_weights(study, dictionary, where)


def _check_weights(study: Study, dictionary: Dictionary, where: str) -> None:
    table, weight = study.weights, study.columns.weight
    if table is None or weight is None:
        return
    load.known(weight, dictionary.variables, what="variable", where=where, key="columns.weight")
    delivered = sorted(set(dictionary.variables[weight].raw) & set(study.rounds))
    if delivered:
        raise SpecError(
            message("raw-column-builds.problem", weight=weight, delivered=", ".join(delivered)),
            where=where,
            mend=message("take-raw-column.mend"),
        )
    if table.cells and study.contacts is None:
        raise SpecError(
            message("adjust-non-response.problem"),
            where=where,
            mend=message("declare-file.mend"),
        )
    _check_variables(table.probabilities, study.rounds, dictionary, "weights.probabilities", where)
    for names, key in ((table.cells, "cells"), (table.margin_variables, "margin")):
        _check_variables(names, study.rounds, dictionary, f"weights.{key}", where)
    _check_variables(table.cells, (contacts.ROLE,), dictionary, "weights.cells", where)
    if table.cells and table.sampled == "weights":
        key = 'weights.probabilities (with sampled = "weights")'
        _check_variables(table.probabilities, (contacts.ROLE,), dictionary, key, where)
    named = (*table.margin_variables, *filter(None, (table.people, table.round)))
    _check_variables(named, (weighting.ROLE,), dictionary, "weights.margin", where)


def _check_file(declared: object, manifest: Manifest, role: str, key: str, where: str) -> None:
    number = len(manifest.with_role(role))
    if number == int(bool(declared)):
        return
    raise SpecError(
        message(
            "declared-without-file.problem" if declared else "file-not-declared.problem",
            key=key,
            role=role,
            files=message("word.files", n=number),
        ),
        where=where,
        mend=message("list-one-file-role.mend", role=role, key=key),
    )


def _check_variables(
    names: Iterable[str], sources: Iterable[str], dictionary: Dictionary, key: str, where: str
) -> None:
    """Each variable is known, and stands in each source or, as a fact of clusters, in the frame."""
    for name in names:
        load.known(name, dictionary.variables, what="variable", where=where, key=key)
        raw = dictionary.variables[name].raw
        for source in sources:
            in_frame = "frame" in raw and source not in (contacts.ROLE, weighting.ROLE)
            if source not in raw and not in_frame:
                raise SpecError(
                    message("names-no-raw.problem", key=key, name=name, source=source),
                    where=where,
                    mend=message("give-dictionary.mend", source=source),
                )
