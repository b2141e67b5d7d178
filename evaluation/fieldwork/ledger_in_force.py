"""What the ledger in force leaves open: rows for the office, lines that wait to be signed.

REQUIRES the raw tables that the stage ``read`` made, and the ledger.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.config.dictionary import Dictionary
from evaluation.config.study import LEDGER, Study
from evaluation.config.toml_reader import named
from evaluation.data.cleaning.clean import clean
from evaluation.data.cleaning.corrections import apply
from evaluation.data.cleaning.ledger import (
    DELIVERY_RULE,
    Correction,
    Ledger,
    is_waiting,
)
from evaluation.data.cleaning.moved_rows import Earlier, written_for
from evaluation.data.cleaning.parse import Parsed, parse
from evaluation.data.clusters import Frame, make_frame
from evaluation.data.findings import arranged
from evaluation.data.readers.read import RawTable
from evaluation.data.rules import near_duplicates
from evaluation.data.rules.frame_checks import check_frame
from evaluation.data.rules.registry import cells, check, check_other
from evaluation.data.rules.rule import Declared
from evaluation.estimation.records import Finding
from evaluation.fieldwork.office_returned import OFFICE_RULE, Wrong
from evaluation.fieldwork.office_rows import OfficeRow, identities, office_rows
from evaluation.report.terminal import WrongRows
from evaluation.storage import folders


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerInputs:
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


def stop(wrong: Sequence[Wrong], inputs: LedgerInputs, *, rule: str = OFFICE_RULE) -> None:
    """Raise with every problem at once, each with its place and fix.

    Parameters
    ----------
    wrong : sequence of Wrong
        None is no reason to stop.
    inputs : LedgerInputs
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
    raise WrongRows(rows, where=named(inputs.paths.config, LEDGER), rule=rule)


def rows_to_decide(inputs: LedgerInputs) -> tuple[OfficeRow, ...]:
    """What the office must decide, as far as the ledger in force leaves it open.

    Raises
    ------
    WrongRows
        A line of the ledger does not fit, or the list of clusters has an error.
    """
    identity = identities(inputs.tables, inputs.dictionary, inputs.study)
    return office_rows(_findings(inputs), inputs.tables, identity=identity)


def _findings(inputs: LedgerInputs) -> tuple[Finding, ...]:
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


def _frame(parsed: Parsed, inputs: LedgerInputs) -> Frame:
    found = (
        *cells(parsed, inputs.dictionary),
        *check_frame(parsed, inputs.dictionary, inputs.study),
    )
    errors = [f for f in found if f.severity == "error"]
    stop([Wrong(f.row_key or f.file, f.problem, f.fix) for f in errors], inputs)
    return make_frame(clean(parsed, inputs.dictionary), inputs.study)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A line of another delivery, its file, and whether its row was seen to be the same person's.

    Where it was not, no copy of that delivery was kept.
    """

    entry: Correction
    table: RawTable
    same: bool


def waiting(
    inputs: LedgerInputs, earlier: Earlier
) -> tuple[tuple[Waiting, ...], tuple[Wrong, ...]]:
    """Lines of the ledger that were written for another delivery and hold, and those that do not.

    Parameters
    ----------
    inputs : LedgerInputs
    earlier : callable
        Gives an earlier delivery of a file as a release kept it.

    Returns
    -------
    tuple of Waiting, tuple of Wrong
        The second: lines that do not fit, and those whose row holds another respondent than then.
    """
    kept = functools.cache(earlier)
    respondent = inputs.respondent
    results, found = apply(
        inputs.tables, inputs.ledger, inputs.study, respondent=respondent, earlier=kept
    )
    waits = []
    for table, result in zip(inputs.tables, results, strict=True):
        own = respondent.get(table.file.source, "")
        for entry in (e for e in result.applied if is_waiting(e, table)):
            then = kept(table.file.id, entry.delivery)
            same = then is not None and written_for(entry, then, respondent=own) is not None
            waits.append(Waiting(entry=entry, table=table, same=same))
    wrong = (
        Wrong(f"{f.file}:{f.line}", f.problem, f.fix) for f in found if f.rule != DELIVERY_RULE
    )
    return tuple(waits), tuple(wrong)
