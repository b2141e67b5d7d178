"""How often the rule of conclusions errs as a whole, and in two settings where its premises fail.

The rule looks at all primary outcomes at once: an effect is detected where the simultaneous
interval excludes zero, effects that matter are ruled out where the narrower one holds only smaller
effects. It presumes that clusters are independent and that nothing but the treatment moves the
groups apart. Data sets are made from the study's own residuals, so that their number, sizes and
spread are the study's; what is added to them is known:

- permuted treatment, sign flips: nothing, as in `null_data`;
- shared by zones: whole zones (the strata in which treatment is permuted) are treated, and a part
  of the variance of clusters' changes is a shock that all clusters of a zone share;
- biased: the treated clusters change by half of the smallest effect that matters for another
  reason.

Each is looked at without an effect, and with one of the smallest size that matters.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from evaluation.analysis.planning.null_data import NullDesign, layout_of, residuals, without_effects
from evaluation.analysis.study_clusters import Frames
from evaluation.config.design_records import BIAS, CALIBRATION_DRAWS, SHARED, Calibration
from evaluation.config.plan import Plan, seed
from evaluation.config.study import Study
from evaluation.estimation.arrays import Codes, Flags, Floats
from evaluation.estimation.inference import bootstrap
from evaluation.estimation.inference.estimate_record import Subject, record, unavailable
from evaluation.estimation.inference.inversion import TIE
from evaluation.estimation.inference.multiplicity import EQUIVALENCE_LEVEL
from evaluation.estimation.inference.restricted_scores import Scores
from evaluation.estimation.many_fits import Each, here
from evaluation.estimation.records import Unavailable
from evaluation.estimation.regression.cluster_blocks import Blocks
from evaluation.estimation.regression.fit import (
    StepUnavailable,
    cv1_errors,
    least_squares,
)
from evaluation.locale.messages import message

Setting = Literal["permuted treatment", "sign flips", "shared by zones", "biased"]
Error = Literal["detected", "ruled out", "missed"]

SETTINGS: tuple[Setting, ...] = get_args(Setting)
# An effect is detected where there is none; the smallest effect that matters is ruled out though it
# is the true one; the interval of one outcome by itself misses the truth.
ERRORS: tuple[Error, ...] = get_args(Error)
# Zones of which whole ones can be treated and compared.
ZONES = 4
DATA_SETS = 1_000
ALL = "all primary outcomes"
_PART = 100
_SCORES: Mapping[str, Scores] = {"wcr": "plain", "wcr_s": "jackknifed"}
_Part = tuple[Setting, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What all parts need: layouts and smallest effects by outcome, and the plan."""

    layouts: Mapping[str, NullDesign]
    smallest: Mapping[str, float]
    plan: Plan


def calibrate_rule(
    frames: Frames, *, study: Study, plan: Plan, data_sets: int = DATA_SETS, each: Each = here
) -> tuple[Calibration | Unavailable, ...]:
    """Error rates of the rule in every setting.

    Parameters
    ----------
    frames : Frames
    study : Study
    plan : Plan
    data_sets : int
        Of each setting.
    each : Each
        Where the fits run, a hundred data sets at a time; see `many_fits`.

    Returns
    -------
    tuple of Calibration or Unavailable
        By setting (``null``) and error (``step``): of `ALL` outcomes, "missed" of each. Empty where
        primary results do not come from a difference-in-differences by the wild cluster bootstrap
        with max-t: this is a calibration of that rule.

    Notes
    -----
    Max-t as in `inference.multiplicity`, from `CALIBRATION_DRAWS` draws: with B draws a test at
    level a rejects where at most a (B + 1) - 1 of them are as large. The interval in which
    effects are ruled out is the hull of max-t and of the outcome's own inverted test.
    """
    primary, inference = plan.primary_specification(), plan.inference
    is_own = primary == plan.checked().primary_specification() and primary.method == "did"
    if not is_own or inference.primary_step not in _SCORES or inference.family_wise != "max_t":
        return ()
    outcomes = plan.primary_outcomes()
    shared = _Shared(
        layouts={o.id: layout_of(frames, o, study=study, plan=plan) for o in outcomes},
        smallest={o.id: o.smallest_effect or np.nan for o in outcomes},
        plan=plan,
    )
    parts = (
        (setting, start, min(_PART, data_sets - start))
        for setting in SETTINGS
        for start in range(0, data_sets, _PART)
    )
    found: dict[Setting, list[Floats | StepUnavailable]] = {s: [] for s in SETTINGS}
    for setting, made in each(_of_part, parts, shared):
        found[setting].append(made)
    subjects = [Subject.about(primary, o, study.id) for o in outcomes]
    return tuple(
        row for s, made in found.items() for row in _rates(subjects, s, made, inference.level)
    )


def _of_part(shared: _Shared, part: _Part) -> tuple[Setting, Floats | StepUnavailable]:
    """Errors (rows, data sets) of one setting from a place on, or why there are none."""
    setting, start, number = part
    entry = f"{shared.plan.inference.seed_entry} rule {setting} {start}"
    try:
        return setting, errors(
            shared.layouts, shared.smallest, setting, plan=shared.plan, number=number, entry=entry
        )
    except StepUnavailable as reason:
        return setting, reason


def errors(
    layouts: Mapping[str, NullDesign],
    smallest: Mapping[str, float],
    setting: Setting,
    *,
    plan: Plan,
    number: int,
    entry: str,
) -> Floats:
    """Errors in some data sets, shape (2 + outcomes, number): detected, ruled out, missed by each.

    Parameters
    ----------
    layouts : mapping of str to NullDesign
        By primary outcome.
    smallest : mapping of str to float
        Smallest effects that matter, in the outcomes' units.
    setting : Setting
    plan : Plan
        Its primary step, level and multipliers.
    number : int
    entry : str
        Text from which all random numbers follow.

    Raises
    ------
    StepUnavailable
        A fit without some cluster is singular, treatments cannot be permuted, or there are fewer
        than `ZONES` zones.
    """
    clusters = sorted({c for layout in layouts.values() for c in layout.bases.clusters})
    signs = bootstrap.draws(
        clusters,
        number=CALIBRATION_DRAWS,
        seed=seed(f"{entry} draws"),
        kind=plan.inference.weights_kind,
    )
    found: dict[float, dict[str, _Tested]] = {0.0: {}, 1.0: {}}
    for outcome, layout in layouts.items():
        made = _made(layout, setting, smallest[outcome], number, entry, outcome)
        for effect, tested in found.items():
            tested[outcome] = _Tested.of(
                made, effect * smallest[outcome], signs, _SCORES[plan.inference.primary_step]
            )
    alpha, level = 1.0 - plan.inference.level, 1.0 - EQUIVALENCE_LEVEL
    none, small = found[0.0], found[1.0]
    wide, narrow = _critical(small, alpha), _critical(small, level)
    missed = [one.beyond(_critical({outcome: one}, alpha)) for outcome, one in none.items()]
    detected = np.any([one.beyond(_critical(none, alpha)) for one in none.values()], axis=0)
    ruled_out = np.any(
        [
            one.inside(narrow, smallest[outcome], level) & ~one.beyond(wide)
            for outcome, one in small.items()
        ],
        axis=0,
    )
    return np.stack([detected, ruled_out, *missed]).astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """Data sets of one outcome: products of the outcome without an effect, and who is treated.

    ``moments`` (C, 3, G, 1 + p) and ``received`` (C, G, n_treatments); ``bias`` is what treated
    clusters change by without an effect, and moves against one.
    """

    layout: NullDesign
    moments: Floats
    received: Floats
    bias: float

    def blocks(self, effect: float) -> Blocks:
        """Regressions of the data sets with an effect."""
        moved = effect - self.bias if effect else self.bias
        products = self.layout.bases.products[..., :-1]
        added = moved * self.received[:, None, :, :1] * products[..., 1]
        y = (self.moments + added)[..., None]
        fixed = np.broadcast_to(products, (*y.shape[:-1], products.shape[-1]))
        bases = dataclasses.replace(self.layout.bases, products=np.concatenate([fixed, y], axis=-1))
        return self.layout.regressions(bases, self.received)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tested:
    """Estimates of C data sets, their errors and t, and squared t* of every draw, (C, B)."""

    blocks: Blocks
    column: str
    scores: Scores
    signs: bootstrap.Draws
    estimate: Floats
    std_error: Floats
    drawn: Floats

    @classmethod
    def of(cls, made: _Made, effect: float, signs: bootstrap.Draws, scores: Scores) -> "_Tested":
        blocks, column = made.blocks(effect), made.layout.treatments[0]
        fit = least_squares(blocks)
        drawn = bootstrap.squared_t_of_each_draw(blocks, fit, column, signs, scores=scores)
        if np.isnan(drawn).any():
            raise StepUnavailable.of("fit-without-some", "use-fewer-covariates", "calibration")
        return cls(
            blocks=blocks,
            column=column,
            scores=scores,
            signs=signs,
            estimate=fit.estimates(column),
            std_error=cv1_errors(fit, column),
            drawn=drawn,
        )

    def beyond(self, limit: Floats) -> Flags:
        """Whether |t| is larger than a limit."""
        return np.asarray(np.abs(self.estimate / self.std_error) > limit)

    def inside(self, limit: Floats, smallest: float, alpha: float) -> Flags:
        """Whether the interval holds only effects smaller than the smallest that matters."""
        half = limit * self.std_error
        inside = (self.estimate + half < smallest) & (self.estimate - half > -smallest)
        for bound in (smallest, -smallest):
            where = np.flatnonzero(inside).astype(np.int64)
            inside[where] = self._p(bound, where) <= alpha + TIE
        return np.asarray(inside)

    def _p(self, value: float, where: Codes) -> Floats:
        """The outcome's own p of an effect, in some of the data sets."""
        if not len(where):
            return np.zeros(0)
        products = self.blocks.products[where].copy()
        products[..., -1] -= value * products[..., 1 + self.blocks.position(self.column)]
        some = dataclasses.replace(self.blocks, products=products)
        fit = least_squares(some)
        return bootstrap.p_of_each_data_set(some, fit, self.column, self.signs, scores=self.scores)


def _critical(tested: Mapping[str, _Tested], alpha: float) -> Floats:
    """|t| above which max-t rejects, in each data set."""
    largest = np.max([one.drawn for one in tested.values()], axis=0)
    k = round(alpha * (largest.shape[1] + 1))
    return np.asarray(np.sqrt(np.partition(largest, -k, axis=1)[:, -k] / (1.0 - TIE)))


def _made(
    layout: NullDesign, setting: Setting, smallest: float, number: int, entry: str, outcome: str
) -> _Made:
    """Data sets of one outcome; outcomes of the same clusters share assignments and signs."""
    rng = np.random.Generator(np.random.Philox(seed(f"{entry} {setting}")))
    given = np.broadcast_to(layout.received, (number, *layout.received.shape))
    if setting == "permuted treatment":
        received = _permuted(layout, number, rng)
        moments = np.broadcast_to(
            without_effects(layout), (number, *layout.bases.products.shape[:-1])
        )
        return _Made(layout=layout, moments=moments, received=received, bias=0.0)
    own = residuals(layout)
    flipped = own * rng.choice((-1.0, 1.0), size=(number, 1, own.shape[1], 1))
    if setting != "shared by zones":
        bias = BIAS * smallest if setting == "biased" else 0.0
        return _Made(layout=layout, moments=flipped, received=given, bias=bias)
    treated = _whole_zones(layout, number, rng)
    received = given.copy()
    received[..., 0] = treated[:, layout.strata]
    products = layout.bases.products[..., 1]
    changes = own[1, :, 1] / products[1, :, 1]
    shocks = np.random.Generator(np.random.Philox(seed(f"{entry} zones {outcome}"))).normal(
        0.0, np.sqrt(SHARED * np.mean(changes**2)), size=treated.shape
    )
    shared = shocks[:, None, layout.strata, None] * products
    moments = np.sqrt(1.0 - SHARED) * flipped + shared
    return _Made(layout=layout, moments=moments, received=received, bias=0.0)


def _permuted(layout: NullDesign, number: int, rng: np.random.Generator) -> Floats:
    """Treatments given anew to clusters within strata, shape (number, G, n_treatments)."""
    layout.assigned(number=1, entry="")  # raises where nothing can be given anew
    received = np.empty((number, *layout.received.shape))
    anew = np.argsort(layout.strata + rng.random((number, len(layout.strata))), axis=1)
    received[:, np.argsort(layout.strata, kind="stable")] = layout.received[anew]
    return received


def _whole_zones(layout: NullDesign, number: int, rng: np.random.Generator) -> Floats:
    """Half of the zones, drawn anew in every data set, shape (number, zones)."""
    zones = int(layout.strata.max()) + 1
    if zones < ZONES:
        raise StepUnavailable(
            message("few-zones.reason", zones=zones, least=ZONES),
            where="calibration",
            fix=message("name-zones.fix"),
        )
    order = np.argsort(rng.random((number, zones)), axis=1)
    return np.asarray(order < zones // 2, dtype=np.float64)


def _rates(
    subjects: Sequence[Subject],
    setting: Setting,
    made: Sequence[Floats | StepUnavailable],
    level: float,
) -> Iterator[Calibration | Unavailable]:
    """Rate of every error in one setting, with its Monte Carlo error."""
    every = dataclasses.replace(subjects[0], outcome=ALL)
    rows = ((every, "detected"), (every, "ruled out"), *((one, "missed") for one in subjects))
    refused = [one for one in made if isinstance(one, StepUnavailable)]
    if refused:
        for subject, error in rows:
            yield unavailable(subject, f"{setting}: {error}", refused[0].problem)
        return
    found = np.concatenate([one for one in made if not isinstance(one, StepUnavailable)], axis=1)
    for (subject, error), wrong in zip(rows, found, strict=True):
        yield record(
            Calibration,
            subject,
            null=setting,
            step=error,
            nominal=round(1.0 - level, 6),
            rejection=float(np.mean(wrong)),
            mc_error=float(np.std(wrong) / np.sqrt(len(wrong))),
            draws=len(wrong),
        )
