"""Fingerprints of a plan, whole and entry by entry, so that a lock can say what was changed.

The plan's hash proves that *something* changed; the fingerprints say *which* entries did, so a
deviation that names the wrong one, or none, is refused. Some things decide results and stand
outside ``plan.toml``: how the items of outcomes are coded, what is done with interviews that an
event touched, from what age on people belong to the sample, and how weights are built. They are
fingerprinted too.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from evaluation.spec.dictionary import Dictionary
from evaluation.spec.plan import Plan
from evaluation.spec.study import Study

SHOWN = 16
LISTS = ("family", "outcome", "specification", "series", "check")
WHOLE = ("inference", "standardise", "balance")
OPTIONAL = ("power",)


def plan_hash(table: Mapping[str, Any]) -> str:
    """sha256 of the parsed TOML as canonical JSON."""
    return hashlib.sha256(_canonical(table)).hexdigest()


def fingerprints(
    table: Mapping[str, Any], plan: Plan, study: Study, dictionary: Dictionary
) -> dict[str, str]:
    """Fingerprint of every entry that decides a result.

    Parameters
    ----------
    table : Mapping
        ``plan.toml`` as parsed.
    plan : Plan
        The same, checked.
    study : Study
        Gives the treatment of events, the youngest age and the building of weights.
    dictionary : Dictionary
        Gives the coding of the outcomes' items.

    Returns
    -------
    dict of str to str
        By entry: ``inference``, ``standardise``, ``balance``, ``power``, ``family.<id>``,
        ``outcome.<id>``, ``specification.<id>``, ``series.<id>``, ``check.<id>``, ``event.<id>``,
        ``coding.<variable>``, and ``minimum_age`` and ``weights`` where the study has them.
    """
    found = {key: _short(table[key]) for key in (*WHOLE, *(k for k in OPTIONAL if k in table))}
    for kind in LISTS:
        found |= {f"{kind}.{entry['id']}": _short(entry) for entry in table.get(kind, [])}
    found |= {
        f"event.{e.id}": _short([e.start, e.end, e.affects, e.rule])
        for e in study.event
        if e.rule != "none"
    }
    if study.minimum_age is not None:
        found["minimum_age"] = _short(study.minimum_age)
    if study.weights is not None:
        found["weights"] = _short(dataclasses.asdict(study.weights))
    return found | {f"coding.{name}": _short(code) for name, code in _codings(plan, dictionary)}


def _codings(plan: Plan, dictionary: Dictionary) -> Iterator[tuple[str, object]]:
    """What turns raw texts into the values of the outcomes' items; labels are free."""
    items = {item.name for outcome in plan.outcome for item in outcome.items}
    for name, variable in dictionary.variables.items():
        if name not in items:
            continue
        yield (
            name,
            [
                [
                    source,
                    [[c.code, c.value] for c in codes.values]
                    if (codes := dictionary.code_list(name, source))
                    else [],
                    dataclasses.asdict(missing) | {"id": ""}
                    if (missing := dictionary.missing_codes(name, source))
                    else {},
                    variable.range,
                    dataclasses.asdict(variable.asked_if) if variable.asked_if else {},
                ]
                for source in sorted(variable.raw)
            ],
        )


def _short(value: object) -> str:
    return hashlib.sha256(_canonical(value)).hexdigest()[:SHOWN]


def _canonical(value: object) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return text.encode()
