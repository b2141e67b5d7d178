"""What each diagnostic of a primary estimate is called, means, and is printed as."""

from dataclasses import dataclass
from typing import Literal

Form = Literal["effect", "size", "count", "p", "percent", "yes", "1", "2", "3"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One diagnostic; the catalogue has its label and what it means, by its name.

    Attributes
    ----------
    name : str
        As recorded; ``*`` stands for a group, a round or a level of places.
    section : str
        Part of the table.
    form : str
        How it is printed: in the outcome's unit with a sign (``effect``) or without (``size``), as
        a count, a p-value, a share in percent, yes or no, or with so many decimals.
    """

    name: str
    section: str
    form: Form


_LISTED: tuple[tuple[str, str, Form], ...] = (
    ("clusters_dropped", "sample", "count"),
    ("clusters_*", "sample", "count"),
    ("respondents_min_*_*", "sample", "count"),
    ("respondents_median_*_*", "sample", "1"),
    ("rows_incomplete", "sample", "count"),
    ("kish_deff", "weights", "2"),
    ("largest3_weight_share", "weights", "percent"),
    ("leverage_max", "few", "3"),
    ("leverage_max_ratio", "few", "2"),
    ("partial_leverage_max", "few", "3"),
    ("partial_leverage_max_ratio", "few", "2"),
    ("css_effective_clusters", "few", "1"),
    ("css_effective_clusters_shared", "few", "1"),
    ("satterthwaite_df", "few", "1"),
    ("loo_q1", "without", "effect"),
    ("loo_median", "without", "effect"),
    ("loo_q3", "without", "effect"),
    ("loo_sign_changes", "without", "count"),
    ("without_*_q1", "without", "effect"),
    ("without_*_median", "without", "effect"),
    ("without_*_q3", "without", "effect"),
    ("without_*_sign_changes", "without", "count"),
    ("score_variance_p_*", "methods", "p"),
    ("icc", "alike", "3"),
    ("cac", "alike", "2"),
    ("mde", "power", "size"),
    ("closed_form_mde", "power", "size"),
    ("type_s", "power", "percent"),
    ("type_m", "power", "2"),
    ("ri_permutations", "methods", "count"),
    ("ri_fixed_clusters", "methods", "count"),
    ("unadjusted_ci_low", "methods", "effect"),
    ("unadjusted_ci_high", "methods", "effect"),
    ("simultaneous_90_low", "methods", "effect"),
    ("simultaneous_90_high", "methods", "effect"),
    ("steps_disagree_5", "methods", "yes"),
    ("steps_disagree_10", "methods", "yes"),
)
SECTIONS = ("sample", "weights", "few", "without", "alike", "power", "methods", "other")
QUANTITIES = tuple(
    Quantity(name=name, section=section, form=form) for name, section, form in _LISTED
)
