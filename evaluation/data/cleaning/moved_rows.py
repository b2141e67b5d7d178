"""Lines of the ledger that were written for an earlier delivery, and rows that have moved since.

A row key is a place in a file. Where a row was added or taken away above it, another person is in
that place, who may well have given the answer that the line would write: what the cell holds says
nothing before it is known whose cell it is.
"""

from collections.abc import Callable

import pandas as pd

from evaluation.data.cleaning.ledger import Correction, delivery
from evaluation.data.findings import LINE
from evaluation.data.readers.read import RawTable
from evaluation.locale.messages import Message, message

# An earlier delivery of a file, by the file's id and the delivery's first digits; None where no
# copy of it was kept.
Earlier = Callable[[str, str], pd.DataFrame | None]


def not_kept(_file: str, _delivery: str) -> None:
    """Of no delivery a copy was kept."""


def written_for(entry: Correction, then: pd.DataFrame | None, *, respondent: str) -> str | None:
    """The respondent that a line was written for; None where nothing tells.

    Parameters
    ----------
    entry : Correction
        Of an earlier delivery.
    then : DataFrame, optional
        The raw table of that delivery, where a copy of it was kept.
    respondent : str
        Raw column of the respondent id; empty where the file has none.
    """
    if entry.action in ("drop", "merge") and entry.column == respondent:
        return entry.old or None
    if then is None or respondent not in then.columns:
        return None
    line = entry.row_key.rpartition(":")[2]
    held = then.loc[then[LINE].astype("str") == line, respondent]
    return str(held.iloc[0]) or None if len(held) else None


def misfit(
    entry: Correction, table: RawTable, then: pd.DataFrame | None, *, respondent: str
) -> tuple[Message, Message] | None:
    """Why a line is another person's now, or done already, and the fix; None where it is neither.

    Parameters
    ----------
    entry : Correction
        Of an earlier delivery.
    table : RawTable
        The file as it is.
    then : DataFrame, optional
        As of that delivery, where a copy of it was kept.
    respondent : str
        Raw column of the respondent id; empty where the file has none.
    """
    frame, digits = table.frame, delivery(table)
    keys = f"{table.file.path}:" + frame[LINE].astype("str")
    column = respondent if entry.action == "new_id" else entry.column
    done = _holds_new(entry, frame[keys == entry.row_key], column)
    corrected = message("new-delivery.problem"), message("remove-line.problem")
    if done and column == respondent:
        # the id that somebody gave the row shows whose it is
        return corrected
    person = written_for(entry, then, respondent=respondent)
    if person is None or respondent not in frame.columns:
        unsure = message("new-delivery.problem"), message("remove-line-if.fix", delivery=digits)
        return unsure if done else None
    theirs = frame[respondent].astype("str") == person
    alone = theirs.sum() == 1
    if theirs.sum() > 1 or (then is not None and _times(then, respondent, person) > 1):
        # the id alone does not tell which of its rows the line is for
        if then is None:
            return message("row-of-several.problem"), message("row-of-several.fix", delivery=digits)
        theirs = _same_row(entry, then, frame)
    if entry.row_key in set(keys[theirs]):
        return corrected if done else None
    if not theirs.any():
        problem = message("row-holds-another.problem")
        return problem, message("remove-line-write.fix", delivery=digits)
    problem = message("row-moved.problem", rows=", ".join(keys[theirs]))
    if alone and entry.action in ("drop", "merge"):
        # it may be the row that was to stay
        return problem, message("row-alone.fix", delivery=digits)
    if _holds_new(entry, frame[theirs], column):
        return problem, message("row-moved-corrected.fix")
    return problem, message("row-moved.fix", delivery=digits)


def _times(table: pd.DataFrame, respondent: str, person: str) -> int:
    return int((table[respondent].astype("str") == person).sum()) if respondent in table else 0


def _same_row(entry: Correction, then: pd.DataFrame, frame: pd.DataFrame) -> pd.Series:
    """Rows that hold, in all columns of both deliveries, what the line's row held then."""
    both = [c for c in then.columns if c in frame.columns and c != LINE]
    line = entry.row_key.rpartition(":")[2]
    was = then.loc[then[LINE].astype("str") == line, both].astype("str")
    return frame[both].astype("str").eq(was.iloc[0]).all(axis=1)


def _holds_new(entry: Correction, rows: pd.DataFrame, column: str) -> bool:
    """Whether rows hold already what a line would write."""
    writes = entry.action in ("set", "new_id") and entry.new != entry.old
    return writes and column in rows and len(rows) > 0 and bool((rows[column] == entry.new).all())
