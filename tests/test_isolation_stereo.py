"""A channel per party: who speaks needs no guess. And what holds for any call, of one or two."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_isolation_calls import (
    BEEP,
    BUSY,
    EARLY,
    EDGE_S,
    FAR,
    FULL,
    GREETED,
    GREETING,
    LEFT,
    MENU,
    MESSAGE,
    MORE,
    REP,
    RING,
    TURNS,
    Heard,
    Part,
    call,
    loud,
    pause,
    says,
    text,
    tone,
)


def in_stereo(*parts: Part, leak: float = 0.0) -> Heard:
    """The same call with a channel per party, ``leak`` of the far end's heard on the rep's."""
    own, far = [], []
    for part in parts:
        silent = Part(part.sound * np.float32(0), "", part.by)
        own.append(part if part.by is REP else Part(part.sound * np.float32(leak)))
        far.append(silent if part.by is REP else part)
    return call(*own, other=tuple(far))


def test_who_speaks_where_each_party_has_a_channel() -> None:
    heard = in_stereo(*RING, *GREETED, *LEFT, pause(1.0))
    assert heard.kinds == ["ring", "greeting", "beep", "message", "tail"]
    assert text(heard.found.words) == f"{MESSAGE} {MORE}"
    assert heard.found.greeting == ()
    assert heard.outcomes == ("left_message",)


@pytest.mark.parametrize("leak", [0.3, 0.1])
def test_crosstalk_is_not_the_reps_speech(leak: float) -> None:
    clean, leaky = (in_stereo(*GREETED, *LEFT, pause(1.0), leak=part) for part in (0.0, leak))
    assert loud(says(FAR, GREETING).sound * np.float32(leak))
    assert leaky.scene.voiced == clean.scene.voiced
    assert leaky.found.words == clean.found.words
    assert leaky.outcomes == clean.outcomes == ("left_message",)


def test_without_a_beep_the_channel_tells_greeting_from_message() -> None:
    heard = in_stereo(says(FAR, MORE), pause(0.3), *LEFT, pause(1.0))
    assert heard.kinds == ["greeting", "message", "tail"]
    assert text(heard.found.words) == f"{MESSAGE} {MORE}"


def test_somebody_picked_up_on_a_channel_of_their_own() -> None:
    heard = in_stereo(*RING, *TURNS)
    assert heard.outcomes == ("picked_up",)
    assert heard.found.isolation.message is None
    assert "message" not in heard.kinds


def test_the_rep_spoke_before_the_beep_on_a_channel_of_his_own() -> None:
    early = says(REP, EARLY, 2.5)
    late = (says(FAR, GREETING), pause(0.5), early, pause(0.3), BEEP, pause(0.5), *LEFT, pause(1.0))
    assert in_stereo(*late).outcomes == ("left_message", "spoke_before_beep")
    assert in_stereo(*GREETED, *LEFT, pause(1.0)).outcomes == ("left_message",)


def test_the_mailbox_speaks_after_the_message_on_its_channel() -> None:
    parts = (*GREETED, *LEFT, pause(1.0))
    heard = in_stereo(*parts, says(FAR, MORE, 4.0), pause(1.0))
    starts_s = sum(part.duration_s for part in parts)
    assert heard.kinds == ["greeting", "beep", "message", "tail", "menu", "tail"]
    assert heard.span("menu").start_s == pytest.approx(starts_s, abs=EDGE_S)
    assert heard.span("menu").end_s == pytest.approx(starts_s + 4.0, abs=EDGE_S)
    assert text(heard.found.words) == f"{MESSAGE} {MORE}"
    assert heard.outcomes == ("left_message",)


PARTS = st.sampled_from(
    [
        RING[0],
        BEEP,
        BUSY[0],
        tone(770.0, 1336.0, duration_s=0.1),
        pause(0.2),
        pause(1.0),
        pause(5.0),
        says(FAR, GREETING),
        says(FAR, MENU),
        says(FAR, FULL),
        says(FAR, MORE),
        *TURNS,
        *LEFT,
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PARTS, min_size=1, max_size=10), st.booleans())
def test_spans_and_words_are_in_order_in_any_call(parts: list[Part], stereo: bool) -> None:
    heard = in_stereo(*parts) if stereo else call(*parts)
    isolation = heard.found.isolation
    edges_s = [edge for span in isolation.spans for edge in (span.start_s, span.end_s)]
    assert edges_s == sorted(edges_s)
    assert all(0 <= edge <= heard.scene.duration_s + 1e-9 for edge in edges_s)
    assert len(set(isolation.outcomes)) == len(isolation.outcomes) > 0
    message = isolation.message
    assert (message is None) == ("message" not in heard.kinds) == bool(isolation.reasons)
    assert (message is None) == (isolation.outcomes[0] in {"no_speech", "picked_up"})
    assert (message is None) == (not heard.found.words)
    greeting, words = heard.found.greeting, heard.found.words
    assert all(word in heard.words for word in greeting)
    if words:
        first = heard.words.index(words[0])
        assert heard.words[first : first + len(words)] == words
        assert all(word.end_s <= words[0].start_s + 1e-9 for word in greeting)
    if message is not None:
        assert heard.span("message").start_s == message.start_s
        for speech in isolation.speech:
            assert message.start_s <= speech.start_s < speech.end_s <= message.end_s
