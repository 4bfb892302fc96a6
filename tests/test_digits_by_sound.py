"""Digits by their sound: from a frame's likelihood to whole numbers among the words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from delivery_signals import transcript
from fake_recogniser import Hears, Source, heard_as, passage_of
from helpers import sample
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from tiny_whisper import N_STATE, hypothesis, tiny_model

from vmaudit.asr import Passage, load_transcriber, weights
from vmaudit.asr.weights import registry
from vmaudit.asr.whisper import decoding
from vmaudit.asr.whisper.core import TorchCore
from vmaudit.asr.whisper.digits import (
    CLASSES,
    DIGITS,
    MIN_FRAMES,
    OFFSETS,
    PARTS,
    WORDS,
    DigitDetector,
    detector_for,
    spoken_digits,
)
from vmaudit.asr.whisper.listening import Listening
from vmaudit.asr.whisper.recogniser import HeardClip, HeardDigit, HeardSounds
from vmaudit.asr.whisper.rules import FRAME_S
from vmaudit.asr.whisper.workload import Workload
from vmaudit.config import AsrOptions
from vmaudit.content import find_callback, numbering_plan
from vmaudit.content.hearings import heard_twice, vote
from vmaudit.content.sounds import sounded_numbers
from vmaudit.content.stretches import digit_stretches, stretches_in_doubt
from vmaudit.pipeline.hearing import kept
from vmaudit.records import (
    SAMPLE_RATE_HZ,
    DigitReading,
    DigitSound,
    DigitStretch,
    Interval,
    Transcript,
    Word,
)

US = numbering_plan("US")
NUMBER, OTHER = "2405550142", "4155550186"

# A frame's likelihood


def test_frames_are_as_likely_as_scikit_learn_says_of_them_and_their_neighbours() -> None:
    rng = np.random.default_rng(3)
    frames = rng.normal(size=(CLASSES * 12, 4)).astype(np.float32)
    beside = [np.roll(frames, -offset, axis=0) for offset in OFFSETS]
    known = np.concatenate(beside, axis=1)
    learner = LogisticRegression(max_iter=50).fit(known, np.arange(len(frames)) % CLASSES)
    shape = (CLASSES, len(OFFSETS), 4)
    parted = learner.coef_.reshape(shape).transpose(1, 2, 0).astype(np.float32)
    detector = DigitDetector(
        torch.from_numpy(parted.copy()), torch.from_numpy(learner.intercept_.astype(np.float32))
    )
    found = detector.probabilities(torch.from_numpy(frames))
    margin = OFFSETS[-1]  # rolled over the ends
    expected = learner.predict_proba(known)
    assert found[margin:-margin] == pytest.approx(expected[margin:-margin], abs=1e-5)


def test_a_clip_without_frames_has_no_digit() -> None:
    assert spoken_digits(ALWAYS_FIVE.probabilities(torch.empty(0, N_STATE))) == ()


def test_a_detector_ships_for_the_model_that_ships_with_packages() -> None:
    assert detector_for("nobody@000000000000") is None
    spec = registry.load_registry()["base"]
    assert spec.tensor_digest
    detector = detector_for(f"a copy@{spec.tensor_digest[:12]}")
    assert detector is not None
    assert detector.weights.shape == (len(OFFSETS), 512, CLASSES)


# From frames to digits


def frames_of(*said: tuple[str, int], sure: float = 0.9) -> NDArray[np.float32]:
    """Words, "" for none, each so many frames long, in thirds."""
    rows = []
    for word, frames in said:
        for frame in range(frames):
            row = np.full(CLASSES, (1 - sure) / (CLASSES - 1), dtype=np.float32)
            row[1 + PARTS * WORDS.index(word) + PARTS * frame // frames if word else 0] = sure
            rows.append(row)
    return np.array(rows, dtype=np.float32).reshape(-1, CLASSES)


def test_digits_are_where_their_frames_are() -> None:
    one, two = spoken_digits(frames_of(("", 50), ("five", 20), ("", 10), ("oh", 12), ("", 30)))
    assert (one.digit, two.digit) == ("5", "0")
    assert (one.start_s, one.end_s) == pytest.approx((1.0, 1.4))
    assert (two.start_s, two.end_s) == pytest.approx((1.6, 1.84))
    assert one.probability == pytest.approx(0.9, abs=0.01)


def test_the_next_likeliest_digit_comes_with_each() -> None:
    frames = frames_of(("five", 21))
    other = frames_of(("nine", 21))
    [found] = spoken_digits(np.concatenate([frames_of(("", 9)), 0.7 * frames + 0.3 * other]))
    assert (found.digit, found.rival) == ("5", "9")
    assert found.rival_probability == pytest.approx(0.27, abs=0.02)


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ([("", 200)], ""),
        ([("", 20), ("five", sum(MIN_FRAMES) - 3), ("", 20)], ""),  # a click
        ([("", 20), ("five", 80), ("", 20)], "5"),
        ([("", 9), ("five", 12), ("five", 12), ("five", 12), ("", 9)], "555"),
        ([("", 9), ("zero", 20), ("oh", 12), ("", 9)], "00"),
        ([("", 9), ("one", 12), ("", 400), ("two", 12), ("", 9)], "12"),
    ],
)
def test_repeated_digits_are_counted_and_short_sounds_are_none(
    said: list[tuple[str, int]], digits: str
) -> None:
    assert "".join(one.digit for one in spoken_digits(frames_of(*said))) == digits


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(WORDS), st.integers(9, 40), st.integers(0, 60))))
def test_what_is_said_plainly_is_heard(said: list[tuple[str, int, int]]) -> None:
    parts = [part for word, frames, gap in said for part in (("", gap), (word, frames))]
    probabilities = frames_of(("", 5), *parts, ("", 5))
    found = spoken_digits(probabilities)
    assert "".join(one.digit for one in found) == "".join(
        DIGITS[WORDS.index(word)] for word, _, _ in said
    )
    ends_s = [0.0, *(one.end_s for one in found)]
    for end_s, one in zip(ends_s, found, strict=False):
        assert end_s <= one.start_s < one.end_s <= len(probabilities) * FRAME_S + 1e-9
        assert 0 < one.probability <= 1


# In the speech core

ALWAYS_FIVE = DigitDetector(
    torch.zeros(len(OFFSETS), N_STATE, CLASSES),
    torch.eye(CLASSES)[1 + PARTS * 5 : 1 + PARTS * 6].sum(dim=0) * 9.0,
)


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "TEMPERATURES", (0.0,))
    monkeypatch.setattr(decoding.Hypothesis, "is_unsure", False)
    monkeypatch.setattr(decoding.Hypothesis, "is_silence", False)


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize(
    ("listening", "hears"),
    [
        (Listening(digits=ALWAYS_FIVE), True),
        (Listening(digits=ALWAYS_FIVE, verbatim=False), True),
        (Listening("de", digits=ALWAYS_FIVE), False),
        (Listening(), False),
    ],
)
def test_digits_are_heard_in_english_where_there_is_a_detector(
    listening: Listening, hears: bool
) -> None:
    workload = Workload(torch.float32, batch_size=1, streams=1, threads=torch.get_num_threads())
    core = TorchCore(tiny_model(), version="tiny@0", workload=workload, listening=listening)
    clip = np.random.default_rng(5).normal(scale=0.1, size=2 * SAMPLE_RATE_HZ).astype(np.float32)
    [found] = core.recognise([clip])
    assert {digit.digit for digit in found.sounds.digits} == ({"5"} if hears else set())
    assert all(digit.end_s <= 2.0 + FRAME_S for digit in found.sounds.digits)


def test_none_counts_behind_the_rest() -> None:
    first, second = HeardDigit("5", 1.0, 1.3, 0.9, "9", 0.1), HeardDigit("6", 5, 6, 0.9, "3", 0.0)
    part = replace(hypothesis(" Hi."), rest_s=4.0)
    assert part.as_heard([], HeardSounds(digits=(first, second))).sounds.digits == (first,)


def test_times_are_the_recordings() -> None:
    def with_digit(clip: NDArray[np.float32]) -> HeardClip:
        sound = HeardDigit("4", 0.6, 0.9, 0.8, "1", 0.1)
        return replace(heard_as(str(int(clip[0]))), sounds=HeardSounds(digits=(sound,)))

    apart = [(1.0, 10.0), (20.0, 29.0)]  # so far that each is a window
    [(_, found)] = Source([passage_of(7, apart)]).through(Hears(with_digit))
    assert isinstance(found, Transcript)
    starts_s = [word.start_s for word in found.words]
    assert [sound.start_s for sound in found.digit_sounds] == pytest.approx(starts_s)
    assert {sound.digit for sound in found.digit_sounds} == {"4"}


def test_those_of_the_greeting_are_not_the_messages() -> None:
    said = transcript(("One", 1.0, 1.5), ("Hi", 5.0, 5.2))
    sounds = (DigitSound("1", 1.0, 1.4, 0.9), DigitSound("5", 5.5, 5.9, 0.9))
    said = replace(said, digit_sounds=sounds)
    assert kept(said, said.words[1:], Interval(4.0, 9.0)).digit_sounds == sounds[1:]


# Whole numbers


def sounds_of(digits: str, start_s: float = 1.0, confidence: float = 0.9) -> list[DigitSound]:
    """A digit every half second, for 0.4 s."""
    return [
        DigitSound(digit, start_s + 0.5 * n, start_s + 0.5 * n + 0.4, confidence)
        for n, digit in enumerate(digits)
    ]


def words_of(texts: str, start_s: float = 1.0) -> list[Word]:
    """A word every half second, for 0.4 s."""
    return [
        Word(text, start_s + 0.5 * n, start_s + 0.5 * n + 0.4, 0.8)
        for n, text in enumerate(texts.split())
    ]


def numbers_in(sounds: Sequence[DigitSound], words: Sequence[Word] = ()) -> list[str]:
    found = sounded_numbers(sounds, words, US)
    return ["".join(sound.digit for sound in number) for number in found]


@pytest.mark.parametrize(
    ("digits", "numbers"),
    [
        (NUMBER, [NUMBER]),
        (f"1{NUMBER}", [f"1{NUMBER}"]),
        (NUMBER + OTHER, [NUMBER, OTHER]),
        (f"{NUMBER}7", [NUMBER]),
        (NUMBER[:-1], []),
        ("0142", []),
        ("", []),
    ],
)
def test_whole_numbers_are_cut_out_of_digits_in_a_row(digits: str, numbers: list[str]) -> None:
    assert numbers_in(sounds_of(digits)) == numbers


def test_what_was_a_word_is_left_out_before_a_digit() -> None:
    sounds = sounds_of(f"4{NUMBER}")  # 4240555014 would be one too
    assert numbers_in(sounds, words_of("for 2 4 0 5 5 5 0 1 4 2")) == [NUMBER]


def test_a_pause_parts_digits() -> None:
    early, late = sounds_of(NUMBER[:5]), sounds_of(NUMBER[5:], start_s=8.0)
    assert numbers_in([*early, *late]) == []


def test_words_between_part_digits() -> None:
    sounds = [DigitSound("6", 0.0, 0.4, 0.9), DigitSound("8", 2.0, 2.4, 0.9)]
    sounds += sounds_of("53789938", start_s=4.5)
    words = words_of("six today and tomorrow from_eight That number again is", start_s=0.0)
    assert numbers_in(sounds, words[:1]) == ["6853789938"]
    assert numbers_in(sounds, words) == []


def test_unsure_sounds_are_no_number() -> None:
    assert numbers_in(sounds_of(NUMBER, confidence=0.5)) == []


# Among the words


def heard(words: Sequence[Word], sounds: Sequence[DigitSound]) -> Transcript:
    text = " ".join(word.text for word in words)
    return Transcript(text, "en", "test", 0.9, tuple(words), digit_sounds=tuple(sounds))


def texts(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def doubted(said: Transcript) -> list[str]:
    stretches = [stretch for _, stretch in digit_stretches(said, US)]
    return [stretch.digits for stretch in stretches_in_doubt(stretches, US, ())]


def test_words_that_say_what_sounds_are_not_heard_again_and_get_its_times() -> None:
    words = [
        Word("at", 0.0, 0.5, 0.9),
        Word("240", 0.5, 2.0, 0.3),
        Word("-5550142.", 2.0, 9.0, 0.4),
    ]
    said = heard(words, sounds_of(NUMBER))
    assert doubted(said) == []
    at, area, rest = heard_twice(said, (), US)
    assert (at, area.text, rest.text) == (words[0], "240", "-5550142.")
    assert (area.start_s, area.end_s, rest.start_s, rest.end_s) == (1.0, 2.4, 2.5, 5.9)
    assert area.confidence == pytest.approx(0.93)  # neither hearing is wrong


def test_a_word_in_place_of_a_digit_is_that_digit() -> None:
    said = heard(words_of("2 all 0 5 5 5 oh I 4 2."), sounds_of(NUMBER))
    assert doubted(said) == ["20555042"]
    assert texts(heard_twice(said, (), US)) == "2 4 0 5 5 5 0 1 4 2."


def test_a_number_that_was_left_out_is_put_in() -> None:
    words = [*words_of("2 4 0 5 5 5 0 1 4 2."), *words_of("Again. Bye.", start_s=6.5)]
    words[-1] = replace(words[-1], start_s=13.0, end_s=13.3)
    said = heard(words, [*sounds_of(NUMBER), *sounds_of(NUMBER, start_s=7.5)])
    callback = find_callback(heard_twice(said, (), US), direct_number=None)
    assert [(number.digits, number.times) for number in callback.numbers] == [(NUMBER, 2)]


def test_digits_too_many_without_a_sound_are_taken_away() -> None:
    loop = [Word("5,", 6.4, 6.5, 0.9), Word("5,", 6.5, 6.5, 0.9)] * 4
    said = heard([*words_of(" ".join(NUMBER)), *loop], sounds_of(NUMBER))
    assert texts(heard_twice(said, (), US)) == " ".join(NUMBER) + ","


def test_the_last_digits_said_again_are_not() -> None:
    said = heard(words_of(" ".join(f"{NUMBER}0142")), sounds_of(f"{NUMBER}0142"))
    assert texts(heard_twice(said, (), US)) == " ".join(f"{NUMBER}0142")


def test_a_correction_is_left_to_the_words() -> None:
    sounds = [*sounds_of("240555"), *sounds_of("5560142", start_s=4.5)]  # 2405555560 would be one
    words = words_of("2 4 0 5 5 5 sorry 5 5 6 0 1 4 2")
    assert heard_twice(heard(words, sounds), (), US) == tuple(words)


def test_a_word_that_holds_more_than_the_number_stays() -> None:
    words = [Word(NUMBER * 2, 1.0, 11.0, 0.8)]
    said = heard(words, [*sounds_of("240555142"), *sounds_of(NUMBER, start_s=6.0)])
    assert heard_twice(said, (), US) == tuple(words)


def test_numbers_said_in_pairs_are_left_to_the_words() -> None:
    said = heard(words_of("240 555 84 27"), sounds_of("24055547"))
    assert texts(heard_twice(said, (), US)) == "240 555 84 27"


@pytest.mark.parametrize(
    ("words", "second", "digits"),
    [
        ("2405550142", {}, NUMBER),
        ("240555042", {}, "2405550192"),  # one hearing of ten digits
        ("2405550142", {"2405550142": -0.2, "240550142": -3.0}, NUMBER),
        ("2405550142", {"2405550192": -0.2}, "2405550192"),
    ],
)
def test_three_hearings_vote(words: str, second: dict[str, float], digits: str) -> None:
    sounds = sounds_of("2405550192")
    sounds[8] = replace(sounds[8], confidence=0.5, rival="4", rival_confidence=0.4)
    stretch = DigitStretch(1.0, 6.0, words, (0.9,) * len(words), "", 1.0, tuple(sounds))
    readings = [DigitReading(1.0, 6.0, found, gain) for found, gain in second.items()]
    assert vote(stretch, readings, US).digits == digits


SOUNDS = st.lists(
    st.tuples(st.sampled_from("0123456789"), st.floats(0.05, 3.0), st.floats(0, 1)), max_size=25
)


@settings(deadline=None)
@given(SOUNDS, st.lists(st.sampled_from(["at", "2", "405", "-555", "0142.", "for"]), max_size=12))
def test_words_stay_in_order_and_those_outside_numbers_as_they_are(
    drawn: list[tuple[str, float, float]], some: list[str]
) -> None:
    sounds, end_s = [], 0.0
    for digit, step_s, confidence in drawn:
        sounds.append(DigitSound(digit, end_s + step_s / 2, end_s + step_s, confidence))
        end_s += step_s
    said = heard(words_of(" ".join(some)), sounds)
    found = heard_twice(said, (), US)
    ends_s = [-1.0, *(word.end_s for word in found)]
    for before_s, word in zip(ends_s, found, strict=False):
        assert before_s <= word.start_s + 1e-9
        assert word.start_s <= word.end_s
        assert word.text
    if not sounded_numbers(sounds, said.words, US):
        assert found == said.words


# On speech


@pytest.mark.model
@pytest.mark.parametrize("engine", ["torch", "ct2"])
def test_the_numbers_of_samples_are_heard_by_their_sound(engine: str) -> None:
    if weights.installed_path("base") is None:
        pytest.skip("base is not installed; run: vmaudit models pull base")
    options = AsrOptions.model_validate({"model": "base", "device": "cpu", "engine": engine})
    samples = sample("harborview-motors/2026-03-02_nina_vega.WAV")
    whole = Interval(0.0, len(samples) / SAMPLE_RATE_HZ)
    [(_, found)] = load_transcriber(options).transcribe([Passage("a", samples, (whole,), whole)])
    assert isinstance(found, Transcript)
    assert set(numbers_in(found.digit_sounds, found.words)) == {"2065550142"}
