"""Words of a de-identified release: its README and risk report, in Markdown, and its codebook."""

from collections.abc import Mapping, Sequence

import pandas as pd

from evaluation.config.release_rules import Release, RiskRow
from evaluation.config.study import Study
from evaluation.data.cleaning.clean import MISSING
from evaluation.estimation.records import CodebookRow
from evaluation.locale.messages import entries, wording
from evaluation.release.columns_kept import rules_of
from evaluation.release.public_file import MAIN, SENSITIVE, Released
from evaluation.report.formats import words
from evaluation.storage.packaged import filled_beside, read_beside

MEASURES = read_beside(__file__, "risk_measures.toml")


def readme(
    study: Study, release: Release, *, files: Mapping[str, int], areas: Sequence[str]
) -> str:
    """What the release is, how it was made and what it must not be used for.

    Parameters
    ----------
    study, release
        The study and its rules.
    files : mapping of str to int
        Rows by file name.
    areas : sequence of str
        Released subregions.
    """
    listed = "\n".join(f"- `{name}`: {rows:,} rows" for name, rows in files.items())
    return _filled(
        "readme_template.md",
        study,
        listed=listed,
        keys=", ".join(f"`{key}`" for key in release.keys),
        k=release.k,
        places_per_arm=release.places_per_arm,
        areas=", ".join(areas),
    )


def risk_page(rows: Sequence[RiskRow], study: Study) -> str:
    """The risk report as one Markdown table: each measure before and after protection.

    Parameters
    ----------
    rows : sequence of RiskRow
        Of the release.
    study : Study
    """
    values: dict[tuple[str, str, str], dict[str, RiskRow]] = {}
    for row in rows:
        values.setdefault((row.file, row.measure, row.subject), {})[row.stage] = row
    lines = [
        f"| {file} | {MEASURES[measure]} | {subject} | {_value(found.get('before'))} |"
        f" {_value(found.get('after'))} |"
        for (file, measure, subject), found in values.items()
    ]
    return _filled("risk_report_template.md", study, lines="\n".join(lines))


def _filled(template: str, study: Study, **values: object) -> str:
    """A template beside this module with what it says of the study, and other values."""
    return filled_beside(
        __file__,
        template,
        banner=f"> **{words.banner(study.mark, 'en')}**\n\n" if study.mark else "",
        title=study.title["en"],
        cluster=study.names.cluster["en"],
        clusters=study.names.clusters["en"],
        **values,
    )


def _value(row: RiskRow | None) -> str:
    if row is None:
        return ""
    return f"not estimated: {row.reason}" if row.reason else _number(row.value)


def _number(value: float) -> str:
    return f"{value:,.4g}" if value % 1 else f"{value:,.0f}"


# values that a codebook lists one by one
MOST = 40


def codebook(
    rows: tuple[CodebookRow, ...], found: Released, study: Study
) -> tuple[CodebookRow, ...]:
    """Rows of what is released, without raw names: they tell of the delivered files.

    Parameters
    ----------
    rows : tuple of CodebookRow
        Of the clean data.
    found : Released
    study : Study
    """
    known = {row.name: row for row in rows}
    columns = {str(c): None for table in (found.panel, found.sensitive) for c in table.columns}
    items = dict.fromkeys(found.sensitive["item"])
    names = [name for name in columns | items if not name.endswith(MISSING)]
    return tuple(_entry(name, known.get(name), found, study) for name in names)


def _entry(name: str, row: CodebookRow | None, found: Released, study: Study) -> CodebookRow:
    """One column or item: as in the study's codebook, or in the form that the release gave it."""
    tables = {MAIN: found.panel, SENSITIVE: found.sensitive}
    counts = [f"{f}: {int(t[name].count())}" for f, t in tables.items() if name in t.columns]
    if not counts:
        asked = found.sensitive.loc[found.sensitive["item"] == name, "respondents"]
        counts = [f"{SENSITIVE}: {int(asked.sum())}"]
    blank = dict.fromkeys(CodebookRow.__dataclass_fields__, "")
    values = blank if row is None else {field: getattr(row, field) for field in blank}
    changed = {"name": name, "sources": "", "missing": "", "observed": "; ".join(counts)}
    if row is None or name in rules_of(study).keys or name == "weight":
        changed |= {"kind": "variable", "type": "released form"}
        changed |= {"allowed_en": _shown(name, tables), "allowed_es": ""}
        if name in entries("released-column"):
            changed |= {f"label_{x}": wording(f"released-column.{name}", x) for x in ("en", "es")}
    return CodebookRow(**values | changed)


def _shown(name: str, tables: dict[str, pd.DataFrame]) -> str:
    """Values of a column that has few of them."""
    found = {v for t in tables.values() if name in t.columns for v in t[name].dropna().unique()}
    return "; ".join(sorted(str(v) or "(blank)" for v in found)) if len(found) <= MOST else ""
