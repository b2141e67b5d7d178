"""Limits for interviewers: rare answers make no false alarms."""

import numpy as np

from evaluation.data.rules import interviewer_patterns, interviewers

PEOPLE, EACH, ROUNDS = 40, 100, 300


def test_shares_of_rare_answers_are_not_held_to_the_limit_of_a_normal_distribution():
    """Gamma shares of shape 0.1, skewness 6: at most one clean round in a hundred has a finding.

    With the symmetric limit 17 of these 300 rounds have one. Of 300 with the chance of 0.01 more
    than 8 come once in 250 times.
    """
    who = np.repeat(np.arange(PEOPLE), EACH)
    work = interviewers.InterviewPlaces(
        who=who, where=np.arange(len(who)) % 50, names=tuple(range(PEOPLE)), column="e"
    )
    draw = np.random.default_rng(27)
    alarms = sum(
        any(interviewers._beyond(draw.gamma(0.1, size=len(who)), work, comparisons=1))
        for _ in range(ROUNDS)
    )
    assert alarms <= 8


def test_interviewers_whose_answers_are_all_the_same_stop_no_check():
    """With a correlation of one the chance of none is that of one answer: nothing is surprising."""
    who = np.repeat(np.arange(PEOPLE), EACH)
    work = interviewers.InterviewPlaces(who=who, where=who, names=tuple(range(PEOPLE)), column="e")
    assert interviewer_patterns.never((who % 2).astype(float), work, comparisons=1) == []
    assert interviewer_patterns._short(who.astype(float), work, comparisons=1) == []
