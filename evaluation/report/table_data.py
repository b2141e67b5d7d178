"""Tables about the delivered data: what the checks found and what was corrected."""

import re
from collections import Counter

from evaluation.report import heads, table, words
from evaluation.report.disclosure import is_recoverable, is_small, withheld_parts
from evaluation.report.findings import plain, severity
from evaluation.report.sources import Source
from evaluation.report.spanish import in_language
from evaluation.report.table import Cell, Column, Row, Table, slug
from evaluation.report.table_flow import arm_label, shown_counts
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.load import Text
from evaluation.spec.records import MERGED, CorrectionCount, Finding
from evaluation.spec.study import Study

ROW_KEY = re.compile(r"\w\.\w+:\d+")
# how a finding ends that the ledger cured
CURED = "cured by corrections.csv"
FILES = {
    "frame": Text(en="Frame", es="Marco"),
    "analysis": Text(en="Analysis file", es="Archivo de análisis"),
    "series": Text(en="Series", es="Serie"),
}
DIFFERS = Text(en="Differs by row", es="Distinto en cada fila")
COUNTS, RESULT = Text(en="Counts", es="Conteos"), Text(en="Result", es="Resultado")
NOTE = Text(
    en="Of records and files that a check stopped at, not of respondents' answers: small counts"
    " are not suppressed. An error stops the pipeline, so none is left here; a flaw that a"
    " correction cured is information, and its count is withheld where that of the corrections"
    " is.",
    es="De registros y archivos en los que se detuvo una revisión, no de respuestas de las"
    " personas: los conteos pequeños no se suprimen. Un error detiene el proceso, así que aquí no"
    " queda ninguno; una falla que se resolvió con una corrección es información, y su conteo se"
    " reserva donde se reserva el de las correcciones.",
)
NOTHING = Text(en="The checks found nothing.", es="Las revisiones no encontraron nada.")
NO_CORRECTION = Text(en="No correction was made.", es="No se hizo ninguna corrección.")
LEDGER = Text(en="Ledger", es="Registro")
IN_LEDGER = Text(
    en="Each correction names its row, old and new value and date in the study's ledger.",
    es="Cada corrección señala su fila, valor anterior, valor nuevo y fecha en el registro de"
    " correcciones del estudio.",
)
SUPPRESSED = Text(en="Suppressed", es="Suprimido")
BELOW = Text(
    en="A correction is of a respondent's record: a count below the minimum is shown as {limit}.",
    es="Una corrección es del registro de una persona: un conteo por debajo del mínimo se muestra"
    " como {limit}.",
)
BY_ARM = Text(
    en=" Groups are shown where no suppressed number can be worked out, here or from the sample"
    " flow.",
    es=" Los grupos se muestran donde no se puede deducir un número suprimido, aquí o con el flujo"
    " de la muestra.",
)


def findings(exhibit: Exhibit, source: Source) -> Table:
    """What the checks found, counted by rule, round and variable; never a row or a value."""
    counted: Counter[tuple[str, str, str, str]] = Counter()
    said: dict[tuple[str, str, str, str], list[Finding]] = {}
    for found in source.records.findings:
        key = (found.severity, found.rule, found.round, found.column)
        counted[key] += 1
        said.setdefault(key, []).append(found)
    names = ["rule", "severity", "round", "column", "n_findings", "problem", "mend"]
    rows = tuple(
        Row(
            id="-".join(slug(part) for part in (key[1], key[2], key[3], key[0]) if part),
            cells=(
                table.text(plain(key[1].replace("-", " "))),
                table.text(severity(key[0], source.language)),
                table.text(round_or_file(source, key[2])),
                table.text(key[3]),
                _of_cured(source, n) if _is_cured(said[key]) else table.count(n),
                table.text(_same(source, [f.problem for f in said[key]])),
                table.text(_same(source, [f.mend for f in said[key]])),
            ),
        )
        for key, n in counted.items()
    )
    columns = tuple(heads.column(source, name) for name in names)
    language = source.language
    note = words.labelled(COUNTS[language], NOTE[language])
    empty = () if rows else (words.labelled(RESULT[language], NOTHING[language]),)
    return heads.table(exhibit, source, columns=columns, rows=rows, generated=(note, *empty))


def _is_cured(found: list[Finding]) -> bool:
    return any(f.severity == "info" and f.mend.startswith(CURED) for f in found)


def _of_cured(source: Source, n: int) -> Cell:
    """A count of cured flaws: as many rows were corrected, so the rule of corrections holds."""
    minimum = source.configuration.study.minimum_cell
    return table.count(n) if n == 0 or n >= minimum else table.below(minimum, source.language)


def round_or_file(source: Source, name: str) -> str:
    """Short label of a round, or words for a file that belongs to none."""
    if name in source.configuration.study.rounds:
        return source.round_name(name)
    return FILES[name][source.language] if name in FILES else name


def _same(source: Source, texts: list[str]) -> str:
    """The text where all are alike and none names a row; what differs may speak of a row."""
    if len(set(texts)) > 1 or ROW_KEY.search(texts[0]):
        return DIFFERS[source.language]
    said = in_language(texts[0], source.language)
    for event in source.configuration.study.event:
        said = said.replace(f"`{event.id}`", f"\u201c{event.label[source.language]}\u201d")
    return plain(said)


def corrections(exhibit: Exhibit, source: Source) -> Table:
    """Corrections applied, counted by round, action and reason, and by group where rows have one.

    What is withheld in a group of the sample flow is not given away here: the total of a row that
    left goes where the flow's other groups would leave one.
    """
    arms = _arms(source)
    rows = tuple(
        Row(
            id="-".join(slug(part) for part in key),
            cells=(
                table.text(round_or_file(source, key[0])),
                table.text(_action(source, key[1])),
                table.text(key[2]),
                *_counts(source, key, arms),
            ),
        )
        for key in dict.fromkeys((f.round, f.action, f.reason) for f in source.records.corrections)
    )
    names = ("round", "action", "reason", "n_corrections")
    columns = (
        *(heads.column(source, name) for name in names),
        *(Column(id=f"n_{slug(arm)}", label=arm_label(source, arm)) for arm in arms),
    )
    language = source.language
    note = words.labelled(LEDGER[language], IN_LEDGER[language])
    generated = (
        (note, words.labelled(SUPPRESSED[language], _suppressed(source, arms)))
        if rows
        else (words.labelled(RESULT[language], NO_CORRECTION[language]),)
    )
    return heads.table(exhibit, source, columns=columns, rows=rows, generated=generated)


def _suppressed(source: Source, arms: tuple[str, ...]) -> str:
    limit = table.below(source.configuration.study.minimum_cell, source.language).text
    by_arm = BY_ARM[source.language] if arms else ""
    return BELOW[source.language].format(limit=limit) + by_arm


def _arms(source: Source) -> tuple[str, ...]:
    """Groups that corrections were counted by, in the study's order; none where they were not."""
    present = {f.arm for f in source.records.corrections} - {""}
    declared = [a.id for a in source.configuration.study.arm if present]
    return (*declared, *sorted(present - set(declared)))


def _counts(source: Source, key: tuple[str, str, str], arms: tuple[str, ...]) -> tuple[Cell, ...]:
    """The total of a row of the table, then its groups."""
    study = source.configuration.study
    found = [f for f in source.records.corrections if (f.round, f.action, f.reason) == key]
    n, n_rows = sum(f.n for f in found), sum(_rows(f) for f in found)
    total = table.count(n) if n == 0 or n_rows >= study.minimum_cell else None
    limit = table.below(study.minimum_cell, source.language)
    if not any(f.arm for f in found):
        return (total or limit, *(table.none() for _ in arms))
    by_arm = {f.arm: f for f in found}
    parts = [_rows(by_arm[arm]) if arm in by_arm else 0 for arm in arms]
    small = [arm in by_arm and _is_small(by_arm[arm], study) for arm in arms]
    elsewhere = [_is_withheld(source, key, arm) for arm in arms]
    places = [_clusters(by_arm[arm], study) if arm in by_arm else 0 for arm in arms]
    rule = {"minimum": study.minimum_cell, "minimum_clusters": study.minimum_clusters}
    hidden = withheld_parts(parts, secret=small, clusters=places, **rule)
    secret = tuple(h or e for h, e in zip(hidden, elsewhere, strict=True))
    # the flow may show the other groups: then the total less those is what it withholds
    gone = [(n, c) for n, c, e in zip(parts, places, elsewhere, strict=True) if e and n]
    if gone and is_recoverable(gone, **rule):
        total = None
    cells = (
        table.suppressed(source.language) if s else table.count(by_arm[a].n if a in by_arm else 0)
        for a, s in zip(arms, secret, strict=True)
    )
    return (total or (limit if n_rows < study.minimum_cell else _withheld(source)), *cells)


def _withheld(source: Source) -> Cell:
    return table.suppressed(source.language)


def _rows(found: CorrectionCount) -> int:
    """Rows that were corrected: one respondent's ten cells are one respondent."""
    return found.n if found.n_rows < 0 else found.n_rows


def _is_small(found: CorrectionCount, study: Study) -> bool:
    return is_small(_rows(found), _clusters(found, study), study=study)


def _clusters(found: CorrectionCount, study: Study) -> int:
    """Clusters of the corrected rows; where nobody counted them, enough."""
    return study.minimum_clusters if found.n_clusters < 0 else found.n_clusters


def _is_withheld(source: Source, key: tuple[str, str, str], arm: str) -> bool:
    """Whether the sample flow withholds how many rows of a group left for this reason."""
    round_id, action, reason = key
    told = {"drop": reason, "merge": f"{MERGED}{reason}"}.get(action)
    if told is None:
        return False
    shown = shown_counts(source).get((round_id, "dropped", told, arm))
    return shown is not None and shown.n is None


def _action(source: Source, name: str) -> str:
    return words.ACTIONS[name][source.language] if name in words.ACTIONS else name
