"""Whether an index measures one thing, alike in both groups and rounds.

Reliability by arm and round, the effect on each item, and whether the items measure alike
(`measurement_invariance`): a programme that moves one item of five has changed that item, or the
way it is answered, and not what the index stands for.
"""

import dataclasses
from collections.abc import Iterable
from functools import partial

import numpy as np

from evaluation.analysis.checks.check_context import CheckContext, Row, computes, questions
from evaluation.analysis.checks.measurement_invariance import Answers, answers_of, invariance
from evaluation.config.confidentiality import said
from evaluation.config.plan import Item
from evaluation.estimation.arrays import Floats
from evaluation.estimation.regression.fit import StepUnavailable
from evaluation.estimation.regression.one_factor import covariances
from evaluation.estimation.row_keys import ArmRound, Question, RowKey
from evaluation.locale.messages import Message, message

# Functions whose items are answers to one question put several ways; the items of `any` are
# different events, which need not go together.
REFLECTIVE = ("index", "mean", "sum")
_ITERATIONS = 2_000
_ARRIVED = 1e-10


@computes
def measurement(context: CheckContext) -> Iterable[Row]:
    """Alpha and omega by arm and round, invariance, and the effect on each standardised item.

    Parameters
    ----------
    context : CheckContext

    Returns
    -------
    iterable of records
        Diagnostics ``alpha`` and ``omega`` with sample ``<arm>:<round>``, and
        ``alpha:<outcome>`` and ``omega:<outcome>`` for outcomes that are items; ``rest:<name>``,
        an item's correlation with the sum of the others; those of `invariance`; estimates
        ``item:<name>`` in SD of the baseline comparison group, in the direction in which the item
        enters the outcome.

    Notes
    -----
    Items in SD of the baseline comparison group, so that a question with a longer scale counts
    no more. Reliabilities are unweighted, over people with every item: they describe answers.
    """
    items = context.observed_questions()
    if len(items) < 2:
        yield from _none(context, message("outcome-single.reason"))
        return
    yield from _items(context, items)
    if context.outcome.function not in REFLECTIVE:
        yield from _none(context, message("questions-events.reason"))
        return
    for suffix, scale in _scales(context, items):
        answers = answers_of(context, scale)
        if answers is None:
            reason = message("item-does-not-vary.reason")
            yield from _none(context, reason, suffix)
            continue
        for cell in answers.cells:
            yield from _reliability(context, answers.rows_of(cell), suffix, ArmRound(*cell))
            if not suffix:
                yield from _with_the_rest(context, scale, answers, cell)
        yield from invariance(context, answers, suffix)


def _none(context: CheckContext, reason: Message, suffix: str = "") -> Iterable[Row]:
    for name in ("alpha", "invariance"):
        yield context.unavailable(reason, f"{name}{suffix}")


def alpha(covariance: Floats) -> float:
    """Cronbach's alpha of the sum of k items.

    Parameters
    ----------
    covariance : ndarray, shape (k, k)

    Notes
    -----
    k/(k-1) (1 - trace / sum) (Cronbach 1951, Psychometrika 16(3)). Of two items it is a function of
    their correlation alone, and so is not given.
    """
    k, total = len(covariance), float(covariance.sum())
    if k < 3 or not total > 0.0:
        raise _unavailable(message("alpha-of-two"))
    return k / (k - 1) * (1.0 - float(np.trace(covariance)) / total)


def omega(covariance: Floats) -> float:
    """McDonald's omega of the sum of k items, by one factor.

    Parameters
    ----------
    covariance : ndarray, shape (k, k)

    Raises
    ------
    StepUnavailable
        Fewer than three items, of which one factor cannot be told; no convergence; or an item
        without variance of its own (a Heywood case).

    Notes
    -----
    (sum of loadings)^2 / ((sum of loadings)^2 + sum of uniquenesses) (McDonald 1999, Test Theory,
    eq. 6.20), loadings by unweighted least squares (iterated principal axis) on correlations.
    """
    if len(covariance) < 3:
        raise _unavailable(message("one-factor-not.problem"))
    sd = np.sqrt(np.diagonal(covariance))
    if not (sd > 0.0).all():
        raise _unavailable(message("item-does-not-vary.problem"))
    loadings = _one_factor(covariance / np.outer(sd, sd))
    common = float((sd @ loadings) ** 2)
    unique = float(np.sum(sd**2 * (1.0 - loadings**2)))
    return common / (common + unique)


def _one_factor(correlation: Floats) -> Floats:
    """Loadings, shape (k,), of the factor that leaves the least squared residual correlation.

    Their common sign is arbitrary.
    """
    reduced = correlation.copy()
    # the largest correlation of each item is where the iteration usually starts
    communality = np.max(np.abs(correlation - np.eye(len(correlation))), axis=1)
    for _ in range(_ITERATIONS):
        np.fill_diagonal(reduced, communality)
        values, vectors = np.linalg.eigh(reduced)
        if not values[-1] > 0.0:
            raise _unavailable(message("items-no-factor.problem"))
        loadings = np.sqrt(values[-1]) * vectors[:, -1]
        new = loadings**2
        if (new >= 1.0).any():
            raise _unavailable(message("item-would-no.problem"))
        if np.abs(new - communality).max() < _ARRIVED:
            return np.asarray(loadings)
        communality = new
    raise _unavailable(message("factor-loadings.problem"))


def _unavailable(problem: Message) -> StepUnavailable:
    return StepUnavailable(
        problem, where="reliability", fix=message("judge-items-one.fix"), rule="sample"
    )


def _items(context: CheckContext, items: tuple[Item, ...]) -> Iterable[Row]:
    standard = context.in_unit("SD")
    for item in items:
        sample = Question(item.name)
        yield from standard.attempt(partial(_item, standard, item), sample=sample)


def _item(context: CheckContext, item: Item) -> Iterable[Row]:
    built, sample = context.regression(context.frames.panel, item.name), Question(item.name)
    if not built.baseline_sd > 0.0:
        yield context.unavailable(message("item-does-not.reason"), sample=sample)
        return
    y = item.sign * (built.y - built.baseline_mean) / built.baseline_sd
    scaled = dataclasses.replace(built, y=y, baseline_mean=0.0, baseline_sd=1.0)
    yield from context.linear(scaled, sample=sample)


def _scales(
    context: CheckContext, items: tuple[Item, ...]
) -> Iterable[tuple[str, tuple[Item, ...]]]:
    """The outcome's questions, and those of each outcome of several questions inside it."""
    yield "", items
    made = {o.id: o for o in context.plan.outcome}
    for item in context.outcome.items:
        inner = made.get(item.name)
        if inner is not None and inner.function in REFLECTIVE:
            own = questions(inner, context.plan)
            if 2 <= len(own) < len(items):
                yield f":{inner.id}", own


def _covariances(context: CheckContext, rows: Floats) -> Floats | Message:
    """Covariances of the items among people who answered all, or why they are too few."""
    if len(rows) < max(context.study.minimum_cell, 2):
        number = said(len(rows), context.study.minimum_cell)
        return message("people-answered-every.reason", said=number)
    return covariances(rows, ddof=1)


def _reliability(context: CheckContext, rows: Floats, suffix: str, sample: RowKey) -> Iterable[Row]:
    found = _covariances(context, rows)
    for name, function in ((f"alpha{suffix}", alpha), (f"omega{suffix}", omega)):
        try:
            value = found if isinstance(found, Message) else function(found)
        except StepUnavailable as error:
            value = error.problem
        yield _known(context, name, value, "reliability", sample)


def _known(
    context: CheckContext, name: str, value: float | Message, unit: str, sample: RowKey
) -> Row:
    """A quantity, or why it is unavailable."""
    if isinstance(value, Message):
        return context.unavailable(value, name, sample=sample)
    return context.diagnostic(name, value, unit=unit, sample=sample)


def rest_correlations(covariance: Floats) -> Floats:
    """Correlation of each item with the sum of the others, shape (k,).

    Parameters
    ----------
    covariance : ndarray, shape (k, k)

    Notes
    -----
    The sum of all items would hold the item itself, whose correlation with it is never small
    (Nunnally and Bernstein 1994, Psychometric Theory, section 8). NaN where a side does not vary.
    """
    own = np.diagonal(covariance)
    with_rest = covariance.sum(axis=1) - own
    rest = covariance.sum() - 2.0 * with_rest - own
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((own > 0.0) & (rest > 0.0), with_rest / np.sqrt(own * rest), np.nan)


def _with_the_rest(
    context: CheckContext, items: tuple[Item, ...], answers: Answers, cell: tuple[str, str]
) -> Iterable[Row]:
    found = _covariances(context, answers.rows_of(cell))
    dull = message("one-factor-item-does-not.problem")
    each = found if isinstance(found, Message) else rest_correlations(found)
    for index, item in enumerate(items):
        value = each if isinstance(each, Message) else float(each[index])
        if not isinstance(value, Message) and np.isnan(value):
            value = dull
        yield _known(context, f"rest:{item.name}", value, "correlation", ArmRound(*cell))
