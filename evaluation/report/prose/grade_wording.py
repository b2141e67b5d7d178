"""How strongly a result may be worded: one rule over conclusion, certainty, risk of bias, threats.

The verb follows the certainty of the evidence, as GRADE words its findings (Santesso et al. 2020,
J Clin Epidemiol 119:126-135): *raised* at high certainty, *probably raised* at moderate, *may have
raised* at low; at very low certainty a sentence begins with "very uncertain" and names no effect of
the programme. Three limits keep a rating from being read as more than it is:

- the risk of bias bounds the wording (:data:`BOUND_BY_RISK`): at serious risk it is low at most;
- a threat that changes the conclusion, or that the data cannot judge, makes it low at most, and
  takes from it what rests on the narrower interval: effects ruled out, or too small to matter;
- without a rating, or without a list of threats, the wording is that of very low certainty.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from evaluation.config.review import CERTAINTIES, Certainty, Judgement
from evaluation.report.prose.conclusions import BLINDED, MOVED, SMALL, Conclusion

# What a sentence claims; the direction of an effect is told by its estimate.
Kind = Literal["effect", "small effect", "ruled out", "close to zero", "unclear", "blinded"]
# The strongest wording at each overall risk of bias (ROBINS-I, RoB 2).
BOUND_BY_RISK: Mapping[Judgement, Certainty] = {
    "low": "high",
    "moderate": "moderate",
    "some concerns": "moderate",
    "serious": "low",
    "high": "low",
    "critical": "very low",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Threats:
    """How many threats to a conclusion were examined, change it, and cannot be judged."""

    examined: int
    changing: int = 0
    unjudged: int = 0

    @property
    def could_change(self) -> int:
        """One that cannot be judged counts as one that could."""
        return self.changing + self.unjudged


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """A conclusion with what limits its wording.

    Attributes
    ----------
    conclusion : Conclusion
    certainty : Certainty or None
        GRADE; None where it was not rated, or for another conclusion.
    risk : Judgement or None
        Overall risk of bias; None where it was not judged.
    threats : Threats or None
        None where there is no list of them.
    """

    conclusion: Conclusion
    certainty: Certainty | None
    risk: Judgement | None
    threats: Threats | None

    @property
    def wording(self) -> Certainty:
        """The certainty that a sentence may express."""
        if self.certainty is None or self.risk is None or not self.threats:
            return "very low"
        if not self.threats.examined:
            return "very low"
        bounds = [self.certainty, BOUND_BY_RISK[self.risk]]
        bounds += ["low"] if self.threats.could_change else []
        return min(bounds, key=CERTAINTIES.index)

    @property
    def kind(self) -> Kind:
        """What a sentence may claim."""
        if self.conclusion == BLINDED:
            return "blinded"
        holds = self.wording != "very low" and self.threats and not self.threats.could_change
        if self.conclusion in MOVED:
            return "small effect" if self.conclusion in SMALL and holds else "effect"
        if self.conclusion in SMALL:
            return "ruled out" if holds else "close to zero"
        return "unclear"

    @property
    def names_programme(self) -> Literal["yes", "care", "no"]:
        """Whether a sentence may say that the programme caused a change."""
        if self.wording == "very low":
            return "no"
        return "yes" if CERTAINTIES.index(self.wording) >= CERTAINTIES.index("moderate") else "care"
