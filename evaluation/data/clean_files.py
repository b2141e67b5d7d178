"""The clean tables as files for people and archives, by name.

REQUIRES clean tables with their mark. CREATES CSV, Stata in both languages, and their descriptions.
"""

from collections.abc import Mapping

import pandas as pd

from evaluation.data import files
from evaluation.data.datapackage import datapackage
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
) -> dict[str, bytes]:
    """Make every file but the codebook and the package that lists them all.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Clean tables by name; those of ``TABLES`` become files.
    dictionary, plan, study
        What was declared.

    Returns
    -------
    dict of str to bytes
        Contents by file name.

    Raises
    ------
    DataError
        A name is too long for Stata, or a text would be a formula in a spreadsheet.
    """
    kept = {name: tables[name] for name in TABLES if name in tables}
    made = {f"{n}.csv": files.csv_bytes(t, dictionary, name=f"{n}.csv") for n, t in kept.items()}
    made |= files.stata_files(kept["panel"], dictionary, plan, study, languages=STATA)
    return made | {DDI: ddi(kept, dictionary, plan, study)}


def with_package(
    made: Mapping[str, bytes],
    codebook: bytes,
    tables: Mapping[str, pd.DataFrame],
    dictionary: Dictionary,
    plan: Plan,
    study: Study,
) -> dict[str, bytes]:
    """The files of :func:`clean_files` and the Data Package that lists them and the codebook.

    Parameters
    ----------
    made : mapping of str to bytes
        From :func:`clean_files`.
    codebook : bytes
        The codebook as CSV.
    tables, dictionary, plan, study
        As for :func:`clean_files`.
    """
    listed = {**made, CODEBOOK: codebook}
    return {**made, PACKAGE: datapackage(listed, tables, dictionary, plan, study)}
