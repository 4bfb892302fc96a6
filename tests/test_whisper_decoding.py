"""Decoding against openai-whisper's own: greedy and sampled words, beams, rests."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import cast

import pytest
import torch
import whisper
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_whisper import (
    N_TEXT_CONTEXT,
    TOKENIZER,
    encoded_windows,
    look_at,
    tiny_decoder,
    tiny_model,
)
from whisper.decoding import (
    BeamSearchDecoder,
    DecodingOptions,
)

from vmaudit.asr.whisper import decoding
from vmaudit.asr.whisper.beam import BeamSearch
from vmaudit.asr.whisper.decoding import (
    TOKENS_AT_LEAST,
    TOKENS_PER_S,
    BatchDecoder,
    ClipFacts,
    Hypothesis,
    compression_ratio,
    repeats_itself,
    split_at_rest,
)
from vmaudit.asr.whisper.network import IncrementalDecoder
from vmaudit.asr.whisper.rules import TokenRules

CLIPS = [ClipFacts(30.0, seed) for seed in (11, 22, 33)]


@pytest.fixture(autouse=True)
def _without_gradients() -> Iterator[None]:
    with torch.inference_mode():
        yield


# greedy and sampled decoding


def decoded(contexts: tuple[int, ...]) -> list[Hypothesis]:
    return BatchDecoder(tiny_decoder(), TOKENIZER).greedy(
        look_at(encoded_windows(contexts)), CLIPS[: len(contexts)]
    )


def looked_at_twice(
    decoder: BatchDecoder, windows: list[torch.Tensor], clips: list[ClipFacts]
) -> list[Hypothesis]:
    audio = look_at(windows)
    return decoder.look_again(audio, clips, decoder.greedy(audio, clips))


def test_greedy_decoding_equals_the_reference() -> None:
    contexts = (1500, 1500, 1500)
    options = DecodingOptions(language="en", temperature=0.0, fp16=False)
    expected = whisper.decode(tiny_model(), torch.stack(encoded_windows(contexts)), options)
    for hypothesis, reference in zip(decoded(contexts), expected, strict=True):
        # A row of all the tokens there may be has its last one turned into an end.
        cut = len(reference.tokens) == N_TEXT_CONTEXT // 2
        assert hypothesis.looped == cut
        tokens = reference.tokens[: -1 if cut else None]
        mean = reference.avg_logprob * (len(reference.tokens) + 1) / (len(tokens) + 1)
        complete, rest_s = split_at_rest(tokens, TOKENIZER.timestamp_begin)
        assert list(hypothesis.text_tokens) == [t for t in complete if t < TOKENIZER.eot]
        assert hypothesis.rest_s == rest_s
        assert hypothesis.mean_log_probability == pytest.approx(mean, abs=1e-4)
        assert hypothesis.no_speech_probability == pytest.approx(reference.no_speech_prob, rel=1e-3)
        text = TOKENIZER.decode(tokens).strip()
        assert hypothesis.compression_ratio == compression_ratio(text)


def test_language_is_guessed_as_the_reference_does() -> None:
    windows = encoded_windows((1500, 1500))
    [_, probabilities] = whisper.detect_language(tiny_model(), torch.stack(windows), TOKENIZER)
    for hypothesis, among in zip(decoded((1500, 1500)), probabilities, strict=True):
        assert hypothesis.language == max(among, key=among.__getitem__)
        assert hypothesis.language_probability == pytest.approx(max(among.values()), rel=1e-3)


@pytest.mark.parametrize("temperatures", [(0.0,), (1.0,), (0.0, 0.2, 1.0)])
def test_a_decoded_batch_equals_its_singles(
    temperatures: tuple[float, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "TEMPERATURES", temperatures)
    windows = encoded_windows()
    decoder = BatchDecoder(tiny_decoder(), TOKENIZER)
    together = looked_at_twice(decoder, windows, CLIPS)
    for window, clip, hypothesis in zip(windows, CLIPS, together, strict=True):
        [alone] = looked_at_twice(decoder, [window], [clip])
        assert alone.text_tokens == hypothesis.text_tokens
        assert alone.rest_s == hypothesis.rest_s
        assert alone.temperature == hypothesis.temperature
        assert alone.probabilities == pytest.approx(hypothesis.probabilities, abs=1e-4)
        assert alone.mean_log_probability == pytest.approx(
            hypothesis.mean_log_probability, abs=1e-4
        )


def test_every_token_has_the_probability_it_was_drawn_with() -> None:
    decoder = BatchDecoder(tiny_decoder(), TOKENIZER)
    for hypothesis in looked_at_twice(decoder, encoded_windows(), CLIPS):
        assert len(hypothesis.probabilities) == len(hypothesis.text_tokens)
        assert all(0 < probability <= 1 for probability in hypothesis.probabilities)
        assert all(token < TOKENIZER.eot for token in hypothesis.text_tokens)


def test_the_same_seed_draws_the_same_words_and_another_one_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decoding, "TEMPERATURES", (1.0,))
    audio, decoder = look_at(encoded_windows((700,))), BatchDecoder(tiny_decoder(), TOKENIZER)
    [first], [again], [other] = (
        decoder.greedy(audio, [ClipFacts(30.0, seed)]) for seed in (1, 1, 2)
    )
    assert first == again
    assert first.temperature == 1.0
    assert first.mean_log_probability != other.mean_log_probability


@pytest.mark.parametrize("temperature", [0.5, 1.0])
def test_words_are_drawn_as_often_as_they_are_likely(temperature: float) -> None:
    """By the probabilities that a softmax at this temperature gives."""
    logits = torch.tensor([[0.0, 1.0, 2.0, -math.inf]])
    count = 4000
    generators = [torch.Generator().manual_seed(seed) for seed in range(count)]
    drawn = decoding._draw(logits.expand(count, -1), temperature, generators)
    shares = torch.bincount(drawn, minlength=4) / count
    expected = (logits[0] / temperature).softmax(-1)
    torch.testing.assert_close(shares, expected, atol=0.03, rtol=0.0)  # four deviations


# beam search


class MarkovNetwork:
    """Stands for a decoder: what comes next depends on a window and its last token alone."""

    def __init__(self, tables: torch.Tensor, beams: int) -> None:
        self.tables, self.beams = tables, beams  # (windows, last token, next token)

    def logits(self, tokens: torch.Tensor) -> torch.Tensor:
        windows = torch.arange(len(tokens)) // self.beams
        return self.tables[windows, tokens[:, -1]][:, None].clone()

    def reorder(self, rows: torch.Tensor) -> None:
        assert torch.equal(rows // self.beams, torch.arange(len(rows)) // self.beams)

    def keep(self, windows: torch.Tensor) -> None:
        self.tables = self.tables[windows]


class Anything:
    """Rules that allow every token."""

    def apply(self, logits: torch.Tensor, sampled: torch.Tensor) -> None:
        assert len(logits) == len(sampled)


class NoCache:
    """The reference reorders a cache that a Markov chain does not have."""

    def rearrange_kv_cache(self, source_indices: list[int]) -> None:
        assert source_indices


def reference_beams(tables: torch.Tensor, size: int, steps: int) -> list[tuple[list[int], float]]:
    """The reference's search over the same chain: of each window, the likeliest per token."""
    windows, eot = len(tables), 0
    search = BeamSearchDecoder(size, eot, NoCache(), 1.0)
    network = MarkovNetwork(tables, size)
    tokens = torch.ones(windows * size, 1, dtype=torch.long)
    totals = torch.zeros(windows * size)
    for _ in range(steps):
        tokens, done = search.update(tokens, network.logits(tokens)[:, -1], totals)
        if done:
            break
    found, scores = search.finalize(
        tokens.reshape(windows, size, -1), totals.reshape(windows, size)
    )
    best = []
    for rows, row_scores in zip(found, scores, strict=True):
        said = [[t for t in row[1:].tolist() if t != eot] for row in rows]
        means = [score / (len(row) + 1) for row, score in zip(said, row_scores, strict=True)]
        likeliest = max(range(len(rows)), key=means.__getitem__)
        best.append((said[likeliest], means[likeliest]))
    return best


@pytest.mark.filterwarnings("ignore:__array_wrap__:DeprecationWarning")  # in the reference
@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 9999),
    st.integers(1, 5),
    st.lists(st.integers(1, 9), min_size=1, max_size=3),
)
def test_beam_search_equals_the_reference(seed: int, size: int, limits: list[int]) -> None:
    tables = 2 * torch.randn(len(limits), 12, 12, generator=torch.Generator().manual_seed(seed))
    prompt = torch.ones(len(limits) * size, 1, dtype=torch.long)
    search = BeamSearch(cast("TokenRules", Anything()), 0, size=size)
    network = cast("IncrementalDecoder", MarkovNetwork(tables, size))
    found = search.run(network, prompt, limits)
    for window, (sampled, limit) in enumerate(zip(found, limits, strict=True)):
        [(tokens, mean)] = reference_beams(tables[window : window + 1], size, limit)
        assert sampled.mean_log_probability == pytest.approx(mean, abs=1e-4)
        ended = len(sampled.log_probabilities) - len(sampled.tokens)
        assert ended in (0, 1)
        path = [1, *sampled.tokens, 0][: 1 + len(sampled.log_probabilities)]
        steps = tables[window].log_softmax(-1)[path[:-1], path[1:]]
        assert sampled.log_probabilities == pytest.approx(steps.tolist(), abs=1e-4)
        # Two that go the same steps in another order are as likely: which comes is rounding.
        assert sorted(pairwise([1, *sampled.tokens])) == sorted(pairwise([1, *tokens]))


def test_nobody_says_more_than_there_is_time_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "TEMPERATURES", (0.0,))
    decoder = BatchDecoder(tiny_decoder(), TOKENIZER)
    durations_s = (0.1, 0.3, 30.0)
    clips = [ClipFacts(duration_s, 1) for duration_s in durations_s]
    heard = looked_at_twice(decoder, encoded_windows(), clips)
    for found, duration_s in zip(heard, durations_s, strict=True):
        assert len(found.text_tokens) <= TOKENS_AT_LEAST + TOKENS_PER_S * duration_s


def test_unsure_words_are_looked_at_with_beams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "TEMPERATURES", (0.0,))
    [greedy] = decoded((700,))
    decoder = BatchDecoder(tiny_decoder(), TOKENIZER)
    [found] = looked_at_twice(decoder, encoded_windows((700,)), CLIPS[:1])
    assert found.temperature == 0.0
    assert found.mean_log_probability > greedy.mean_log_probability
    assert found.no_speech_probability == greedy.no_speech_probability
    assert found.language == greedy.language


# what a hypothesis says of itself, and where it ends


def hypothesis_of(
    mean: float, *, no_speech: float = 0.0, ratio: float = 1.0, looped: bool = False
) -> Hypothesis:
    return Hypothesis((), (), None, mean, ratio, no_speech, "en", 1.0, 0.0, looped)


@pytest.mark.parametrize(
    ("hypothesis", "silence", "unsure", "good"),
    [
        (hypothesis_of(-0.2), False, False, True),
        (hypothesis_of(-0.7), False, True, True),
        (hypothesis_of(-1.2), False, True, False),
        (hypothesis_of(-1.2, no_speech=0.7), True, False, False),
        (hypothesis_of(-0.9, no_speech=0.9), False, True, True),
        (hypothesis_of(-1.6, no_speech=0.4), True, False, False),
        (hypothesis_of(-1.6, no_speech=0.2), False, True, False),
        (hypothesis_of(-0.2, ratio=3.0), False, True, False),
        (hypothesis_of(-0.2, looped=True), False, True, False),
    ],
)
def test_silence_doubt_and_loops_are_told_apart(
    hypothesis: Hypothesis, silence: bool, unsure: bool, good: bool
) -> None:
    told = (hypothesis.is_silence, hypothesis.is_unsure, hypothesis.is_good)
    assert told == (silence, unsure, good)


@pytest.mark.parametrize(
    ("tokens", "complete", "rest_s"),
    [
        ([0, 7, 8, 50], [0, 7, 8, 50], None),  # one segment, closed: all there is
        ([0, 7, 50, 50, 8, 90], [0, 7, 50, 50, 8, 90], None),
        ([0, 7, 50, 50, 8, 9], [0, 7, 50], 1.0),  # unfinished: again from one second on
        ([0, 7, 50, 50], [0, 7, 50], 1.0),
        ([0, 7, 8], [0, 7, 8], None),  # no second timestamp at all: keep the words
        ([], [], None),
        ([0, 7, 30, 30, 8, 9], [0, 7, 30, 30, 8, 9], None),  # so early a rest is not split off
    ],
)
def test_an_unfinished_segment_is_split_off(
    tokens: list[int], complete: list[int], rest_s: float | None
) -> None:
    times = {0, 30, 50, 90}
    begin = 50_000
    coded = [begin + token if token in times else token for token in tokens]
    kept, rest = split_at_rest(coded, begin)
    assert [token - begin if token >= begin else token for token in kept] == complete
    assert rest == rest_s


def test_a_loop_compresses_well() -> None:
    assert compression_ratio("call me back at " * 20) > 2.4
    assert compression_ratio("Hi, it is Dana from Harborview about the truck you saw.") < 2.4


@pytest.mark.parametrize(
    "text",
    [
        "for, for, for, for, for,",
        "Well. Thank you. Thank you! thank you, Thank you. Thank you.",
        "call me back call me back. Call me back call me back call me back",
    ],
)
def test_a_phrase_said_five_times_in_a_row_is_a_loop(text: str) -> None:
    assert repeats_itself(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no, no, no, no",
        "zero 0 0 0 0 0 0 0, 55555",
        "206, 206, 206, 206, 206, 206",
        "for four for four forty",
        "the these them then there their",
    ],
)
def test_numbers_and_a_few_repeats_are_no_loop(text: str) -> None:
    assert not repeats_itself(text)
