"""``review.toml``: what a person judged about a study, with what each judgement rests on.

Assumptions, risk of bias and certainty cannot be computed. They are declared with their date and
their author, each names the exhibits it rests on, and these have to exist. Numbers never stand
here: the exhibits put them beside the judgements.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evaluation.errors import SpecError
from evaluation.locale.messages import message
from evaluation.study import toml_reader
from evaluation.study.exhibits import Registry
from evaluation.study.plan import Plan
from evaluation.study.toml_reader import Text

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
Judgement = Literal["low", "moderate", "serious", "critical", "some concerns", "high"]
Certainty = Literal["high", "moderate", "low", "very low"]
Downgraded = Literal[
    "risk_of_bias", "inconsistency", "indirectness", "imprecision", "publication_bias"
]
JudgedConclusion = Literal[
    "effect detected",
    "detected but smaller than matters",
    "meaningful effect ruled out",
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
    """Certainty of the evidence for one primary outcome, and the conclusion it was judged on."""

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

    ``functions`` are written ``evaluation.estimation.did:two_rounds``.
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

    def risk_of(self, outcome: str, domain: Domain) -> Risk:
        """The judgement of a primary outcome in a domain."""
        return next(
            r for r in self.risk if r.domain == domain and outcome in (r.outcomes or (outcome,))
        )

    def overall(self, outcome: str) -> Judgement:
        """The worst judgement over the domains of the tool: no domain makes up for another."""
        order = JUDGEMENTS[self.tool]
        found = (self.risk_of(outcome, domain).judgement for domain in DOMAINS[self.tool])
        return max(found, key=order.index)


def read_review(folder: Path, plan: Plan, registry: Registry) -> Review | None:
    """Read ``review.toml`` and check it; None where a study has none.

    Raises
    ------
    SpecError
        Any key, type or reference that does not hold; a domain without a judgement, or with two;
        a judgement that the tool does not know; a primary outcome without certainty.
    """
    path = folder / "review.toml"
    if not path.is_file():
        return None
    where = f"{folder.name}/review.toml"
    review: Review = toml_reader.convert(Review, toml_reader.read_toml(path), where=where)
    toml_reader.unique((a.id for a in review.assumption), what="assumption", where=where)
    toml_reader.unique((c.id for c in review.claim), what="claim", where=where)
    _check_references(review, plan, registry, where)
    _check_risks(review, [o.id for o in plan.primary_outcomes()], where)
    _check_certainty(review, [o.id for o in plan.primary_outcomes()], where)
    return review


def _check_references(review: Review, plan: Plan, registry: Registry, where: str) -> None:
    exhibits = [e.id for e in registry.exhibit]
    named: list[tuple[str, Iterable[str], list[str], str]] = [
        *(("exhibit", a.exhibits, exhibits, f"assumption.{a.id}") for a in review.assumption),
        *(("exhibit", r.exhibits, exhibits, f"risk.{r.domain}") for r in review.risk),
        *(("exhibit", (c.exhibit,), exhibits, f"claim.{c.id}") for c in review.claim),
    ]
    checks = [c.id for c in plan.check]
    named += [("check", a.checks, checks, f"assumption.{a.id}") for a in review.assumption]
    for what, names, allowed, key in named:
        for name in names:
            toml_reader.known(name, allowed, what=what, where=where, key=key)


def _check_risks(review: Review, primary: list[str], where: str) -> None:
    for risk in review.risk:
        if risk.domain not in DOMAINS[review.tool]:
            raise SpecError.of(
                "no-domain",
                "use-one",
                where,
                tool=review.tool,
                domain=risk.domain,
                names=", ".join(DOMAINS[review.tool]),
            )
        if risk.judgement not in JUDGEMENTS[review.tool]:
            raise SpecError.of(
                "no-judgement",
                "use-one",
                where,
                tool=review.tool,
                judgement=risk.judgement,
                names=", ".join(JUDGEMENTS[review.tool]),
            )
        for name in risk.outcomes:
            key = f"risk.{risk.domain}"
            toml_reader.known(name, primary, what="primary outcome", where=where, key=key)
    for outcome in primary:
        for domain in DOMAINS[review.tool]:
            found = [
                r
                for r in review.risk
                if r.domain == domain and outcome in (r.outcomes or (outcome,))
            ]
            if len(found) != 1:
                raise SpecError.of(
                    "judgements-domain",
                    "give-each-primary",
                    where,
                    outcome=outcome,
                    n=len(found),
                    domain=domain,
                )


def _check_certainty(review: Review, primary: list[str], where: str) -> None:
    judged = [g.outcome for g in review.certainty]
    toml_reader.unique(judged, what="certainty of outcome", where=where)
    for name in judged:
        toml_reader.known(name, primary, what="primary outcome", where=where, key="certainty")
    for name in primary:
        if name not in judged:
            raise SpecError.of("no-statement", "add-certainty", where, name=name)
    for statement in review.certainty:
        toml_reader.unique(
            (d.domain for d in statement.downgrade),
            what=message("word.downgrade-in", name=statement.outcome),
            where=where,
        )
        wrong = [d.domain for d in statement.downgrade if not 0 <= d.levels <= 2]
        if wrong:
            raise SpecError.of(
                "goes-down-number", "write-or", where, outcome=statement.outcome, wrong=wrong[0]
            )
