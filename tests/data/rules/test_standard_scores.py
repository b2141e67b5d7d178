"""Scores made by distinct answers and blocks of rows against the same sums over whole columns."""

import functools
import itertools
from operator import add

import numpy as np
import pytest

from evaluation.config.manifest import RawFile
from evaluation.data.cleaning.parse import Parsed, ParsedColumn
from evaluation.data.rules import standard_scores
from evaluation.data.rules.standard_scores import Scores, Ties

N, K = 1500, 9
HALF, CLOSE = N // 2, 1e-10
FLOATS = ("correlations", "means", "spreads", "sizes", "peaks")


def _survey() -> tuple[Parsed, np.ndarray]:
    """Answers to nine questions, NaN where there is none; and the same as a table."""
    rng = np.random.default_rng(11)
    mood = rng.standard_normal(N)
    answers = np.clip(np.round(3 + np.outer(mood, np.linspace(-1, 1, K))), 1, 5)
    answers += rng.integers(0, 2, size=(N, K))
    answers[:, 3] = np.round(rng.lognormal(6 + 0.2 * mood, 0.6), 1)
    # rounding of 3.3 times some hundred must not pass for an answer
    answers[:, 4] = 3.3
    answers[:HALF, 5] = 2.7
    answers[rng.random((N, K)) < 0.1] = np.nan
    answers[rng.random(N) < 0.7, 6] = np.nan
    columns = {}
    for j, cells in enumerate(answers.T):
        meanings, codes = np.unique(cells, return_inverse=True)
        columns[f"q{j}"] = ParsedColumn(
            raw=f"q{j}",
            codes=codes.astype(np.int16),
            distinct=meanings.astype(str).astype(object),
            meanings=meanings,
            kinds=np.full(len(meanings), None, dtype=object),
            flaws=(),
        )
    consented = rng.random(N) >= 0.05
    answers[~consented] = np.nan
    file = RawFile(
        id="x", path="x.csv", role="baseline", format="csv", sha256="0", rows=N, origin=""
    )
    return Parsed(file, columns, np.arange(2, N + 2), consented), answers


def _direct(answers: np.ndarray) -> Ties:
    """The same by whole columns and pairs of them, as the words say it."""
    given = ~np.isnan(answers)
    varies = np.array([len(np.unique(c[~np.isnan(c)])) > 1 for c in answers.T])
    means, spreads = np.nanmean(answers, axis=0), np.where(varies, np.nanstd(answers, axis=0), 0)
    scores = np.where(given & varies, (answers - means) / np.where(varies, spreads, 1), 0.0)
    pairs = given.T.astype(float) @ given
    known = (pairs >= 200) & (pairs >= 0.5 * given.sum(axis=0).max())
    np.fill_diagonal(known, val=False)
    return Ties(
        correlations=np.where(known, scores.T @ scores / np.maximum(pairs, 1), 0.0),
        known=known,
        means=means,
        spreads=spreads,
        sizes=given.sum(axis=0).astype(float),
        peaks=(scores**4).sum(axis=0) / given.sum(axis=0) ** 2,
    )


@pytest.mark.parametrize("block", [1, 7, 512, 10_000])
def test_sums_of_parts_give_what_whole_columns_give(block, monkeypatch):
    monkeypatch.setattr(standard_scores, "BLOCK", block)
    parsed, answers = _survey()
    rows = np.flatnonzero(parsed.consented)
    scores = Scores.of(parsed, list(parsed.columns), rows)
    edges = np.searchsorted(rows, [0, 500, HALF, N]).tolist()
    parts = [scores.sums(a, b) for a, b in itertools.pairwise(edges)]
    whole = functools.reduce(add, parts)
    for sums, those in (
        (whole, slice(None)),
        (parts[0] + parts[1], slice(HALF)),
        (parts[2], slice(HALF, None)),
    ):
        found, direct = scores.ties(sums), _direct(answers[those])
        assert (found.known == direct.known).all()
        assert found.known.any()
        for name in FLOATS:
            assert getattr(found, name) == pytest.approx(
                getattr(direct, name), rel=CLOSE, abs=CLOSE
            )
        assert found.peaks == pytest.approx(direct.peaks, rel=CLOSE, abs=CLOSE)
    assert scores.correlations() == pytest.approx(scores.ties(whole).correlations, abs=CLOSE)


def test_what_does_not_vary_goes_with_nothing():
    parsed, _ = _survey()
    rows = np.flatnonzero(parsed.consented)
    scores = Scores.of(parsed, list(parsed.columns), rows)
    half = int(np.searchsorted(rows, HALF))
    part = scores.ties(scores.sums(0, half))
    assert not scores.values[4].any()
    assert not part.correlations[[4, 5]].any()
    assert part.spreads[5] == 0
    assert scores.correlations()[5].any()


def test_scores_of_some_rows_are_standardised_among_those_who_consented():
    parsed, answers = _survey()
    rows = np.arange(100, 900)[::-1]
    scores = Scores.of(parsed, list(parsed.columns), rows)
    people = np.flatnonzero(parsed.consented[rows])
    found, given = scores.at(people), scores.given(people)
    assert (given == ~np.isnan(answers[rows][people]).T).all()
    assert found[0].mean() == pytest.approx(0.0, abs=CLOSE)
    assert (found[0] ** 2).sum() == pytest.approx(given[0].sum())
    assert scores.wide.tolist() == [True] * 4 + [False] + [True] * 4
