"""The clean tables as files for people and archives, by name.

REQUIRES clean tables with their mark. CREATES CSV, Stata in both languages, and their descriptions.
"""

from collections.abc import Iterator, Mapping

import pandas as pd

from evaluation.data import files
from evaluation.data.ddi import ddi
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.plan import Plan
from evaluation.spec.study import Study

# the list of clusters is left out: it names every place
TABLES = ("panel", "analysis", "series")
STATA = {"panel.dta": "en", "panel_es.dta": "es"}
CODEBOOK, PACKAGE, DDI = "codebook.csv", "datapackage.json", "ddi.xml"


def clean_files(
    tables: Mapping[str, pd.DataFrame], dictionary: Dictionary, plan: Plan, study: Study
) -> Iterator[files.Part]:
    """Make every file but the codebook and the package that lists them all.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Clean tables by name; those of ``TABLES`` become files.
    dictionary, plan, study
        What was declared.

    Yields
    ------
    str, bytes-like
        A file's name and its next bytes.

    Raises
    ------
    DataError
        A name is too long for Stata, or a text would be a formula in a spreadsheet.
    """
    kept = {name: tables[name] for name in TABLES if name in tables}
    for name, table in kept.items():
        yield from files.csv_parts(table, dictionary, name=f"{name}.csv")
    yield from files.stata_parts(kept["panel"], dictionary, plan, study, languages=STATA)
    yield DDI, ddi(kept, dictionary, plan, study)
