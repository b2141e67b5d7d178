"""What a person judged about a study: ``review.toml`` and ``description.toml``.

Assumptions, risk of bias and certainty cannot be computed. They are declared with their date and
their author, each names the exhibits it rests on, and these have to exist. Numbers are never typed
here: the exhibits put them beside the judgements, and in a panel study a reference in braces is
replaced by the number it names (`report/panels/references.py`).
"""

import datetime
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evaluation.config.exhibits import ExhibitRegistry
from evaluation.config.plan import Plan
from evaluation.config.preregistration import Promise
from evaluation.config.toml_reader import Text, TomlFile, named, read
from evaluation.locale.messages import message

Tool = Literal["ROBINS-I", "RoB 2"]
Domain = Literal[
    "confounding",
    "selection",
    "classification",
    "randomisation",
    "deviations",
    "missing_data",
    "measurement",
    "reported_result",
]
Judgement = Literal[
    "low", "moderate", "serious", "critical", "some concerns", "high", "not assessed"
]
Certainty = Literal["high", "moderate", "low", "very low"]
Downgraded = Literal[
    "risk_of_bias", "inconsistency", "indirectness", "imprecision", "publication_bias"
]
JudgedConclusion = Literal[
    "effect detected",
    "effect detected, large enough to matter",
    "detected but smaller than matters",
    "effects that matter ruled out",
    "inconclusive",
]

# Domains of each tool, and its judgements from best to worst (Sterne et al. 2016 and 2019).
DOMAINS: Mapping[Tool, tuple[Domain, ...]] = {
    "ROBINS-I": (
        "confounding",
        "selection",
        "classification",
        "deviations",
        "missing_data",
        "measurement",
        "reported_result",
    ),
    "RoB 2": ("randomisation", "deviations", "missing_data", "measurement", "reported_result"),
}
JUDGEMENTS: Mapping[Tool, tuple[Judgement, ...]] = {
    "ROBINS-I": ("low", "moderate", "serious", "critical"),
    "RoB 2": ("low", "some concerns", "high"),
}
# a domain on which there is no evidence, by either tool
NOT_ASSESSED: Judgement = "not assessed"
CERTAINTIES: tuple[Certainty, ...] = ("very low", "low", "moderate", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """When the judgements were made, by whom (a role), and whether somebody judged again."""

    date: datetime.date
    by: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """One line of the assumption ledger.

    ``checks`` are checks of the plan whose rows in the robustness tables speak to it.
    """

    id: str
    label: Text
    evidence: Text
    if_false: Text
    exhibits: tuple[str, ...]
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """A judgement in one domain for these primary outcomes; no outcomes means all."""

    domain: Domain
    judgement: Judgement
    support: Text
    exhibits: tuple[str, ...]
    outcomes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Downgrade:
    """Levels taken off the certainty in one domain; 0 says that the domain was looked at."""

    domain: Downgraded
    levels: int
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeStatement:
    """Certainty of the evidence for one primary outcome, and the conclusion it was judged on.

    An effect is "detected, large enough to matter" where the interval has no smaller ones, and
    "detected" where it has: what is said of imprecision is true of one of them.
    """

    outcome: str
    conclusion: JudgedConclusion
    start: Certainty
    start_reason: Text
    downgrade: tuple[Downgrade, ...]

    @property
    def certainty(self) -> Certainty:
        """The start less all downgrades, never under the lowest level."""
        position = CERTAINTIES.index(self.start) - sum(d.levels for d in self.downgrade)
        return CERTAINTIES[max(position, 0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim of the summary, the exhibit that shows it and the functions that compute it.

    ``functions`` are written ``evaluation.estimation.did:estimate``.
    """

    id: str
    claim: Text
    exhibit: str
    functions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Everything of ``review.toml``."""

    judged: Judged
    tool: Tool
    assumption: tuple[Assumption, ...]
    risk: tuple[Risk, ...]
    certainty: tuple[GradeStatement, ...]
    claim: tuple[Claim, ...]

    @property
    def drawn_by_lot(self) -> bool:
        """Whether the tool is the one for randomised trials: the groups were drawn by lot."""
        return self.tool == "RoB 2"

    def risks_of(self, outcome: str, domain: Domain) -> tuple[Risk, ...]:
        """Judgements of a primary outcome in a domain: one, once the review is checked."""
        mine = (r for r in self.risk if r.domain == domain)
        return tuple(r for r in mine if not r.outcomes or outcome in r.outcomes)

    def risk_of(self, outcome: str, domain: Domain) -> Risk:
        """The judgement of a primary outcome in a domain."""
        return self.risks_of(outcome, domain)[0]

    def overall(self, outcome: str) -> Judgement:
        """The worst judgement over the domains that were assessed: none makes up for another.

        Not assessed where none was.
        """
        order = (NOT_ASSESSED, *JUDGEMENTS[self.tool])
        found = (self.risk_of(outcome, domain).judgement for domain in DOMAINS[self.tool])
        return max(found, key=order.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A phrase of the programme's description, with what answers it.

    Attributes
    ----------
    outcomes : tuple of str
        Outcomes of the plan that measure it.
    among : str
        Check of the kind ``subgroup`` whose first group's effects on its own outcomes are shown
        below.
    not_measured : Text, optional
        What of it is not measured, and what would measure it.
    """

    id: str
    phrase: Text
    outcomes: tuple[str, ...] = ()
    among: str = ""
    not_measured: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """``description.toml``."""

    phrase: tuple[Phrase, ...]


DESCRIPTION = "description.toml"


def read_description(folder: Path, plan: Plan) -> tuple[Phrase, ...]:
    """Read ``description.toml`` and check it; nothing where a study has none.

    Raises
    ------
    SpecError
        A phrase twice, in either language; an outcome that the plan does not estimate, or twice in
        a row; a check that compares no groups; a phrase that nothing answers.
    """
    if not (folder / DESCRIPTION).is_file():
        return ()
    toml, phrases = TomlFile(named(folder, DESCRIPTION)), read(Description, folder, DESCRIPTION)
    rows = phrases.phrase
    toml.unique((p.id for p in rows), "phrase")
    for language in ("en", "es"):
        toml.unique((p.phrase[language].strip().casefold() for p in rows), "phrase")
    estimated = [o.id for o in plan.outcomes_of(plan.primary_specification())]
    groups = [c.id for c in plan.check if c.kind == "subgroup"]
    for p in rows:
        key, said = f"phrase.{p.id}", p.not_measured
        toml.known(p.outcomes, estimated, "outcome", key)
        toml.unique(p.outcomes, message("word.outcome-in", name=p.id))
        toml.known([p.among] if p.among else [], groups, "check", key)
        blank = said is not None and not (said.en.strip() and said.es.strip())
        empty = blank or not (p.outcomes or said)
        toml.refuse(empty, "phrase-unanswered", "phrase-unanswered", id=p.id)
    return rows


def read_review(folder: Path, promise: Promise, registry: ExhibitRegistry) -> Review | None:
    """Read ``review.toml`` and check it; None where a study has none.

    Raises
    ------
    SpecError
        Any key, type or reference that does not hold; a domain without a judgement, or with two;
        a judgement that the tool does not know, or that the lock of the plan contradicts; a
        primary outcome without certainty.
    """
    path = folder / "review.toml"
    if not path.is_file():
        return None
    toml = TomlFile(named(folder, "review.toml"))
    review, plan = read(Review, folder, "review.toml"), promise.plan
    toml.unique((a.id for a in review.assumption), "assumption")
    toml.unique((c.id for c in review.claim), "claim")
    _check_references(review, plan, registry, toml)
    _check_risks(review, [o.id for o in plan.primary_outcomes()], toml)
    _check_reported_result(review, promise, toml)
    _check_certainty(review, [o.id for o in plan.primary_outcomes()], toml)
    return review


def _check_references(
    review: Review, plan: Plan, registry: ExhibitRegistry, toml: TomlFile
) -> None:
    exhibits, checks = [e.id for e in registry.exhibit], [c.id for c in plan.check]
    for assumption in review.assumption:
        toml.known(assumption.exhibits, exhibits, "exhibit", f"assumption.{assumption.id}")
    for risk in review.risk:
        toml.known(risk.exhibits, exhibits, "exhibit", f"risk.{risk.domain}")
    for claim in review.claim:
        toml.known(claim.exhibit, exhibits, "exhibit", f"claim.{claim.id}")
    for assumption in review.assumption:
        toml.known(assumption.checks, checks, "check", f"assumption.{assumption.id}")


def _check_risks(review: Review, primary: list[str], toml: TomlFile) -> None:
    domains, judgements = DOMAINS[review.tool], JUDGEMENTS[review.tool]
    for risk in review.risk:
        toml.refuse(
            risk.domain not in domains,
            "no-domain",
            "use-one",
            tool=review.tool,
            domain=risk.domain,
            names=", ".join(domains),
        )
        toml.refuse(
            risk.judgement not in (*judgements, NOT_ASSESSED),
            "no-judgement",
            "use-one",
            tool=review.tool,
            judgement=risk.judgement,
            names=", ".join(judgements),
        )
        toml.known(risk.outcomes, primary, "primary outcome", f"risk.{risk.domain}")
    for outcome, domain in itertools.product(primary, domains):
        n = len(review.risks_of(outcome, domain))
        toml.refuse(
            n != 1, "judgements-domain", "give-each-primary", outcome=outcome, n=n, domain=domain
        )


def _check_reported_result(review: Review, promise: Promise, toml: TomlFile) -> None:
    """The selection of the reported result is judged no better than the lock of the plan allows.

    Without a plan from before the endline data no tool calls it low. Moderate of ROBINS-I asks that
    nothing points to a choice among analyses: a change made after these data does.
    """
    seen = promise.lock is not None and promise.lock.endline_data_seen
    chosen = promise.changed_after_data and review.tool == "ROBINS-I"
    order = (NOT_ASSESSED, *JUDGEMENTS[review.tool])
    least = JUDGEMENTS[review.tool][2 if chosen else 1 if seen or promise.changed_after_data else 0]
    problem = "reported-changed" if promise.changed_after_data else "reported-unplanned"
    for risk in review.risk:
        toml.refuse(
            risk.domain == "reported_result" and order.index(risk.judgement) < order.index(least),
            problem,
            "judge-at-least",
            judgement=risk.judgement,
            least=least,
        )


def _check_certainty(review: Review, primary: list[str], toml: TomlFile) -> None:
    judged = [g.outcome for g in review.certainty]
    toml.unique(judged, "certainty of outcome")
    toml.known(judged, primary, "primary outcome", "certainty")
    for name in primary:
        toml.refuse(name not in judged, "no-statement", "add-certainty", name=name)
    for statement in review.certainty:
        domains = (d.domain for d in statement.downgrade)
        toml.unique(domains, message("word.downgrade-in", name=statement.outcome))
        for entry in statement.downgrade:
            toml.refuse(
                not 0 <= entry.levels <= 2,
                "goes-down-number",
                "write-or",
                outcome=statement.outcome,
                wrong=entry.domain,
            )
