"""Questions that joined the survey later, drawn given the answers that were there before.

They have a random stream of their own: not one answer that was delivered before changes.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.dictionary import Dictionary
from evaluation.report.truth import Truth, Worry
from tools.demo.answers import Answers, draw_answers, silence
from tools.demo.people import People

# who took part in a dialogue knows that there was one
TOOK_PART, KNOWS = "d2_took_part", "d1_dialogue"


def draw_added(
    generator: np.random.Generator,
    people: People,
    frame: pd.DataFrame,
    truth: Truth,
    answers: Answers,
    *,
    interviewer: NDArray[np.int64],
    dictionary: Dictionary,
) -> Answers:
    """Draw the answers to the added questions.

    Parameters
    ----------
    generator : Generator
        Of these questions alone.
    people, frame, truth
        As of `draw_answers`.
    answers : Answers
        To the questions that were there before. Without the items of events nobody is asked
        what worries them.
    interviewer : ndarray of int, shape (n,)
    dictionary : Dictionary
    """
    worry = truth.worry
    luck = generator.random(len(people.place))
    deviations = generator.standard_normal((len(frame), len(worry.shares)))
    taste = generator.gumbel(size=(len(people.place), len(worry.shares)))
    items = [name for name, item in truth.items.items() if item.added]
    drawn = draw_answers(
        generator,
        people,
        frame,
        truth,
        interviewer=interviewer,
        dictionary=dictionary,
        items=items,
    )
    for state in (drawn.observed, drawn.untreated):
        state[KNOWS] = np.maximum(state[KNOWS], state[TOOK_PART])
    if {e for events in worry.events.values() for e in events} <= answers.observed.keys():
        leaning = np.log([*worry.shares.values()]) + worry.municipal * deviations[people.place]
        drawn.observed[worry.variable] = _most(leaning + taste, worry, answers.observed)
        drawn.untreated[worry.variable] = _most(leaning + taste, worry, answers.untreated)
        drawn.kinds[worry.variable] = silence(luck, worry, np.zeros(len(luck)))
    return drawn


def _most(leaning: NDArray, worry: Worry, events: dict[str, NDArray]) -> NDArray:
    """What worries each person most, given what each went through."""
    known = [np.any([events[e] == 1 for e in worry.events[a]], axis=0) for a in worry.events]
    position = {answer: k for k, answer in enumerate(worry.shares)}
    leaning = leaning.copy()
    for answer, happened in zip(worry.events, known, strict=True):
        leaning[:, position[answer]] += worry.experience * happened
    return np.array([*worry.shares], dtype=object)[leaning.argmax(axis=1)]
