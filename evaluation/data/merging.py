"""Two rows of one respondent made one: an interview that was resumed in another submission.

The row that stays takes over what the other answered and it left blank. Where both answered, they
must agree: which answer holds is a person's decision, written as a ``set`` of its own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from evaluation.data.finding import LINE
from evaluation.data.ledger import Correction
from evaluation.data.read import RawTable
from evaluation.locale.messages import Message, message

MERGE = "merge"
# every column is named: a person needs one `set` for each
Answer = Callable[[str, int], str]


def contradictions(entries: Sequence[Correction], *, respondent: str) -> dict[int, Message]:
    """Lines that no merge can stand beside, and why.

    A merged row is neither dropped nor given another id, it goes once, and none is merged into a
    row that goes. Other cells of both rows may be ``set``: that comes first.

    Parameters
    ----------
    entries : sequence of Correction
        Of one file.
    respondent : str
        Raw column of the respondent id; empty where the file has none.
    """
    found: dict[int, Message] = {}
    stays: dict[str, int] = {}
    goes: dict[str, int] = {}
    for entry in (e for e in entries if e.action == MERGE):
        here, other = entry.row_key, entry.new
        before = goes.get(other) or goes.get(here) or stays.get(other)
        if before is not None:
            line = message("word.line", line=before)
            found[entry.line] = message("contradicts-merge.problem", line=line)
            continue
        stays.setdefault(here, entry.line)
        goes[other] = entry.line
    for entry in entries:
        merged = goes.get(entry.row_key) or stays.get(entry.row_key)
        same_id = entry.action == "set" and entry.column == respondent
        if merged is not None and (entry.action in ("drop", "new_id") or same_id):
            line = message("word.line", line=merged)
            found[entry.line] = message("contradicts-merge.problem", line=line)
    return found


def misfit(
    entry: Correction, table: RawTable, positions: Mapping[str, int], *, respondent: str
) -> tuple[Message, Message] | None:
    """Why two rows cannot be merged by a line, and the mend; None where its rows hold what it says.

    The row that stays is looked at by the caller, as for every action.
    """
    if not respondent or entry.column != respondent:
        return (
            message("must-name-rows.problem"),
            message("merge-by-id.mend", column=respondent)
            if respondent
            else message("merge-without-id.mend"),
        )
    if entry.new == entry.row_key:
        return message("row-cannot-merged.problem"), message("write-row-goes.problem")
    if entry.new not in positions:
        return (
            message("no-row-file.problem"),
            message("write-row-key.problem"),
        )
    if table.frame[respondent].iloc[positions[entry.new]] != entry.old:
        return (
            message("row-goes-does.problem"),
            message("look-both-rows.problem"),
        )
    return None


def filled(
    columns: Iterable[str], answer: Answer, *, stays: int, goes: int
) -> tuple[dict[str, str], tuple[str, ...]]:
    """What the row that stays takes over.

    Parameters
    ----------
    columns : iterable of str
        Raw columns of the file.
    answer : function of column and row position to text
        Cells as they are after every ``set``.
    stays, goes : int
        Positions of the rows.

    Returns
    -------
    dict of str to str, tuple of str
        New text of each blank cell that the other row answers; columns that both rows answer,
        differently.
    """
    taken: dict[str, str] = {}
    differs: list[str] = []
    for column in columns:
        if column == LINE:
            continue
        own, other = answer(column, stays), answer(column, goes)
        if own == "" and other != "":
            taken[column] = other
        elif other not in ("", own):
            differs.append(column)
    return taken, tuple(differs)
