"""The study: its rounds, arms, treatments, unit of assignment, framework, terms of archiving."""

import dataclasses
import datetime
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evaluation.config import toml_reader
from evaluation.config.fieldwork_plan import BackcheckTypes, check_fieldwork, spelled_out
from evaluation.config.file_format import refuse_unknown_format
from evaluation.config.panel_study import PanelSeries, StudyType, check_panel
from evaluation.config.release_rules import Release, check_release
from evaluation.config.sampling import Contacts, Weighting, check_contacts, check_weighting
from evaluation.config.toml_reader import Text, TomlFile, named
from evaluation.estimation.parameters import (
    BLINDED,
    SYNTHETIC,
    DesignColumns,
    StudyDesign,
    StudyGroup,
    StudyRound,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """Facts for the study description of an archive. What is not declared is not written.

    Attributes
    ----------
    nation : Text
        Country of the interviews.
    nation_code : str
        Its two letters of ISO 3166-1.
    sampling, weighting : Text, optional
        How respondents were chosen, and how their weights were made.
    ethics : Text, optional
        Who approved the study, and how respondents agreed.
    access : Text, optional
        Who may use the clean data, and under which terms.
    """

    nation: Text
    nation_code: str
    sampling: Text | None = None
    weighting: Text | None = None
    ethics: Text | None = None
    access: Text | None = None


# in a study's folder
LEDGER, LOCK = "corrections.csv", "plan.lock"
# between the parts of a source: a survey, a place, the number of a question
PART = ", "
Language = Literal["en", "es"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Languages:
    """Languages of a study's book."""

    languages: tuple[Language, ...] = ("en",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round(StudyRound):
    """One survey round. Rounds are ordered as they stand in the file."""

    kind: Literal["baseline", "midline", "endline"]
    label: Text
    start: datetime.date
    end: datetime.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm(StudyGroup):
    """A group of clusters and the treatments it received (none for a comparison group)."""

    label: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """Something some arms received."""

    id: str
    label: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Clusters that entered together; baseline interviews after ``entry`` are findings."""

    id: str
    label: Text
    entry: datetime.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns(DesignColumns):
    """Names (in the dictionary) of the variables that carry the design.

    In a study of type panel, arm and cohort are made from the list of treated clusters, and there
    are no respondents.
    """

    weight: str | None = None
    date: str | None = None
    stratum: str | None = None
    department: str | None = None
    subregion: str | None = None
    cohort: str | None = None
    enumerator: str | None = None
    duration: str | None = None
    exposure: str | None = None
    age: str | None = None
    x_km: str | None = None
    y_km: str | None = None

    def roles(self) -> tuple[str, ...]:
        """Names of all fields: what a column may be to the design."""
        return tuple(field.name for field in dataclasses.fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """How prose calls the unit of assignment, and how a panel's treated ones are known."""

    cluster: Text
    clusters: Text
    known: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A programme component, or one of its expected results."""

    id: str
    label: Text
    kind: Literal["component", "expected_result", "overview"] = "component"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogicStep:
    """A step of the programme's logic model that the evaluation does not measure."""

    id: Literal["inputs", "activities", "outputs", "assumptions"]
    items: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A dated event that the design has to face, or a date of the programme itself."""

    id: str
    label: Text
    start: datetime.date
    end: datetime.date | None = None
    affects: Literal["both groups", "treated only", "programme"]
    rule: Literal["drop", "flag", "exclude", "none"] = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomisationBlocks:
    """How groups were drawn inside blocks: how many clusters of each group a block has.

    Attributes
    ----------
    column : str
        Variable of the frame.
    arms : dict of str to int
        Clusters of each group in every block.
    incomplete : tuple of str
        Blocks with fewer clusters, of which no more of a group than ``arms`` says.
    """

    column: str
    arms: dict[str, int]
    incomplete: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Who answers for the book, and what it has to say of itself.

    Attributes
    ----------
    authors : tuple of str or Text
        As they are cited, family name first; an organisation may have a name in each language.
    institution : Text
    year : int
        Of the version.
    contact : Text
        Where an error or a harm is reported: an address, or how to reach somebody.
    funding, conflicts, law : Text
        A sentence each; the law is the one that protects the people who answered.
    licence : Text, optional
        Terms of text, tables and figures, such as ``CC BY 4.0``.
    url, doi, errors : str, optional
        Where the book is published; the page or form where readers report errors.
    """

    authors: tuple[str | Text, ...]
    institution: Text
    year: int
    contact: Text
    funding: Text
    conflicts: Text
    law: Text
    licence: Text | None = None
    url: str = ""
    doi: str = ""
    errors: str = ""

    def authors_in(self, language: str) -> tuple[str, ...]:
        """Authors as one language names them."""
        return tuple(name if isinstance(name, str) else name[language] for name in self.authors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Study(StudyDesign):
    """One study. ``rounds`` is ordered; the first is the baseline of every contrast.

    A study of type panel has no rounds: ``panel`` declares its counts and periods.

    ``format`` is that of its files, written by the program that drafted them; it decides no result.
    ``targets`` are interviews per cluster, by round; ``backcheck`` sorts questions asked again.
    Respondents below ``minimum_age`` are left out; ``weights`` says how weights are built, without
    it they are taken from the files. ``languages`` are those of the book, English first.
    ``source`` puts into both languages what plan and dictionary say in English of where something
    comes from, whole or a part between commas; names and numbers of questions need none.
    ``blinded`` is no key of the file: it is the fact that the plan has no lock. Treatment is then
    scrambled between clusters, so that nobody can choose the plan by its results.
    """

    synthetic: bool
    title: Text
    question: Text
    population: Text
    citation: Text
    names: Names
    columns: Columns
    arm: tuple[Arm, ...]
    treatment: tuple[Treatment, ...]
    format: int = 1
    type: StudyType = "survey"
    round: tuple[Round, ...] = ()
    panel: PanelSeries | None = None
    component: tuple[Component, ...] = ()
    logic: tuple[LogicStep, ...] = ()
    cohort: tuple[Cohort, ...] = ()
    event: tuple[Event, ...] = ()
    minimum_cell: int = 10
    minimum_clusters: int = 3
    short_interview_minutes: float = 0.0
    targets: dict[str, int] = dataclasses.field(default_factory=dict)
    backcheck: BackcheckTypes | None = None
    release: Release | None = None
    minimum_age: float | None = None
    contacts: Contacts | None = None
    weights: Weighting | None = None
    archive: Archive | None = None
    publication: Publication | None = None
    source: tuple[Text, ...] = ()
    blocks: RandomisationBlocks | None = None
    languages: tuple[Language, ...] = ("en",)
    blinded: bool = False

    @property
    def mark(self) -> str:
        """What every file of invented data or scrambled treatment carries; empty for the rest."""
        marks = (SYNTHETIC if self.synthetic else "", BLINDED if self.blinded else "")
        return " ".join(mark for mark in marks if mark)

    def source_in(self, said: str, language: str) -> str:
        """Where something comes from, in a language; what no pair names stands as it is."""
        named = {text.en: text[language] for text in self.source}
        parts = said.split(PART)
        return named.get(said) or PART.join(named.get(part, part) for part in parts)


def read_study(folder: Path, *, purpose: Literal["stages", "release"] = "stages") -> Study:
    """Read ``study.toml`` of a study folder.

    Parameters
    ----------
    folder : Path
        ``config/<study>``.
    purpose : {"stages", "release"}
        The stages go on while decisions of ``[release]`` are open, as if there were none.

    Raises
    ------
    SpecError
        Any key, type, id or reference that does not hold.
    """
    toml = TomlFile(named(folder, "study.toml"))
    refuse_unknown_format(folder)
    later = "release" if purpose == "stages" else ""
    table = toml_reader.read_toml(folder / "study.toml", later=later)
    toml.refuse("blinded" in table, "study-unknown-key", "remove-study")
    study = toml_reader.convert(Study, spelled_out(table, toml), where=toml.where)
    study = dataclasses.replace(study, blinded=not (folder / LOCK).is_file())
    _check_languages(study.languages, toml)
    own, name = repr(study.id), repr(folder.name)
    toml.refuse(own != name, "study-is", "name-it", id=own, name=name)
    for what in ("round", "arm", "treatment", "component", "logic", "cohort", "event"):
        toml.unique((entry.id for entry in getattr(study, what)), what)
    _check_type(study, toml)
    _check_treatments(study, toml)
    for event in study.event:
        # a rule about interviews names their group; a date of the programme has none
        wrong = event.affects == "programme" and event.rule != "none"
        toml.refuse(
            wrong, "event-of-programme", "event-of-programme", id=event.id, rule_of=event.rule
        )
    check_fieldwork(study.targets, study.backcheck, rounds=study.rounds, toml=toml)
    if study.release is not None:
        check_release(study.release, toml)
    ageless = study.minimum_age is not None and study.columns.age is None
    toml.refuse(ageless, "study-there-no", "study-name-variable-holds")
    if study.contacts is not None:
        check_contacts(study.contacts, toml)
    if study.weights is not None:
        check_weighting(study.weights, weight=study.columns.weight, toml=toml)
    if study.blocks is not None:
        toml.known(study.blocks.arms, [a.id for a in study.arm], "arm", "blocks.arms")
    return study


def read_languages(folder: Path) -> tuple[Language, ...]:
    """Languages of a study's book, without reading the rest of ``study.toml``.

    Raises
    ------
    SpecError
        English is not the first, or one stands twice.
    """
    toml = TomlFile(named(folder, "study.toml"))
    table = toml_reader.read_toml(folder / "study.toml")
    own = {key: value for key, value in table.items() if key == "languages"}
    found = toml_reader.convert(Languages, own, where=toml.where).languages
    _check_languages(found, toml)
    return found


def _check_languages(languages: tuple[Language, ...], toml: TomlFile) -> None:
    wrong = languages[:1] != ("en",) or len(set(languages)) != len(languages)
    toml.refuse(wrong, "study-languages-is", "write-en-en", list=repr(list(languages)))


def _check_type(study: Study, toml: TomlFile) -> None:
    """A panel has its table and no rounds; a survey has rounds, respondents and no such table."""
    respondent, panel = study.columns.respondent, study.panel
    if study.type == "survey":
        toml.refuse(panel, "table-of-panels", "table-of-panels")
        path = "columns.respondent"
        toml.refuse(not respondent, "key-missing", "load-add", path=path, name="respondent")
        _check_rounds(study, toml)
        return
    toml.refuse(panel is None, "key-missing", "load-add", path="panel", name="panel")
    toml.refuse(study.round or respondent, "rounds-in-panel", "rounds-in-panel")
    if panel is not None:
        cohorts = [cohort.id for cohort in study.cohort]
        check_panel(panel, arms=[arm.id for arm in study.arm], cohorts=cohorts, toml=toml)


def _check_rounds(study: Study, toml: TomlFile) -> None:
    late = len(study.round) < 2 or study.round[0].kind != "baseline"
    toml.refuse(late, "first-round-not", "list-rounds-order")
    for one in study.round:
        wrong = one.end < one.start
        toml.refuse(
            wrong, "round-ends-first", "round-ends-first", id=one.id, start=one.start, end=one.end
        )
    for before, after in itertools.pairwise(study.round):
        wrong = after.start <= before.start
        toml.refuse(
            wrong, "rounds-not-order", "order-round-tables", id=before.id, id_other=after.id
        )


def _check_treatments(study: Study, toml: TomlFile) -> None:
    declared = [t.id for t in study.treatment]
    for arm in study.arm:
        toml.known(arm.treatments, declared, "treatment", f"arm.{arm.id}")
    for treatment in declared:
        unused = not study.arms_with(treatment)
        toml.refuse(unused, "treatment-unused", "remove-name-arm", treatment=treatment)
    toml.refuse(not study.arms_without_any(), "no-comparison", "add-arm-treatments")
