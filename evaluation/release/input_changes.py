"""What changed since a release among its inputs, in words, and what each change can have moved."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation import file_content
from evaluation.config.configuration import Configuration
from evaluation.config.declared import FILE_SOURCES, sources_of_panel
from evaluation.config.dependency_scope import ALL, NOTHING, Scope, of_column, of_entry, of_variable
from evaluation.config.dictionary import Dictionary
from evaluation.config.dictionary_rules import read_dictionary
from evaluation.config.study import LEDGER
from evaluation.config.toml_reader import read_toml
from evaluation.errors import SpecError
from evaluation.locale.messages import Message, Plain, ResultNumber, message, term, wording
from evaluation.release import kept_inputs
from evaluation.release.result_diff import Move
from evaluation.storage.folders import Paths
from evaluation.storage.packaged import read_beside

# names that are listed before the others are counted
NAMED = 5


def number(count: int, noun: str) -> Message:
    """A number with its noun.

    Parameters
    ----------
    count : int
    noun : str
        In English and in the singular.
    """
    form = f"noun.{noun.replace(' ', '-')}.{'one' if count == 1 else 'other'}"
    return message("compare.counted", number=ResultNumber(f"{count:,}"), noun=Message(form))


def listed(names: Sequence[str]) -> Message | str:
    """The first names, and how many more there are."""
    said = ", ".join(names[:NAMED])
    if len(names) <= NAMED:
        return said
    return message("compare.first-names", names=said, n=Plain(len(names) - NAMED))


def side(text: str, language: str) -> str:
    """A value before or now, or which side has the row.

    Parameters
    ----------
    text : str
        A value, or ``there`` or ``absent``.
    language : {"en", "es"}
    """
    return term("compare.side", text, language)


# keys of the configuration by what they decide, as ``input_changes.toml`` explains them
DECIDES = read_beside(__file__)
# Role of the file of printed estimates, which only the report reads.
PUBLISHED = "published"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A changed input in words, and what it can move."""

    text: Message
    reach: Scope


def causes(
    paths: Paths,
    sums: bytes,
    before: Mapping[str, Any],
    now: Mapping[str, Any],
    configuration: Configuration,
) -> tuple[Cause, ...]:
    """Every input that is not as it was for the release.

    Parameters
    ----------
    paths : Paths
    sums : bytes
        The release's list of checksums, which names its private copy.
    before, now : mapping
        ``results.json`` of the release and of what is built.
    configuration : Configuration
        As it stands.
    """
    entries = plan_causes(before["entries"], now["entries"], configuration)
    folder = kept_inputs.private_copy(paths, sums)
    if not folder.is_dir():
        return (*entries, *_public_causes(before, now))
    return (
        *entries,
        *_configuration_causes(folder, paths, before, now, configuration),
        *_data_causes(folder, paths, now, configuration),
    )


def plan_causes(
    before: Mapping[str, str], now: Mapping[str, str], configuration: Configuration
) -> tuple[Cause, ...]:
    """Plan entries whose fingerprints differ.

    Parameters
    ----------
    before : mapping
        Fingerprints of the release, by entry.
    now : mapping
        Fingerprints of the plan as it stands.
    configuration : Configuration
    """
    return tuple(
        Cause(
            text=message("compare.plan-entry", name=entry, how=_how(entry, before, now)),
            reach=of_entry(entry, **_declared(configuration)),
        )
        for entry in _changed(before, now)
    )


def _declared(configuration: Configuration) -> dict[str, Any]:
    return {
        "plan": configuration.preregistration.plan,
        "study": configuration.study,
        "dictionary": configuration.dictionary,
    }


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return sorted(key for key in {*before, *now} if before.get(key) != now.get(key))


def _how(name: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> Message:
    if name not in before:
        return message("compare.is-new")
    return message("compare.changed" if name in now else "compare.is-gone")


def _public_causes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Cause]:
    """Without the private copy: which files differ, and no more."""
    then, here = ({f["id"]: f["sha256"] for f in made["files"]} for made in (before, now))
    roles = {f["id"]: f["role"] for f in (*before["files"], *now["files"])}
    for name in _changed(then, here):
        reach = NOTHING if roles[name] == PUBLISHED else ALL
        yield Cause(text=message("compare.other-file", name=name), reach=reach)
    if before["corrections"] != now["corrections"]:
        yield Cause(text=message("compare.other-ledger"), reach=ALL)


def _configuration_causes(
    folder: Path,
    paths: Paths,
    before: Mapping[str, Any],
    now: Mapping[str, Any],
    configuration: Configuration,
) -> Iterator[Cause]:
    """Study file, manifest and dictionary, where the release's copies were kept."""
    if not all((folder / name).is_file() for name in kept_inputs.CONFIGURATION):
        return
    places = (folder, paths.config)
    then, here = (read_toml(place / "study.toml", later="release") for place in places)
    for key in _changed(then, here):
        if key not in (*DECIDES["words"], *DECIDES["shown_only"]):
            yield Cause(text=message("compare.study-key", name=key), reach=ALL)
    read, reads = (_how_read(place / "manifest.toml") for place in (folder, paths.config))
    for name in _changed(read, reads):
        yield Cause(text=message("compare.reading", name=name), reach=ALL)
    told = _changed(before["entries"], now["entries"])
    yield from _dictionary_causes(folder, told, configuration)


def _dictionary_causes(
    folder: Path, told: list[str], configuration: Configuration
) -> Iterator[Cause]:
    """Variables whose texts mean something else; codings of outcomes' items are plan entries."""
    study = configuration.study
    sources = (*study.rounds, *FILE_SOURCES)
    if study.panel is not None:
        sources = sources_of_panel(configuration.manifest)
    try:
        old = _meanings(read_dictionary(folder, sources))
    except SpecError:
        yield Cause(text=message("compare.dictionary"), reach=ALL)
        return
    new = _meanings(configuration.dictionary)
    for name in _changed(old, new):
        if f"coding.{name}" not in told:
            text = message("compare.dictionary-variable", name=name, how=_how(name, old, new))
            yield Cause(text=text, reach=of_variable(name, **_declared(configuration)))


def _how_read(path: Path) -> dict[str, Any]:
    """How each file of a manifest is read, by its id."""
    return {
        str(file["id"]): [file.get(key) for key in DECIDES["read"]]
        for file in read_toml(path).get("file", [])
        if file["role"] != PUBLISHED
    }


def _meanings(dictionary: Dictionary) -> dict[str, object]:
    """What turns the raw texts of each variable into values; words are free."""
    return {
        name: [
            v.type,
            v.range,
            v.asked_if,
            [
                (source, raw, _codes(dictionary, name, source), _missing(dictionary, name, source))
                for source, raw in sorted(v.raw.items())
            ],
        ]
        for name, v in dictionary.variables.items()
    }


def _codes(dictionary: Dictionary, name: str, source: str) -> object:
    codes = dictionary.code_list(name, source)
    return [(c.code, c.value) for c in codes.values] if codes else []


def _missing(dictionary: Dictionary, name: str, source: str) -> object:
    missing = dictionary.missing_codes(name, source)
    return dataclasses.replace(missing, id="") if missing else None


def _data_causes(
    folder: Path, paths: Paths, now: Mapping[str, Any], configuration: Configuration
) -> Iterator[Cause]:
    """Changed rows and corrections."""
    dictionary, study = configuration.dictionary, configuration.study
    changes = kept_inputs.file_changes(
        folder,
        paths.private / "raw",
        {f["id"]: f["round"] or f["role"] for f in now["files"]},
        respondents=dict(dictionary.variables[study.columns.respondent].raw),
    )
    for change in changes:
        yield from _of_file(change, configuration)
    ledgers = (folder / LEDGER, paths.config / LEDGER)
    for line in kept_inputs.ledger_changes(*ledgers):
        yield _of_line(line, configuration)
    count = kept_inputs.confirmed_lines(*ledgers)
    if count:
        said = "compare.confirmed.one" if count == 1 else "compare.confirmed.other"
        yield Cause(text=message(said, lines=number(count, "line")), reach=NOTHING)


def _of_file(change: kept_inputs.FileChange, configuration: Configuration) -> Iterable[Cause]:
    for what, keys in (("compare.new-rows", change.added), ("compare.gone-rows", change.removed)):
        if keys:
            rows = number(len(keys), "row")
            text = message(what, rows=rows, name=change.id, keys=listed(keys))
            yield Cause(text=text, reach=NOTHING if change.source == PUBLISHED else ALL)
    for column, count in sorted(change.cells.items()):
        cells = number(count, "cell")
        text = message("compare.cells", cells=cells, name=change.id, column=column)
        reach = of_column(column, change.source, **_declared(configuration))
        yield Cause(text=text, reach=reach)


def _of_line(line: kept_inputs.LedgerChange, configuration: Configuration) -> Cause:
    reach = (
        of_column(line.column, line.source, **_declared(configuration))
        if line.action == "set"
        else ALL
    )
    text = message(
        "compare.new-correction" if line.is_new else "compare.gone-correction",
        action=line.action,
        row_key=line.row_key,
        column=line.column,
        reason=line.reason,
    )
    return Cause(text=text, reach=reach)


# the columns are those of a move, and what can have caused it
FIELDS = tuple(field.name for field in dataclasses.fields(Move) if field.name != "place")


def causes_of(move: Move, changed: tuple[Cause, ...], language: str) -> list[str]:
    """Changes that can have moved a field, in words.

    Parameters
    ----------
    move : Move
    changed : tuple of Cause
        All changed inputs.
    language : {"en", "es"}
    """
    return [cause.text.text(language) for cause in changed if cause.reach.holds(move.place)]


def comparison(changed: tuple[Cause, ...], moved: tuple[Move, ...], language: str) -> bytes:
    """Every field that moved, as CSV, with what can have moved it.

    Parameters
    ----------
    changed : tuple of Cause
    moved : tuple of Move
    language : {"en", "es"}
    """
    rows = [(*FIELDS, "causes")]
    for m in moved:
        said = "; ".join(causes_of(m, changed, language)) or wording("compare.unknown", language)
        texts = {name: getattr(m, name) for name in FIELDS}
        texts |= {name: side(texts[name], language) for name in ("before", "now")}
        rows.append(tuple(map(file_content.guarded, (*texts.values(), said))))
    return file_content.csv_text(rows).encode()
