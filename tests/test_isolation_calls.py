"""Calls from the first ring to the tail: whose words are whose, and how the call went.

Signals and voices are synthetic, the words scripted; voice activity is wherever it is not silent.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from spoken import words_in
from test_isolation_voices import HIGH, LOW, Speaker, speaks

from vmaudit.isolation import Isolated, Scene, isolate, survey
from vmaudit.records import SAMPLE_RATE_HZ, Interval, Span, Word

Samples = NDArray[np.float32]

FAR, REP = LOW, HIGH

EDGE_S = 0.15  # a message keeps 0.1 s around its speech
WORDS_PER_S = 2.5
FRAME = 320  # 20 ms
SILENT = 0.003
MIN_VOICED_S = 0.07  # less is left where a tone was silenced

GREETING = "You've reached Ted Marsh. Please leave me a message."
MESSAGE = "Hi Ted, this is Nina with Harborview Motors. I'm calling about the truck you asked for."
MORE = "It has two doors and a red roof, and you can have it on Monday."
MENU = "To send this message, press one. To re-record, press two."
EARLY = "Hello. Hi, Ted. Is that you?"
FULL = "You have reached the maximum recording time."


@dataclass(frozen=True)
class Part:
    """A stretch of one channel; ``text`` is what a voice says in it."""

    sound: Samples
    text: str = ""
    by: Speaker | None = None

    @property
    def duration_s(self) -> float:
        return len(self.sound) / SAMPLE_RATE_HZ


@dataclass(frozen=True)
class Heard:
    """What became of a call, and all words that were heard in it."""

    scene: Scene
    words: tuple[Word, ...]
    found: Isolated

    @property
    def kinds(self) -> list[str]:
        return [span.kind for span in self.found.isolation.spans]

    @property
    def outcomes(self) -> tuple[str, ...]:
        return self.found.isolation.outcomes

    def span(self, kind: str) -> Span:
        (span,) = (span for span in self.found.isolation.spans if span.kind == kind)
        return span


def pause(duration_s: float) -> Part:
    return Part(np.zeros(round(duration_s * SAMPLE_RATE_HZ), np.float32))


def tone(*frequencies_hz: float, duration_s: float = 0.5) -> Part:
    time_s = np.arange(round(duration_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    waves = [np.sin(2 * np.pi * hz * time_s) for hz in frequencies_hz]
    return Part(np.asarray(0.2 * np.sum(waves, axis=0), np.float32))


def says(speaker: Speaker, text: str, duration_s: float | None = None) -> Part:
    if duration_s is None:
        duration_s = len(text.split()) / WORDS_PER_S
    return Part(speaks(speaker, duration_s, len(text)), text, speaker)


def joined(parts: tuple[Part, ...], duration_s: float = 0.0) -> Samples:
    """The parts after one another, with silence up to ``duration_s``."""
    samples = np.concatenate([part.sound for part in parts])
    missing = max(round(duration_s * SAMPLE_RATE_HZ) - len(samples), 0)
    return np.pad(samples, (0, missing))


def loud(samples: Samples) -> list[Interval]:
    """Voice activity where it is not silent."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    active = np.sqrt(np.square(frames).mean(axis=1)) > SILENT
    edges = np.flatnonzero(np.diff(active, prepend=False, append=False)) * FRAME / SAMPLE_RATE_HZ
    found = [Interval(float(a), float(b)) for a, b in edges.reshape(-1, 2)]
    return [interval for interval in found if interval.duration_s >= MIN_VOICED_S]


def call(*parts: Part, other: tuple[Part, ...] | None = None) -> Heard:
    """Isolate the parts of one channel, or of the rep's where the ``other`` party has its own."""
    edges_s = np.cumsum([0.0, *(part.duration_s for part in parts)]).tolist()

    def script(speech: Interval) -> str:
        shared_s = [
            min(speech.end_s, end_s) - max(speech.start_s, start_s)
            for start_s, end_s in pairwise(edges_s)
        ]
        return parts[int(np.argmax(shared_s))].text

    duration_s = max(sum(part.duration_s for part in side) for side in (parts, other or ()))
    samples = joined(parts, duration_s)
    other_party = None if other is None else joined(other, duration_s)
    scene = survey(samples, loud, other_party=other_party)
    words = words_in(scene, script)
    return Heard(scene, words, isolate(scene, samples, words))


def text(words: tuple[Word, ...]) -> str:
    return " ".join(word.text for word in words)


RING = (tone(440.0, 480.0, duration_s=1.0), pause(1.0))
BEEP = tone(1000.0, duration_s=0.4)
BUSY = tuple(part for _ in range(3) for part in (tone(480.0, 620.0), pause(0.5)))
GREETED = (says(FAR, GREETING), pause(0.5), BEEP, pause(0.5))
LEFT = (says(REP, MESSAGE), pause(0.4), says(REP, MORE))


def test_a_whole_call() -> None:
    heard = call(*RING, *GREETED, *LEFT, pause(1.0))
    assert heard.kinds == ["ring", "greeting", "beep", "message", "tail"]
    assert text(heard.words) == text(heard.found.words) == f"{MESSAGE} {MORE}"
    assert heard.outcomes == ("left_message",)


@pytest.mark.parametrize("gap_s", [0.5, 1.5])
def test_without_a_beep_the_greeting_is_told_by_its_words(gap_s: float) -> None:
    greeting = says(FAR, GREETING)
    heard = call(greeting, pause(gap_s), *LEFT, pause(1.0))
    assert heard.kinds == ["greeting", "message", "tail"]
    assert heard.span("greeting").end_s <= greeting.duration_s + EDGE_S
    assert heard.span("message").start_s == pytest.approx(greeting.duration_s + gap_s, abs=EDGE_S)
    assert text(heard.found.words) == f"{MESSAGE} {MORE}"
    assert text(heard.found.greeting) == GREETING
    assert heard.outcomes == ("left_message",)


OPENING = "Hi Ted, this is Nina with Harborview."
STEPS = (
    (says(FAR, MORE), pause(0.4), says(FAR, OPENING), pause(0.4)),  # what callers open with
    (says(FAR, MORE), pause(2.0), says(FAR, MORE), pause(0.4)),  # a longer pause
    (says(FAR, MORE, 9.0), pause(0.4), says(REP, MORE), pause(0.4)),  # another voice
)


@pytest.mark.parametrize("parts", STEPS, ids=["opening", "pause", "voice"])
def test_one_kind_of_evidence_parts_greeting_from_message(parts: tuple[Part, ...]) -> None:
    last = says(parts[2].by or FAR, "That is all there is to it.")
    heard = call(says(FAR, GREETING), pause(0.4), *parts, last, pause(1.0))
    assert text(heard.found.greeting) == f"{GREETING} {MORE}"
    assert text(heard.found.words) == f"{parts[2].text} {last.text}"


def test_words_without_punctuation_are_parted_at_pauses() -> None:
    greeting, message = (part.lower().replace(".", "") for part in (GREETING, MESSAGE))
    heard = call(says(FAR, greeting), pause(0.6), says(REP, message), pause(1.0))
    assert text(heard.found.greeting) == greeting
    assert text(heard.found.words) == message


def test_a_short_message_after_a_long_greeting() -> None:
    greeting = (says(FAR, GREETING), pause(0.4), says(FAR, MORE))
    heard = call(*greeting, pause(0.4), BEEP, pause(0.4), says(REP, OPENING, 2.8), pause(1.0))
    assert heard.kinds == ["greeting", "beep", "message", "tail"]
    assert text(heard.found.words) == OPENING


def test_after_a_beep_nobody_picks_up() -> None:
    said = [part for words in ("Hello?", OPENING, MORE, "Call me back.") for part in turn(words)]
    heard = call(*GREETED, *said, pause(1.0))
    assert heard.outcomes == ("left_message",)
    assert text(heard.found.words).startswith("Hello? Hi Ted")


def turn(words: str) -> tuple[Part, Part]:
    return says(REP, words, max(0.8, len(words.split()) / WORDS_PER_S)), pause(0.4)


def test_sounds_without_words_after_a_message_are_not_in_it() -> None:
    heard = call(*GREETED, *LEFT, pause(2.0), says(FAR, "", 3.0), pause(1.0))
    assert heard.found.isolation.message is not None
    end_s = sum(part.duration_s for part in (*GREETED, *LEFT))
    assert heard.found.isolation.message.end_s == pytest.approx(end_s, abs=EDGE_S)


def test_a_greeting_alone_is_no_message() -> None:
    heard = call(says(FAR, GREETING), pause(2.0))
    assert heard.found.isolation.message is None
    assert heard.outcomes == ("no_speech",)
    assert heard.kinds == ["greeting", "tail"]
    assert text(heard.found.greeting) == GREETING
    assert heard.found.words == ()


@pytest.mark.parametrize("ended", [(pause(1.0),), (pause(1.0), BEEP, pause(0.5))])
def test_what_the_mailbox_says_after_a_message_is_a_menu(ended: tuple[Part, ...]) -> None:
    parts = (*GREETED, *LEFT, *ended)
    heard = call(*parts, says(FAR, MENU), pause(1.0))
    assert heard.kinds == ["greeting", "beep", "message", "tail", "menu", "tail"]
    starts_s = sum(part.duration_s for part in parts)
    assert heard.span("menu").start_s == pytest.approx(starts_s, abs=EDGE_S)
    assert heard.span("menu").end_s == pytest.approx(heard.scene.duration_s - 1.0, abs=EDGE_S)
    assert text(heard.found.words) == f"{MESSAGE} {MORE}"
    assert heard.found.isolation.message is not None
    assert heard.found.isolation.message.end_s <= starts_s - 1.0 + EDGE_S
    assert heard.outcomes == ("left_message",)


def test_a_mailbox_that_thanks_first_is_a_menu_from_its_thanks_on() -> None:
    thanks = (says(FAR, "Thank you.", 0.6), pause(0.35))
    parts = (*GREETED, *LEFT, pause(1.5))
    heard = call(*parts, *thanks, says(FAR, "Your message will be delivered.", 2.0), pause(1.0))
    starts_s = sum(part.duration_s for part in parts)
    assert heard.span("menu").start_s == pytest.approx(starts_s, abs=EDGE_S)
    assert text(heard.found.words) == f"{MESSAGE} {MORE}"


def test_a_rep_who_speaks_of_a_message_in_passing_is_heard_on() -> None:
    said = (says(REP, "Thank you.", 0.6), pause(0.35), says(REP, "Your message was clear.", 1.6))
    heard = call(*GREETED, *LEFT, pause(0.5), *said, pause(1.0))
    assert "menu" not in heard.kinds
    assert text(heard.found.words).endswith("Your message was clear.")


@pytest.mark.parametrize(
    "said",
    [says(REP, "Hello?", 0.6), says(REP, "Hello? Anybody there?", 3.0), says(REP, MORE, 1.5)],
)
def test_a_word_or_two_are_no_message(said: Part) -> None:
    heard = call(*GREETED, said, pause(1.0))
    assert heard.outcomes == ("hang_up",)
    assert text(heard.found.words) == said.text


@pytest.mark.parametrize(
    "parts", [(pause(3.0),), (*RING, *RING), (*GREETED, pause(3.0)), (*RING, *BUSY)]
)
def test_nobody_speaks(parts: tuple[Part, ...]) -> None:
    heard = call(*parts)
    assert heard.outcomes == ("no_speech",)
    assert heard.found.isolation.message is None
    assert heard.found.isolation.reasons
    assert heard.found.words == ()


@pytest.mark.parametrize(
    ("ended", "outcome"),
    [
        ((pause(0.1), BEEP, pause(1.0)), "cut_off"),
        ((pause(1.0), BEEP, pause(1.0)), "left_message"),
        ((pause(0.1), *BUSY), "cut_off"),
        ((pause(1.0), *BUSY), "left_message"),
        ((pause(0.5), says(FAR, FULL), pause(1.0)), "cut_off"),
        ((pause(0.5), says(FAR, MENU), pause(1.0)), "left_message"),
        ((), "cut_off"),
        ((pause(1.0),), "left_message"),
    ],
)
def test_whether_the_rep_came_to_an_end(ended: tuple[Part, ...], outcome: str) -> None:
    heard = call(*GREETED, *LEFT, *ended)
    assert heard.outcomes == (outcome,)
    assert text(heard.found.words) == f"{MESSAGE} {MORE}"


@pytest.mark.parametrize(
    ("after", "dead"),
    [
        ((pause(7.0),), True),
        ((pause(2.0),), False),
        ((pause(7.0), *BUSY), True),
        ((pause(7.0), says(FAR, MENU), pause(1.0)), True),
        ((pause(1.0), says(FAR, MENU), pause(7.0)), False),
        ((pause(1.0), *BUSY, pause(7.0)), False),
    ],
)
def test_silence_left_on_the_line(after: tuple[Part, ...], dead: bool) -> None:
    heard = call(*GREETED, *LEFT, *after)
    assert heard.outcomes == (("left_message", "dead_tail") if dead else ("left_message",))


TURNS = (
    says(FAR, "Hello?", 0.8),
    pause(0.4),
    says(REP, "Hi, is this Ted?", 1.6),
    pause(0.4),
    says(FAR, "Yes, who's this?", 1.6),
    pause(0.4),
    says(REP, "This is Nina with Harborview Motors.", 2.4),
    pause(0.4),
    says(FAR, "I'm not interested, thanks.", 1.6),
    pause(1.0),
)


def test_somebody_picked_up() -> None:
    heard = call(*RING, *TURNS)
    assert heard.outcomes == ("picked_up",)
    assert heard.found.isolation.message is None
    assert heard.found.words == ()
    assert text(heard.found.greeting) == " ".join(part.text for part in TURNS if part.text)


@pytest.mark.parametrize(("by", "early"), [(REP, True), (FAR, False)])
def test_the_rep_s_voice_before_the_beep(by: Speaker, early: bool) -> None:
    last = says(by, EARLY, 2.5)
    greeting = (says(FAR, GREETING), says(FAR, MORE), pause(0.6))
    heard = call(*greeting, last, pause(0.4), BEEP, pause(0.5), *LEFT, pause(1.0))
    assert ("spoke_before_beep" in heard.outcomes) == early
    assert text(heard.found.words) == f"{MESSAGE} {MORE}"
