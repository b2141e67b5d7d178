"""The records an exhibit is built from, and how one is found or reported missing."""

from collections.abc import Iterable
from dataclasses import dataclass

from evaluation.config.configuration import Configuration
from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Outcome, Plan, Specification
from evaluation.errors import ReportError
from evaluation.estimation.records import Diagnostic, Estimate, Level, Unavailable
from evaluation.estimation.row_keys import Part
from evaluation.locale.messages import outside_in, wording
from evaluation.report.formats.words import begun, in_sentence, labelled, noun
from evaluation.report.record_disclosure import shown
from evaluation.report.record_set import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Records as they may be shown, with the configuration they were made under.

    ``language`` is the one to write in.
    """

    records: Records
    configuration: Configuration
    language: str

    def __post_init__(self) -> None:
        """Hold nothing that may not be shown, whoever made the records."""
        object.__setattr__(self, "records", shown(self.records, self.configuration))

    @property
    def plan(self) -> Plan:
        """The plan of the study."""
        return self.configuration.preregistration.plan

    def wording(self, identifier: str, /, **holes: object) -> str:
        """The words of an entry in the language of the exhibit.

        Parameters
        ----------
        identifier : str
            Id of an entry of the catalogue.
        holes
            A value for each hole, by name; ``cluster``, ``clusters`` and ``stratum`` are the
            study's words, in a panel also ``events``, ``events_begun``, and
            ``known`` with the blank before it.
        """
        names = self.configuration.study.names
        own = {
            "cluster": names.cluster[self.language],
            "clusters": names.clusters[self.language],
            "stratum": self._stratum(),
            **(self._of_panel() if self.configuration.study.panel else {}),
        }
        return wording(identifier, self.language, **{**own, **holes})

    def verdict(self, identifier: str, /, **holes: object) -> str:
        """Words that conclude from arms: of a blinded study, that nothing is concluded.

        Parameters
        ----------
        identifier : str
            Id of an entry of the catalogue: a headline, a sentence or a part of one.
        holes
            A value for each hole, as of :meth:`wording`.
        """
        said = self.wording(identifier, **holes)
        if not self.configuration.study.blinded:
            return said
        none = self.wording("conclusion.blinded: no conclusion")
        return none if said[:1].islower() else begun(none) + "." * said.endswith(".")

    def _of_panel(self) -> dict[str, str]:
        """What is counted, and how the treated clusters are known: by no list of the office's."""
        outcome = self.plan.outcomes_of(self.plan.primary_specification())[0]
        events, known = noun(outcome, self.language), self.configuration.study.names.known
        shown = known is not None and bool(self.records.frame)
        return {
            "events": events,
            "events_begun": begun(events),
            "known": f" {known[self.language]}" if known is not None and shown else "",
        }

    def _stratum(self) -> str:
        """What the variable of strata is called inside a sentence; empty where there is none."""
        name = self.configuration.study.columns.stratum
        known = self.configuration.dictionary.variables.get(name or "")
        return in_sentence(known.label[self.language]) if known is not None else ""

    def note(self, label: str, /, *sentences: str, **holes: object) -> str:
        """A note: one or two words that say what it is about, then its sentences.

        Parameters
        ----------
        label, *sentences : str
            Ids of entries of the catalogue; an empty one is passed over.
        holes
            A value for each hole of the entries, by name.
        """
        parts = (self.wording(sentence, **holes) for sentence in sentences if sentence)
        return labelled(self.wording(label), *parts)

    def reason(self, reason: str) -> str:
        """Why rows were left out, in the language of the exhibit.

        Parameters
        ----------
        reason : str
            Of the ledger, or the English of a rule of the manifest.
        """
        rules = (rule for file in self.configuration.manifest.file for rule in file.drop)
        own = {rule.reason.en: rule.reason[self.language] for rule in rules}
        return own.get(reason) or outside_in(reason, self.language)

    def outcome(self, identifier: str) -> Outcome:
        """Outcome of the plan by id."""
        return next(o for o in self.plan.outcome if o.id == identifier)

    def outcomes_of(self, exhibit: Exhibit) -> tuple[Outcome, ...]:
        """Outcomes that an exhibit names, in its order; the primary ones where it names none."""
        return tuple(map(self.outcome, exhibit.outcomes)) or self.plan.primary_outcomes()

    def specification(self, identifier: str) -> Specification:
        """Specification of the plan by id."""
        return next(s for s in self.plan.specification if s.id == identifier)

    def label(self, outcome: str) -> str:
        """Label of an outcome in the language of the exhibit."""
        return self.outcome(outcome).label[self.language]

    def arm(self, identifier: str) -> str:
        """Label of a group in the language of the exhibit."""
        arms = self.configuration.study.arm
        return next(a for a in arms if a.id == identifier).label[self.language]

    def arms_and_rounds(self) -> list[tuple[str, str]]:
        """Each arm with each round of the contrast that checks depart from, by id."""
        rounds = self.plan.checked().primary_specification().contrast
        return [(arm.id, round_) for arm in self.configuration.study.arm for round_ in rounds]

    def round(self, identifier: str) -> str:
        """Label of a round in the language of the exhibit."""
        rounds = self.configuration.study.round
        return next(r for r in rounds if r.id == identifier).label[self.language]

    def round_name(self, identifier: str) -> str:
        """Label of a round without what stands in brackets or after a comma, for narrow places."""
        return self.round(identifier).split(" (")[0].split(",")[0]

    def variable(self, name: str) -> str:
        """A variable inside a sentence: by its name in English, which the name is, else its label.

        Names are English and permanent; a column of the frame that no dictionary describes has
        its name only.
        """
        known = self.configuration.dictionary.variables.get(name)
        if self.language == "en" or known is None:
            return name
        label = known.label[self.language]
        return label[:1].lower() + label[1:]

    def family(self, outcome: str) -> str:
        """Label of an outcome's family in the language of the exhibit."""
        name = self.outcome(outcome).family
        return next(f for f in self.plan.family if f.id == name).label[self.language]


def find(
    source: Source, outcome: str, *, specification: Specification, step: str
) -> Estimate | Unavailable:
    """The estimate an exhibit asks for, or the record of why it is unavailable.

    Parameters
    ----------
    source : Source
    outcome, step : str
    specification : Specification

    Raises
    ------
    ReportError
        Neither exists: a hole is never printed as a blank.
    """
    records = source.records
    for estimate in records.estimates:
        if _answers(estimate, outcome, specification) and estimate.step == step:
            return estimate
    for absent in records.unavailable:
        asked = (absent.outcome, absent.specification) == (outcome, specification.id)
        if asked and absent.step in (step, "all", ""):
            return absent
    raise ReportError.of(
        "neither-estimate",
        "run-estimate",
        "estimates.csv",
        rule="missing-record",
        outcome=outcome,
        id=specification.id,
        step=step,
    )


def _answers(estimate: Estimate, outcome: str, specification: Specification) -> bool:
    return (estimate.outcome, estimate.specification, estimate.sample, estimate.estimand) == (
        outcome,
        specification.id,
        Part(specification.sample),
        specification.estimand,
    )


def level_rows(source: Source, outcome: str, specification: Specification) -> tuple[Level, ...]:
    """Levels of an outcome under a specification's estimand and sample, in recorded order.

    Parameters
    ----------
    source : Source
    outcome : str
    specification : Specification

    Raises
    ------
    ReportError
        There are none.
    """
    rows = tuple(
        level
        for level in source.records.levels
        if (level.outcome, level.estimand, level.sample)
        == (outcome, specification.estimand, Part(specification.sample))
    )
    if not rows:
        raise ReportError.of(
            "no-levels-under",
            "run-estimate",
            "levels.csv",
            rule="missing-record",
            outcome=outcome,
            id=specification.id,
        )
    return rows


def diagnostic(source: Source, estimate: Estimate, name: str) -> Diagnostic | Unavailable | None:
    """A named diagnostic beside an estimate, why it is unavailable, or None if nobody asked.

    Parameters
    ----------
    source : Source
    estimate : Estimate
    name : str
    """
    place = (estimate.outcome, estimate.specification, estimate.estimand, estimate.sample)
    for found in source.records.diagnostics:
        here = (found.outcome, found.specification, found.estimand, found.sample)
        if here == place and found.name == name:
            return found
    for absent in source.records.unavailable:
        here = (absent.outcome, absent.specification, absent.estimand, absent.sample)
        if here == place and absent.step == name:
            return absent
    return None


def by_family(source: Source, outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Outcomes in the order of the families, inside them the primary ones first, in plan order.

    Parameters
    ----------
    source : Source
    outcomes : iterable of Outcome
    """
    order = [f.id for f in source.plan.family]
    return sorted(outcomes, key=lambda o: (order.index(o.family), not o.primary))
