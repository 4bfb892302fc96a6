"""Word times against openai-whisper's own: attention, medians, warping, words."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import numpy as np
import pytest
import scipy.ndimage
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_whisper import TOKENIZER, encoded_windows, look_at, tiny_decoder, tiny_model
from whisper.timing import WordTiming, dtw_cpu, find_alignment, median_filter, merge_punctuations

from vmaudit.asr.whisper.alignment import (
    APPENDED,
    ATTENTION_LEAD_S,
    MEDIAN_FRAMES,
    PREPENDED,
    Aligner,
    SpokenTokens,
    _median_of_seven,
    token_starts,
)
from vmaudit.asr.whisper.recogniser import HeardWord
from vmaudit.asr.whisper.rules import FRAME_S

TEXTS = (
    " Hi, this is Dana from Harborview. Call me!",
    " Call me back at 555 0199, please.",
    " Thanks.",
)
[WINDOW] = encoded_windows((700,))


@pytest.fixture(autouse=True)
def _without_gradients() -> Iterator[None]:
    with torch.inference_mode():
        yield


def aligner() -> Aligner:
    heads = [(layer, head) for layer, head in tiny_model().alignment_heads.indices().T.tolist()]
    return Aligner(tiny_decoder(), TOKENIZER, heads)


def spoken(text: str, frames: int) -> SpokenTokens:
    tokens = TOKENIZER.encode(text)
    return SpokenTokens(tokens, [0.5 + i / 200 for i in range(len(tokens))], frames)


def find_words(window: torch.Tensor, text: str, frames: int) -> list[WordTiming]:
    """The reference's times; encoded audio takes the place of its spectrogram."""

    class Encoded(torch.nn.Module):
        def forward(self, _: torch.Tensor) -> torch.Tensor:
            return window[None]

    mel = torch.zeros(80, 3000)
    with patch.object(tiny_model(), "encoder", Encoded()):
        return list(
            find_alignment(tiny_model(), TOKENIZER, TOKENIZER.encode(text), mel, 2 * frames)
        )


def reference_words(window: torch.Tensor, text: str, frames: int) -> list[WordTiming]:
    words = find_words(window, text, frames)
    merge_punctuations(words, PREPENDED, APPENDED)
    return [word for word in words if word.word.strip()]


@pytest.mark.parametrize("contexts", [(1500, 1500, 1500), (1500, 700, 60)])
def test_word_times_equal_the_reference_in_a_batch(contexts: tuple[int, int, int]) -> None:
    windows = encoded_windows(contexts)
    frames = [round(0.9 * context) for context in contexts]
    said = [spoken(text, count) for text, count in zip(TEXTS, frames, strict=True)]
    for window, text, count, words in zip(
        windows, TEXTS, frames, aligner().align(look_at(windows), said), strict=True
    ):
        expected = reference_words(window, text, count)
        assert [word.text for word in words] == [timing.word for timing in expected]
        starts = [timing.start + ATTENTION_LEAD_S for timing in expected]
        ends = [timing.end + ATTENTION_LEAD_S for timing in expected]
        assert [word.start_s for word in words] == pytest.approx(starts)
        assert [word.end_s for word in words] == pytest.approx(ends)


def test_windows_without_words_have_none_and_disturb_none() -> None:
    windows = encoded_windows((700, 500, 1000))
    nothing = SpokenTokens((), (), 0)
    first, third = spoken(TEXTS[0], 600), spoken(TEXTS[1], 900)
    words = aligner().align(look_at(windows), [first, nothing, third])
    assert words[1] == []
    assert words[0] == aligner().align(look_at(windows[:1]), [first])[0]
    assert words[2] == aligner().align(look_at(windows[2:]), [third])[0]
    assert aligner().align(look_at(windows), [nothing] * 3) == [[], [], []]


def words_of(text: str, frames: int = 600) -> list[HeardWord]:
    [words] = aligner().align(look_at([WINDOW]), [spoken(text, frames)])
    return words


def test_a_word_is_as_sure_as_its_tokens_are_on_average() -> None:
    text = " My name is Wojciechowski"
    pieces, tokens = TOKENIZER.split_to_word_tokens(TOKENIZER.encode(text))
    probabilities = iter(spoken(text, 1).probabilities)
    expected = [float(np.mean([next(probabilities) for _ in some])) for some in tokens]
    words = words_of(text)
    assert [word.text for word in words] == pieces
    assert [word.probability for word in words] == pytest.approx(expected)


def reference_token_starts(text: str) -> list[float]:
    """When the reference has each token begin, as if it were a word."""

    def one_by_one(tokens: list[int]) -> tuple[list[str], list[list[int]]]:
        return [TOKENIZER.decode([token]) for token in tokens], [[token] for token in tokens]

    with patch.object(TOKENIZER, "split_to_word_tokens", one_by_one):
        words = find_words(WINDOW, text, 600)
    return [word.start + ATTENTION_LEAD_S for word in words]


@pytest.mark.parametrize(
    ("text", "words", "first_tokens"),
    [
        (" 240-555-0142", [" 240", "-555", "-0142"], [" 240", "55", "0"]),
        (" Dana (from here)", [" Dana", " (from", " here)"], [" Dana", "from", " here"]),
        (' He said "yes"', [" He", " said", ' "yes"'], [" He", " said", "yes"]),
    ],
)
def test_what_is_written_and_not_spoken_takes_no_time(
    text: str, words: list[str], first_tokens: list[str]
) -> None:
    found = words_of(text)
    assert [word.text for word in found] == words
    pieces = [TOKENIZER.decode([token]) for token in TOKENIZER.encode(text)]
    starts_s = reference_token_starts(text)
    expected = [starts_s[pieces.index(piece)] for piece in first_tokens]
    assert [word.start_s for word in found] == pytest.approx(expected)
    assert expected != [timing.start for timing in reference_words(WINDOW, text, 600)]


@pytest.mark.parametrize("frames", [1, 2, 3, 4, 7])
def test_words_in_hardly_any_audio_are_in_order_and_inside(frames: int) -> None:
    words = words_of(TEXTS[0], frames)
    assert "".join(word.text for word in words) == TEXTS[0]
    times = [time_s for word in words for time_s in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert max(times) <= frames * FRAME_S + ATTENTION_LEAD_S


@pytest.mark.parametrize("text", [" ...", "。", " 日本語のメッセージ", " 🎉 yes", "\ufffd"])
def test_odd_texts_are_timed_whole(text: str) -> None:
    words = words_of(text)
    assert "".join(word.text for word in words).strip() == text.strip()
    assert all(0 <= word.start_s <= word.end_s for word in words)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 3),
    st.integers(4, 60),
    st.integers(0, 9999),
    st.booleans(),
)
def test_median_equals_the_sorted_one(rows: int, length: int, seed: int, ties: bool) -> None:
    x = torch.randn(rows, 2, length, generator=torch.Generator().manual_seed(seed))
    x = x.round() if ties else x
    found = _median_of_seven(x)
    size = (1, 1, MEDIAN_FRAMES)
    expected = scipy.ndimage.median_filter(x.numpy(), size=size, mode="mirror")
    np.testing.assert_array_equal(found.numpy(), expected)
    assert torch.equal(found, median_filter(x, MEDIAN_FRAMES))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(1, 40)), min_size=1, max_size=4),
    st.integers(0, 9999),
)
def test_warping_paths_equal_the_reference(shapes: list[tuple[int, int]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    costs = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
    for cost, starts in zip(costs, token_starts(costs), strict=True):
        tokens, frames = dtw_cpu(cost.astype(np.float64))
        entered = np.pad(np.diff(tokens), (1, 0), constant_values=1).astype(bool)
        np.testing.assert_array_equal(starts, frames[entered])


def test_a_clear_diagonal_is_followed() -> None:
    starts_at = np.array([0, 5, 11, 12, 30])
    cost = np.ones((5, 40), dtype=np.float32)
    for token, (start, end) in enumerate(zip(starts_at, [*starts_at[1:], 40], strict=True)):
        cost[token, start:end] = -1.0
    [found] = token_starts([cost])
    np.testing.assert_array_equal(found, starts_at)
