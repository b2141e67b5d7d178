"""Shares of people as tables print them: whole percentages where few were counted."""

from evaluation.errors import ReportError
from evaluation.locale.messages import message
from evaluation.report import table
from evaluation.report.sources import Source
from evaluation.report.table import Cell
from evaluation.report.table_balance import variable_label

# In a smaller group a decimal would tell the count.
FEW = 100


def percentage(part: float, whole: int) -> Cell:
    """Part of a whole in percent; nothing where nobody was counted."""
    if whole == 0:
        return table.none()
    return table.number(100.0 * part / whole, decimals=decimals(whole), unit="%")


def decimals(whole: int) -> int:
    """Decimals of a percentage of a whole."""
    return 0 if whole < FEW else 1


def value_label(source: Source, variable: str, value: str) -> str:
    """One value of a variable in words, or as it stands where the dictionary has none for it."""
    label = variable_label(source, f"{variable}={value}")
    known = variable in source.configuration.dictionary.variables
    return label.removeprefix(f"{variable_label(source, variable)}: ") if known else value


def no_records(what: str, where: str) -> ReportError:
    """The error of an exhibit that is listed in a study without what it shows."""
    return ReportError(
        message(f"no-{what}.problem"),
        where=where,
        mend=message("take-exhibit.mend"),
        rule="missing-record",
    )
