"""Two rows of one respondent made one: an interview that was resumed in another submission.

The row that stays takes over what the other answered and it left blank. Where both answered, they
must agree: which answer holds is a person's decision, written as a ``set`` of its own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from evaluation.data.finding import LINE
from evaluation.data.ledger import Correction
from evaluation.data.read import RawTable

MERGE = "merge"
# every column is named: a person needs one `set` for each
Answer = Callable[[str, int], str]


def contradictions(entries: Sequence[Correction], *, respondent: str) -> dict[int, str]:
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
    found: dict[int, str] = {}
    stays: dict[str, int] = {}
    goes: dict[str, int] = {}
    for entry in (e for e in entries if e.action == MERGE):
        here, other = entry.row_key, entry.new
        before = goes.get(other) or goes.get(here) or stays.get(other)
        if before is not None:
            found[entry.line] = f"contradicts line {before}, which merges the row"
            continue
        stays.setdefault(here, entry.line)
        goes[other] = entry.line
    for entry in entries:
        merged = goes.get(entry.row_key) or stays.get(entry.row_key)
        same_id = entry.action == "set" and entry.column == respondent
        if merged is not None and (entry.action in ("drop", "new_id") or same_id):
            found[entry.line] = f"contradicts line {merged}, which merges the row"
    return found


def misfit(
    entry: Correction, table: RawTable, positions: Mapping[str, int], *, respondent: str
) -> tuple[str, str] | None:
    """Why two rows cannot be merged by a line, and the mend; None where its rows hold what it says.

    The row that stays is looked at by the caller, as for every action.
    """
    if not respondent or entry.column != respondent:
        named = f"`{respondent}`" if respondent else "the raw column, which this file does not have"
        return (
            "a `merge` must name its rows by the respondent id",
            f"write {named} as `column` and the id that both rows hold as `old`",
        )
    if entry.new == entry.row_key:
        return "a row cannot be merged with itself", "write the row that goes as `new`"
    if entry.new not in positions:
        return (
            "`new` is no row of the file",
            "write the row key of the row that goes as `new`, file:line, as the findings print it",
        )
    if table.frame[respondent].iloc[positions[entry.new]] != entry.old:
        return (
            "the row that goes does not hold the id `old`",
            "look at both rows again: only rows of one respondent are merged",
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
