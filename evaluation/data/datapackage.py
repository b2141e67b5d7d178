"""``datapackage.json``: what the clean files are, for programs that read Data Package v2.

Every CSV file gets a Table Schema: types, labels, allowed codes, ranges and keys. Data Package has
no translations, so Spanish stands in properties of our own that end in ``_es``. The Parquet files
are the pipeline's own and are not listed. The bytes depend on the content alone.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from evaluation.data import terms
from evaluation.data.clean import MISSING
from evaluation.data.columns import MARK, MEMBER, ROUND, ROW_KEY, Column, describe
from evaluation.spec.content import Content
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.load import Text
from evaluation.spec.plan import Plan
from evaluation.spec.study import SYNTHETIC, Study

PROFILES = "https://datapackage.org/profiles/2.0"
MEDIA = {
    "csv": "text/csv",
    "dta": "application/x-stata-dta",
    "xml": "application/xml",
}
TITLES = {
    "panel.csv": Text(
        en="Panel: one row per valid interview", es="Panel: una fila por entrevista válida"
    ),
    "analysis.csv": Text(
        en="Ready-made analysis file: one row per respondent",
        es="Archivo de análisis ya elaborado: una fila por persona",
    ),
    "series.csv": Text(
        en="Administrative series: one row per cluster and period",
        es="Series administrativas: una fila por unidad y período",
    ),
    "codebook.csv": Text(
        en="Codebook: one row per variable and outcome",
        es="Libro de códigos: una fila por variable y resultado",
    ),
    "panel.dta": Text(
        en="Panel as a Stata file, labels in English",
        es="Panel como archivo de Stata, etiquetas en inglés",
    ),
    "panel_es.dta": Text(
        en="Panel as a Stata file, labels in Spanish",
        es="Panel como archivo de Stata, etiquetas en español",
    ),
    "ddi.xml": Text(
        en="Description of the study and its variables (DDI Codebook 2.5)",
        es="Descripción del estudio y de sus variables (DDI Codebook 2.5)",
    ),
}
CODEBOOK = "codebook.csv"
CODEBOOK_FIELDS = {
    "name": Text(en="Variable or outcome", es="Variable o resultado"),
    "kind": Text(en="Variable or outcome of the plan", es="Variable o resultado del plan"),
    "type": Text(en="Type", es="Tipo"),
    "label_en": Text(en="Label in English", es="Etiqueta en inglés"),
    "label_es": Text(en="Label in Spanish", es="Etiqueta en español"),
    "question_en": Text(en="Question in English", es="Pregunta en inglés"),
    "question_es": Text(en="Question in Spanish", es="Pregunta en español"),
    "module": Text(en="Module, or family of the plan", es="Módulo, o familia del plan"),
    "unit": Text(en="Unit", es="Unidad"),
    "sources": Text(en="Delivered columns by source", es="Columnas entregadas por fuente"),
    "allowed_en": Text(en="Allowed values in English", es="Valores permitidos en inglés"),
    "allowed_es": Text(en="Allowed values in Spanish", es="Valores permitidos en español"),
    "missing": Text(en="Missing codes by kind", es="Códigos de datos faltantes por tipo"),
    "asked_if": Text(en="Asked if", es="Se pregunta si"),
    "personal": Text(en="Personal-data class", es="Clase de dato personal"),
    "origin": Text(en="Source or construction", es="Fuente o construcción"),
    "observed": Text(en="Observed values by source", es="Valores observados por fuente"),
    "synthetic": Text(en="Mark of the data", es="Marca de los datos"),
}
# the clean CSV writes moments with a blank between day and time
FORMATS = {"datetime": "%Y-%m-%d %H:%M:%S"}


def datapackage(
    contents: Mapping[str, Content],
    tables: Mapping[str, pd.DataFrame],
    dictionary: Dictionary,
    plan: Plan,
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
        **_titled(terms.title(study), terms.description(study)),
        "synthetic": study.synthetic,
        "mark": study.mark,
        "licenses": [terms.licence(study)],
        "resources": [
            _resource(name, contents[name], study) | _schema(name, tables, dictionary, plan, study)
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
    before = f"{study.mark}: " if study.mark else ""
    title = Text(en=f"{before}{TITLES[name].en}", es=f"{before}{TITLES[name].es}")
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
    name: str,
    tables: Mapping[str, pd.DataFrame],
    dictionary: Dictionary,
    plan: Plan,
    study: Study,
) -> dict[str, Any]:
    """The keys that a table has over other files; none for other files."""
    if name == CODEBOOK:
        fields, key = _codebook_fields(study), ["name"]
    elif name.endswith(".csv"):
        table = tables[name.removesuffix(".csv")]
        described = describe(table, dictionary, plan, study)
        fields = [_field(column, list(table.columns)) for column in described]
        key = _key(table)
    else:
        return {}
    schema: dict[str, Any] = {
        "$schema": f"{PROFILES}/tableschema.json",
        "fields": fields,
        "missingValues": [""],
    }
    return {"type": "table", "schema": schema | ({"primaryKey": key} if key else {})}


def _key(table: pd.DataFrame) -> list[str]:
    """File and line tell rows apart, in the panel together with the round; none where not so."""
    key = [name for name in (ROUND, ROW_KEY) if name in table.columns]
    whole = bool(key) and not table[key].isna().any(axis=None)
    return key if whole and not table.duplicated(key).any() else []


def _codebook_fields(study: Study) -> list[dict[str, Any]]:
    names = [name for name in CODEBOOK_FIELDS if name != MARK or study.mark]
    return [{"name": name, "type": "string", **_titled(CODEBOOK_FIELDS[name])} for name in names]


def _field(column: Column, names: Sequence[str]) -> dict[str, Any]:
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


def _constraints(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {}
    if column.name in (ROUND, ROW_KEY, MEMBER):
        constraints["required"] = True
    if column.codes:
        constraints["enum"] = [_plain(value) for value, _ in column.codes]
    elif column.variable is not None and column.variable.range:
        low, high = column.variable.range
        constraints |= {"minimum": _plain(low), "maximum": _plain(high)}
    return constraints


def _categories(column: Column, language: str) -> list[dict[str, Any]]:
    return [{"value": _plain(value), "label": label[language]} for value, label in column.codes]


def _plain(value: float | str) -> float | int | str:
    """Whole numbers without a point, as the CSV files write them."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
