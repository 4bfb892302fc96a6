"""Heads: chances of four levels in order, fitted so that common sense holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.metrics import cohen_kappa_score
from small_scorer import NUMBER, examples, message, small_scorer

from vmaudit.records import Delivery
from vmaudit.scoring import Example, Scorer, shipped_scorer
from vmaudit.scoring.evaluation import cross_validated, measure
from vmaudit.scoring.heads import Head, Levels
from vmaudit.scoring.inputs import INPUTS, HeadName, callback_level, read_inputs
from vmaudit.scoring.scorer import tokens_of
from vmaudit.scoring.training import YES_FROM, fit_scorer
from vmaudit.scoring.wording import as_text

EVEN = Levels((0.25, 0.25, 0.25, 0.25), 0.5)
SCORERS = {"small": small_scorer, "shipped": shipped_scorer}
NO_WORDS = sparse.csr_matrix((1, 0))


def probability(scorer: Scorer, name: HeadName, inputs: dict[str, float]) -> float:
    return scorer.levels_of("hi this is NAME at NAME", inputs)[name].probability


# levels


def test_levels_of_known_chances() -> None:
    assert (EVEN.mean, EVEN.median) == (1.5, 1)
    assert EVEN.sd == pytest.approx(1.25**0.5)
    certain = Levels((0.0, 0.0, 0.0, 1.0), 1.0)
    assert (certain.mean, certain.sd, certain.median) == (3.0, 0.0, 3)
    assert Levels((0.4, 0.15, 0.45, 0.0), 0.45).median == 1  # where the likeliest is 2


def test_a_head_adds_up_its_inputs() -> None:
    head = Head(("stated",), np.zeros((3, 0)), np.array([[2.0], [1.0], [0.0]]), np.zeros(3), 2)
    logits = head.logits(NO_WORDS, {"stated": 1.0})
    assert logits.tolist() == [2.0, 1.0, 0.0]
    assert head.of_input("stated", 0.5).tolist() == [1.0, 0.5, 0.0]
    assert head.levels(logits).probability == pytest.approx(1 / (1 + np.exp(-1.0)))


@given(st.lists(st.floats(-50, 50), min_size=3, max_size=3), st.integers(1, 3))
def test_chances_sum_to_one_and_higher_levels_are_rarer(logits: list[float], yes_from: int) -> None:
    head = Head((), np.zeros((3, 0)), np.zeros((3, 0)), np.zeros(3), yes_from)
    levels = head.levels(np.array(logits))
    assert sum(levels.chances) == pytest.approx(1.0)
    assert min(levels.chances) >= 0
    assert levels.probability == pytest.approx(sum(levels.chances[yes_from:]))
    assert 0 <= levels.mean <= 3
    assert 0 <= levels.sd <= 1.5
    assert levels.median in range(4)


@pytest.mark.parametrize(
    ("most_stated", "distinct", "level"), [(0, 0, 0), (1, 2, 1), (1, 1, 2), (2, 1, 3), (2, 3, 3)]
)
def test_level_of_the_callback_number(most_stated: int, distinct: int, level: int) -> None:
    assert callback_level(most_stated, distinct) == level


# inputs


def test_what_was_not_measured_is_not_remarked() -> None:
    bare = read_inputs(message("Hi there, it is a message of quite usual length, " * 6))
    said = {name for name, value in bare.items() if value}
    assert said <= {"length", "not_heard", "one_ask", "courtesy", "concrete_reason"}


def test_delivery_is_remarked_beyond_what_is_usual() -> None:
    usual = Delivery(words_per_minute=160.0, snr_db=25.0, fillers_per_minute=2.0)
    bad = Delivery(words_per_minute=220.0, snr_db=5.0, fillers_per_minute=8.0)
    assert not any(
        read_inputs(message("Hi.", usual), ("too_fast", "noise", "filled_pauses")).values()
    )
    found = read_inputs(message("Hi.", bad), ("too_fast", "noise", "filled_pauses"))
    assert found == {"too_fast": 1.0, "noise": 2.0, "filled_pauses": 1.0}
    assert read_inputs(message("Hi.", Delivery(snr_db=-1e6)), ("noise",)) == {"noise": 3.0}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Call me.", 0.0),
        ("The truck is here.", 1 / 3),
        ("The blue diesels are here.", 2 / 3),
        ("The blue diesel truck is here.", 1.0),
        ("The blue diesel truck with the extended cab is here.", 1.0),
    ],
)
def test_the_more_is_said_of_what_was_asked_for_the_more_it_counts(text: str, said: float) -> None:
    asked = message(text, interest="a blue diesel truck, extended cab")
    assert read_inputs(asked, ("interest_words",)) == {"interest_words": said}
    assert read_inputs(message(text), ("interest_words",)) == {"interest_words": 0.0}


def test_number_inputs() -> None:
    names = ("number_stated", "number_repeated", "several_numbers", "both_statements_sure")
    once = read_inputs(message(f"Call {NUMBER}."), names)
    twice = read_inputs(message(f"Call {NUMBER}. Again, {NUMBER}."), names)
    assert list(once.values()) == [1.0, 0.0, 0.0, 0.0]
    assert list(twice.values())[:3] == [1.0, 1.0, 0.0]
    assert twice["both_statements_sure"] > 0.5


# common sense


@pytest.mark.parametrize("which", SCORERS)
@pytest.mark.parametrize("name", YES_FROM)
@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_no_input_moves_a_chance_the_wrong_way(
    which: str, name: HeadName, data: st.DataObject
) -> None:
    scorer = SCORERS[which]()
    known = {key: one.directions[name] for key, one in INPUTS.items() if name in one.directions}
    inputs = {key: data.draw(st.floats(0, 3), label=key) for key in INPUTS}
    for key, direction in known.items():
        if direction:
            more = inputs | {key: inputs[key] + 1.0}
            change = probability(scorer, name, more) - probability(scorer, name, inputs)
            assert change * direction >= 0, key


@pytest.mark.parametrize("which", SCORERS)
@pytest.mark.parametrize(
    "worse",
    [
        {"snr_db": 2.0},
        {"fillers_per_minute": 25.0},
        {"words_per_minute": 260.0},
        {"unsure_word_share": 0.6},
        {"longest_pause_s": 6.0},
        {"message_s": 90.0},
    ],
)
def test_worse_delivery_never_raises_clarity(which: str, worse: dict[str, float]) -> None:
    scorer = SCORERS[which]()
    usual = Delivery(
        snr_db=25.0,
        fillers_per_minute=1.0,
        words_per_minute=160.0,
        unsure_word_share=0.0,
        longest_pause_s=1.0,
        message_s=25.0,
    )
    said = message(f"Hi Ted, this is Nina at Harborview. Call me at {NUMBER}.", usual)
    chances = [
        scorer.levels_of("", read_inputs(replace(said, delivery=delivery)))["clarity"].probability
        for delivery in (usual, replace(usual, **worse))
    ]
    assert chances[0] >= chances[1]


@pytest.mark.parametrize("which", SCORERS)
@settings(deadline=None, max_examples=20)
@given(st.floats(0.05, 1.0), st.floats(0.05, 1.0))
def test_a_second_statement_never_lowers_callback(which: str, first: float, second: float) -> None:
    texts = ["Call", "me", "at", f"{NUMBER}.", "Again,", f"{NUMBER}."]
    sure = dict(zip((3, 5), (first, second), strict=True))
    words = [{"text": text, "confidence": sure.get(k, 0.9)} for k, text in enumerate(texts)]
    once, twice = (
        SCORERS[which]().levels_of("", read_inputs(message("", words=words[:end])))["callback"]
        for end in (4, 6)
    )
    assert twice.probability >= once.probability
    assert twice.mean >= once.mean


def test_small_scorer_uses_the_delivery() -> None:
    """Else the two tests above would hold for a scorer that hears nothing."""
    clarity = small_scorer().heads["clarity"]
    assert clarity.of_input("noise", 1.0).min() < 0
    assert small_scorer().heads["callback"].of_input("number_repeated", 1.0)[2] > 0


# training


def test_weights_that_point_the_wrong_way_are_left_out() -> None:
    against = fit_scorer(examples(lambda level: 3 - level)).heads["clarity"]
    assert any(against.input_weights.ravel())
    for name, weights in zip(against.inputs, against.input_weights.T, strict=True):
        assert (weights * INPUTS[name].directions["clarity"] >= 0).all(), name


def test_what_only_one_or_two_say_is_not_learnt() -> None:
    groups = sorted({example.group for example in examples()})
    said = {"zeb": groups[:2], "wilma": groups[:3]}
    mine = [
        replace(one, wording=" ".join([one.wording, *(n for n in said if one.group in said[n])]))
        for one in examples()
    ]
    vocabulary = fit_scorer(mine).vectoriser.vocabulary_
    assert "wilma" in vocabulary
    assert "zeb" not in vocabulary


def test_hesitations_in_a_text_never_raise_clarity() -> None:
    text = f"Hi Ted, this is Nina at Harborview Motors. The truck is here. Call {NUMBER}."
    scorer = shipped_scorer()
    fluent, halting = (
        scorer.levels_of(as_text(tokens_of(said)), read_inputs(said))["clarity"].probability
        for said in map(message, (text, text.replace(" ", " um ")))
    )
    assert halting < fluent


def test_the_same_examples_give_the_same_weights() -> None:
    again = fit_scorer(examples())
    assert again.vectoriser.vocabulary_ == small_scorer().vectoriser.vocabulary_
    for name, head in small_scorer().heads.items():
        assert np.array_equal(head.wording_weights, again.heads[name].wording_weights)
        assert np.array_equal(head.input_weights, again.heads[name].input_weights)
        assert np.array_equal(head.intercepts, again.heads[name].intercepts)


def test_the_callback_head_reads_no_words() -> None:
    assert small_scorer().heads["callback"].wording_weights.size == 0


def without(name: HeadName, level: int) -> list[Example]:
    return [
        replace(
            one, levels={key: at for key, at in one.levels.items() if (key, at) != (name, level)}
        )
        for one in examples()
    ]


@pytest.mark.parametrize(
    ("given_examples", "said"),
    [
        (without("clarity", 3), "too few labels to tell clarity 3"),
        ([replace(one, group="one rep") for one in examples()], "two groups or more"),
        ([replace(one, levels={"value": 1}) for one in examples()], "too few labels"),
    ],
)
def test_too_few_labels_are_named(given_examples: list[Example], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        fit_scorer(given_examples)


# evaluation


def test_measures_of_known_answers() -> None:
    sure = [
        Levels(tuple(float(k == level) for k in range(4)), float(level >= 2)) for level in range(4)
    ]
    right = measure("value", sure, [0, 1, 2, 3], ["a", "b", "c", "d"])
    assert (right.accuracy, right.kappa, right.brier, right.calibration_error) == (1, 1, 0, 0)
    assert right.confusion == ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1))
    wrong = measure("value", sure, [3, 2, 1, 0], ["a", "b", "c", "d"])
    assert (wrong.accuracy, wrong.kappa, wrong.brier, wrong.calibration_error) == (0, -1, 1, 1)
    with pytest.raises(ValueError, match="no message has a label"):
        measure("value", [], [], [])


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=12))
@settings(deadline=None, max_examples=15)
def test_kappa_is_scikit_learns(pairs: list[tuple[int, int]]) -> None:
    true, medians = ([pair[k] for pair in pairs] for k in (0, 1))
    sure = [Levels(tuple(float(k == level) for k in range(4)), 1.0) for level in medians]
    found = measure("value", sure, true, ["a"] * len(true)).kappa
    if len({*true, *medians}) < 2:
        assert found == 1.0
    else:
        expected = cohen_kappa_score(true, medians, weights="quadratic", labels=range(4))
        assert found == pytest.approx(expected)


@pytest.mark.parametrize("label", [0, 3])
def test_one_message_can_be_measured(label: int) -> None:
    found = measure("clarity", [EVEN], [label], ["a"])
    assert (found.count, found.brier) == (1, 0.25)


def test_nobody_is_judged_by_a_scorer_that_knows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Knows(Scorer):
        def levels_of(self, wording: str, inputs: Mapping[str, float]) -> dict[HeadName, Levels]:
            asked.append(wording)
            assert wording not in self.version  # where this test keeps the groups it knows
            return {"value": EVEN}

    def fit(known: Sequence[Example]) -> Scorer:
        return Knows(None, {}, " ".join({one.group for one in known}))

    monkeypatch.setattr("vmaudit.scoring.evaluation.fit_scorer", fit)
    mine = [replace(one, wording=one.group) for one in examples()]
    found = cross_validated(mine, also=mine, folds=3)
    assert set(found) == {one.id for one in mine}
    assert len(asked) == len(mine)


def test_what_is_learnt_holds_for_reps_that_were_not_seen() -> None:
    mine = examples()
    found = cross_validated(mine, folds=4)
    for name in YES_FROM:
        given_levels = [found[one.id][name] for one in mine]
        labels = [one.levels[name] for one in mine]
        measured = measure(name, given_levels, labels, [one.group for one in mine])
        assert measured.accuracy > 0.85, name
        assert measured.calibration_error < 0.2, name
