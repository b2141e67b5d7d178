"""``datapackage.json``: what the clean files are, for programs that read Data Package v2.

Every CSV file gets a Table Schema: types, labels, allowed codes, ranges and keys. Data Package has
no translations, so Spanish stands in properties of our own that end in ``_es``. The Parquet files
are the pipeline's own and are not listed. The bytes depend on the content alone.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from evaluation.config.dictionary import Dictionary
from evaluation.config.plan import Plan
from evaluation.config.study import Study
from evaluation.config.toml_reader import Text
from evaluation.data.cleaning import file_metadata
from evaluation.data.cleaning.clean import MISSING
from evaluation.data.cleaning.file_metadata import (
    MARK,
    MEMBER,
    ROUND,
    ROW_KEY,
    CleanColumn,
    describe,
)
from evaluation.estimation.parameters import SYNTHETIC
from evaluation.estimation.records import CodebookRow
from evaluation.file_content import Content

PROFILES = "https://datapackage.org/profiles/2.0"
MEDIA = {"csv": "text/csv", "dta": "application/x-stata-dta", "xml": "application/xml"}
CODEBOOK = "codebook.csv"
CODEBOOK_FIELDS = (*CodebookRow.__slots__, MARK)
# the clean CSV writes moments with a blank between day and time
FORMATS = {"datetime": "%Y-%m-%d %H:%M:%S"}


def datapackage(
    contents: Mapping[str, Content],
    tables: Mapping[str, pd.DataFrame],
    dictionary: Dictionary,
    plan: Plan | None,
    study: Study,
) -> bytes:
    """Describe the clean files of a study.

    Parameters
    ----------
    contents : mapping of str to Content
        The files by name, as they are written: those whose name stands in ``TITLES``.
    tables : mapping of str to DataFrame
        Clean tables by name: ``panel``, and ``analysis`` and ``series`` where they are.
    dictionary, plan, study
        What was declared.

    Returns
    -------
    bytes
        The JSON text in UTF-8.

    Raises
    ------
    KeyError
        A file or column that nothing describes.
    """
    package = {
        "$schema": f"{PROFILES}/datapackage.json",
        "name": "-".join([*study.mark.lower().split(), study.id]),
        **_titled(file_metadata.title(study), file_metadata.description(study)),
        "synthetic": study.synthetic,
        "mark": study.mark,
        "licenses": [file_metadata.licence(study)],
        "resources": [
            _resource(name, contents[name], study)
            | _schema(name, tables.get(name.removesuffix(".csv")), (dictionary, plan, study))
            for name in sorted(contents)
        ],
    }
    return (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode()


def _titled(title: Text, description: Text | None = None) -> dict[str, str]:
    found = {"title": title.en, "title_es": title.es}
    if description is not None:
        found |= {"description": description.en, "description_es": description.es}
    return found


def _resource(name: str, content: Content, study: Study) -> dict[str, Any]:
    stem, suffix = name.rsplit(".", 1)
    said = Text.of(f"data-file.{name}" if study.panel is None else f"panel-file.{name}")
    title = file_metadata.marked(said, study)
    # names are unique, and two files may share a stem
    resource: dict[str, Any] = {"name": stem if suffix == "csv" else name, "path": name}
    resource |= {**_titled(title), "format": suffix, "mediatype": MEDIA[suffix]}
    if suffix != "dta":
        resource["encoding"] = "utf-8"
    return resource | {
        "bytes": content.size,
        "hash": f"sha256:{content.sha256}",
        "synthetic": SYNTHETIC in study.mark,
    }


def _schema(
    name: str, table: pd.DataFrame | None, declared: tuple[Dictionary, Plan | None, Study]
) -> dict[str, Any]:
    """The keys that a table has over other files; none for other files."""
    if name == CODEBOOK:
        fields, key = _codebook_fields(declared[2]), ["name"]
    elif table is not None:
        described = describe(table, *declared)
        fields = [_field(column, list(table.columns)) for column in described]
        key = _key(table, declared[2])
    elif name.endswith(".csv"):
        raise KeyError(name)
    else:
        return {}
    schema: dict[str, Any] = {"$schema": f"{PROFILES}/tableschema.json", "fields": fields}
    schema["missingValues"] = [""]
    return {"type": "table", "schema": schema | ({"primaryKey": key} if key else {})}


def _key(table: pd.DataFrame, study: Study) -> list[str]:
    """File and line tell rows apart, in the panel together with the round; none where not so.

    In a study of type panel it is cluster and period.
    """
    names = (ROUND, ROW_KEY)
    if study.panel is not None:
        names = (study.columns.cluster, study.panel.year)
    key = [name for name in names if name in table.columns]
    whole = bool(key) and not table[key].isna().any(axis=None)
    return key if whole and not table.duplicated(key).any() else []


def _codebook_fields(study: Study) -> list[dict[str, Any]]:
    names = [name for name in CODEBOOK_FIELDS if name != MARK or study.mark]
    return [
        {"name": name, "type": "string", **_titled(Text.of(f"codebook-field.{name}"))}
        for name in names
    ]


def _field(column: CleanColumn, names: Sequence[str]) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name, "type": column.storage}
    if column.storage in FORMATS:
        field["format"] = FORMATS[column.storage]
    field |= _titled(column.label, column.question)
    if column.unit:
        field["unit"] = column.unit
    field["personal"] = column.personal
    if f"{column.name}{MISSING}" in names:
        field["missing_kinds_in"] = f"{column.name}{MISSING}"
    constraints = _constraints(column)
    if constraints:
        field["constraints"] = constraints
    if column.codes and column.storage in ("string", "integer"):
        field["categories"] = _categories(column, "en")
        field["categories_es"] = _categories(column, "es")
    return field


def _constraints(column: CleanColumn) -> dict[str, Any]:
    constraints: dict[str, Any] = {}
    if column.name in (ROUND, ROW_KEY, MEMBER):
        constraints["required"] = True
    if column.codes:
        constraints["enum"] = [_plain(value) for value, _ in column.codes]
    elif column.variable is not None and column.variable.range:
        low, high = column.variable.range
        constraints |= {"minimum": _plain(low), "maximum": _plain(high)}
    return constraints


def _categories(column: CleanColumn, language: str) -> list[dict[str, Any]]:
    return [{"value": _plain(value), "label": label[language]} for value, label in column.codes]


def _plain(value: float | str) -> float | int | str:
    """Whole numbers without a point, as the CSV files write them."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
