"""What the ledger in force leaves open: rows for the office, lines that wait to be signed.

REQUIRES the raw tables that the stage ``read`` made, and the ledger.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from evaluation.data.cleaning.clean import clean
from evaluation.data.cleaning.corrections import apply
from evaluation.data.cleaning.ledger import (
    DELIVERY_RULE,
    Correction,
    Ledger,
    delivery,
    is_waiting,
    same_respondent,
)
from evaluation.data.cleaning.parse import Parsed, parse
from evaluation.data.clusters import Frame, make_frame
from evaluation.data.findings import arranged
from evaluation.data.readers.read import RawTable
from evaluation.data.rules import near_duplicates
from evaluation.data.rules.frame_checks import check_frame
from evaluation.data.rules.registry import cells, check, check_other
from evaluation.data.rules.rule import Declared
from evaluation.fieldwork.office_returned import OFFICE_RULE, Wrong
from evaluation.fieldwork.office_rows import OfficeRow, identities, office_rows
from evaluation.locale.messages import message
from evaluation.report.terminal import WrongRows
from evaluation.storage import folders
from evaluation.study.dictionary import Dictionary
from evaluation.study.records import Finding
from evaluation.study.study import LEDGER, Study

KeptTable = Callable[[folders.Paths, str, str], pd.DataFrame | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What all ways start from."""

    study: Study
    dictionary: Dictionary
    tables: tuple[RawTable, ...]
    ledger: Ledger
    paths: folders.Paths

    @property
    def respondent(self) -> dict[str, str]:
        """Raw column of the respondent id by source."""
        return self.dictionary.variables[self.study.columns.respondent].raw


def stop(wrong: Sequence[Wrong], inputs: Inputs, *, rule: str = OFFICE_RULE) -> None:
    """Raise with every problem at once, each with its place and fix.

    Parameters
    ----------
    wrong : sequence of Wrong
        None is no reason to stop.
    inputs : Inputs
    rule : str
        That they break.

    Raises
    ------
    WrongRows
        There is one.
    """
    if not wrong:
        return
    rows = [(w.where, w.problem, w.fix) for w in wrong]
    raise WrongRows(rows, where=f"{inputs.paths.config.name}/{LEDGER}", rule=rule)


def rows_to_decide(inputs: Inputs) -> tuple[OfficeRow, ...]:
    """What the office must decide, as far as the ledger in force leaves it open.

    Raises
    ------
    WrongRows
        A line of the ledger does not fit, or the list of clusters has an error.
    """
    identity = identities(inputs.tables, inputs.dictionary, inputs.study)
    return office_rows(_findings(inputs), inputs.tables, identity=identity)


def _findings(inputs: Inputs) -> tuple[Finding, ...]:
    """What the ledger in force leaves open, the rows that only the field rules see included."""
    study, dictionary = inputs.study, inputs.dictionary
    results, problems = apply(inputs.tables, inputs.ledger, study, respondent=inputs.respondent)
    stop([Wrong(f"{f.file}:{f.line}", f.problem, f.fix) for f in problems], inputs)
    parsed = {r.table.file.source: parse(r.table, dictionary) for r in results}
    frame = _frame(parsed["frame"], inputs)
    rounds = [parsed[round_id] for round_id in study.rounds]
    declared = Declared(dictionary, study, frame)
    others = (parsed[role] for role in ("analysis", "series") if role in parsed)
    return arranged(
        (
            *check(rounds, dictionary, study, frame=frame),
            *(f for one in rounds for f in near_duplicates.near_identical(one, declared)),
            *(f for one in others for f in check_other(one, dictionary, study, frame=frame)),
        )
    )


def _frame(parsed: Parsed, inputs: Inputs) -> Frame:
    found = (
        *cells(parsed, inputs.dictionary),
        *check_frame(parsed, inputs.dictionary, inputs.study),
    )
    errors = [f for f in found if f.severity == "error"]
    stop([Wrong(f.row_key or f.file, f.problem, f.fix) for f in errors], inputs)
    return make_frame(clean(parsed, inputs.dictionary), inputs.study)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A line of another delivery, its file, and whether its row holds the same respondent."""

    entry: Correction
    table: RawTable
    same: bool | None


def waiting(inputs: Inputs, kept: KeptTable) -> tuple[Waiting, ...]:
    """Lines of the ledger that were written for another delivery.

    Parameters
    ----------
    inputs : Inputs
    kept : callable
        Gives an earlier delivery of a file as a release kept it.

    Raises
    ------
    WrongRows
        A line does not fit, or its row holds another respondent than then.
    """
    results, found = apply(inputs.tables, inputs.ledger, inputs.study, respondent=inputs.respondent)
    copies: dict[tuple[str, str], pd.DataFrame | None] = {}
    waits = []
    for table, result in zip(inputs.tables, results, strict=True):
        for entry in (e for e in result.applied if is_waiting(e, table)):
            key = (table.file.id, entry.delivery.lower())
            if key not in copies:
                copies[key] = kept(inputs.paths, *key)
            own = inputs.respondent.get(table.file.source, "")
            same = same_respondent(entry, table, copies[key], respondent=own)
            waits.append(Waiting(entry=entry, table=table, same=same))
    wrong = [
        Wrong(f"{f.file}:{f.line}", f.problem, f.fix) for f in found if f.rule != DELIVERY_RULE
    ]
    wrong += [_another(inputs.ledger.where, w) for w in waits if w.same is False]
    stop(wrong, inputs, rule=DELIVERY_RULE)
    return tuple(waits)


def _another(where: str, one: Waiting) -> Wrong:
    return Wrong(
        where=f"{where}:{one.entry.line}",
        problem=message("row-holds-another.problem"),
        fix=message("remove-line-write.fix", delivery=delivery(one.table)),
    )
