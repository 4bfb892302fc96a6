"""The torch core against openai-whisper itself, on a small model with random weights."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
import whisper.audio
from hypothesis import given, settings
from hypothesis import strategies as st
from whisper.decoding import ApplyTimestampRules, DecodingOptions, DecodingTask, SuppressTokens
from whisper.model import ModelDimensions, Whisper
from whisper.timing import dtw_cpu, find_alignment, merge_punctuations
from whisper.tokenizer import get_tokenizer

from vmaudit.asr.protocol import Passage
from vmaudit.asr.whisper.alignment import APPENDED, PREPENDED, align_batch, token_starts
from vmaudit.asr.whisper.beam import BeamSearch
from vmaudit.asr.whisper.decoding import BatchDecoder, compression_ratio, split_at_rest
from vmaudit.asr.whisper.engine import WhisperTranscriber
from vmaudit.asr.whisper.mel import log_mel_batch
from vmaudit.asr.whisper.network import IncrementalDecoder, half_precision
from vmaudit.asr.whisper.rules import TokenRules
from vmaudit.records import SAMPLE_RATE_HZ, Interval

TOKENIZER = get_tokenizer(multilingual=True, num_languages=99, language="en", task="transcribe")
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def model() -> Whisper:
    torch.manual_seed(7)
    dims = ModelDimensions(
        n_mels=80,
        n_audio_ctx=1500,
        n_audio_state=64,
        n_audio_head=2,
        n_audio_layer=1,
        n_vocab=51865,
        n_text_ctx=448,
        n_text_state=64,
        n_text_head=2,
        n_text_layer=2,
    )
    model = Whisper(dims).eval()
    with torch.no_grad():
        model.decoder.positional_embedding.normal_(std=0.5)
    return model


@pytest.fixture(scope="module")
def features() -> torch.Tensor:
    return torch.randn(3, 1500, 64, generator=torch.Generator().manual_seed(1))


def test_mel_equals_the_reference_row_by_row() -> None:
    rng = np.random.default_rng(0)
    clips = [
        (rng.normal(size=n) * level).astype(np.float32)
        for n, level in ((16_000, 0.1), (48_000, 0.001), (470_000, 0.5))
    ]
    batch = log_mel_batch(clips, 80, CPU)
    for row, clip in zip(batch, clips, strict=True):
        # As the reference's transcribe does: features of the audio alone, then padding.
        padded = whisper.audio.log_mel_spectrogram(clip, padding=whisper.audio.N_SAMPLES)
        content = padded[:, : len(clip) // whisper.audio.HOP_LENGTH]
        reference = whisper.audio.pad_or_trim(content, whisper.audio.N_FRAMES)
        torch.testing.assert_close(row, reference, atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_incremental_logits_equal_the_whole_decoder(model: Whisper, features: torch.Tensor) -> None:
    tokens = torch.randint(0, 50_000, (3, 9), generator=torch.Generator().manual_seed(2))
    network = IncrementalDecoder(model, features, max_tokens=9)
    first = network.logits(tokens[:, :4])
    rest = [network.logits(tokens[:, i : i + 1]) for i in range(4, 9)]
    whole = model.decoder(tokens, features)
    torch.testing.assert_close(torch.cat([first, *rest], 1), whole[:, 3:], atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_rows_that_leave_do_not_disturb_those_that_stay(
    model: Whisper, features: torch.Tensor
) -> None:
    tokens = torch.randint(0, 50_000, (3, 5), generator=torch.Generator().manual_seed(3))
    network = IncrementalDecoder(model, features, max_tokens=5)
    network.logits(tokens[:, :4])
    stay = torch.tensor([0, 2])
    network.keep(stay)
    after = network.logits(tokens[stay, 4:])
    whole = model.decoder(tokens[stay], features[stay])
    torch.testing.assert_close(after[:, -1], whole[:, -1], atol=1e-4, rtol=1e-4)


def _token_rows() -> st.SearchStrategy[list[list[int]]]:
    text = st.integers(0, 50_000)
    time = st.integers(TOKENIZER.timestamp_begin, TOKENIZER.timestamp_begin + 1500)
    return st.integers(0, 6).flatmap(
        lambda n: st.lists(st.lists(text | time, min_size=n, max_size=n), min_size=2, max_size=3)
    )


@settings(max_examples=60, deadline=None)
@given(_token_rows(), st.integers(0, 2**31))
def test_token_rules_equal_the_reference(rows: list[list[int]], seed: int) -> None:
    rows = [[TOKENIZER.timestamp_begin, *sorted_times(row)] if row else row for row in rows]
    sampled = torch.tensor(rows, dtype=torch.long).reshape(len(rows), -1)
    logits = torch.randn(len(rows), 51865, generator=torch.Generator().manual_seed(seed)) * 4
    expected = logits.clone()
    suppressed = [
        *TOKENIZER.non_speech_tokens,
        TOKENIZER.transcribe,
        TOKENIZER.translate,
        TOKENIZER.sot,
        TOKENIZER.sot_prev,
        TOKENIZER.sot_lm,
        TOKENIZER.no_speech,
    ]
    SuppressTokens(suppressed).apply(expected, sampled)
    ApplyTimestampRules(TOKENIZER, 0, 50).apply(expected, sampled)
    TokenRules(TOKENIZER, 51865, CPU).apply(logits, sampled)
    # What a masked row may still draw is the same; which masked value it holds does not matter.
    assert torch.equal(logits.isneginf(), expected.isneginf())
    assert torch.equal(logits.argmax(-1), expected.argmax(-1))


def sorted_times(row: list[int]) -> list[int]:
    """Put the timestamps of a row in order, as a real transcript has them."""
    times = iter(sorted(token for token in row if token >= TOKENIZER.timestamp_begin))
    return [next(times) if token >= TOKENIZER.timestamp_begin else token for token in row]


@torch.no_grad()
def test_a_decoded_batch_equals_its_singles(model: Whisper, features: torch.Tensor) -> None:
    decoder = BatchDecoder(model, TOKENIZER)
    together = decoder.decode(features, [11, 22, 33])
    for row, hypothesis in enumerate(together):
        [alone] = decoder.decode(features[row : row + 1], [(11, 22, 33)[row]])
        assert alone.text_tokens == hypothesis.text_tokens
        assert alone.temperature == hypothesis.temperature
        assert alone.mean_log_probability == pytest.approx(
            hypothesis.mean_log_probability, abs=1e-4
        )


@torch.no_grad()
def test_beam_search_equals_the_reference_window_by_window(
    model: Whisper, features: torch.Tensor
) -> None:
    steps, size = 6, 5
    prompt = torch.tensor([list(TOKENIZER.sot_sequence)]).expand(3 * size, -1)
    network = IncrementalDecoder(
        model, features.repeat_interleave(size, 0), max_tokens=prompt.shape[1] + steps
    )
    rules = TokenRules(TOKENIZER, 51865, CPU)
    found = BeamSearch(rules, TOKENIZER.eot, size=size).run(network, prompt, steps)
    for row, (tokens, total) in enumerate(found):
        [beams] = _reference_beams(model, features[row : row + 1], steps, size)
        best_tokens, best_total = beams[0]
        assert tokens == best_tokens
        assert total == pytest.approx(best_total, abs=1e-3)


def _reference_beams(
    model: Whisper, features: torch.Tensor, steps: int, size: int
) -> list[list[tuple[list[int], float]]]:
    """The reference's beams after so many steps, without its bookkeeping of ended ones."""
    options = DecodingOptions(language="en", beam_size=size, sample_len=steps, fp16=False)
    task = DecodingTask(model, options)
    tokens = torch.tensor([task.initial_tokens]).repeat(size, 1)
    tokens, totals, _ = task._main_loop(features, tokens)
    begin = len(task.initial_tokens)
    beams = [
        (row[begin:].tolist(), float(total)) for row, total in zip(tokens, totals, strict=True)
    ]
    return [sorted(beams, key=lambda beam: -beam[1])]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 12), st.integers(1, 40)), min_size=1, max_size=4))
def test_warping_paths_equal_the_reference(shapes: list[tuple[int, int]]) -> None:
    rng = np.random.default_rng(len(shapes))
    costs = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
    for cost, starts in zip(costs, token_starts(costs), strict=True):
        tokens, frames = dtw_cpu(cost.astype(np.float64))
        entered = np.pad(np.diff(tokens), (1, 0), constant_values=1).astype(bool)
        np.testing.assert_array_equal(starts, frames[entered])


@torch.no_grad()
def test_word_times_equal_the_reference_in_a_batch(model: Whisper, features: torch.Tensor) -> None:
    texts = [
        TOKENIZER.encode(" Hi, this is Dana. My number is 240-555-0142."),
        [],
        TOKENIZER.encode(" Call me back at 555 0199, please."),
    ]
    frames = [900, 500, 1400]
    batch = align_batch(model, TOKENIZER, features, texts, frames)
    assert batch[1] == []
    for row in (0, 2):
        # The reference takes encoder features in the place of a spectrogram only by its decoder.
        reference = _reference_alignment(model, texts[row], features[row], frames[row])
        assert "".join(w.text for w in batch[row]).strip() == TOKENIZER.decode(texts[row]).strip()
        merge_punctuations(reference, PREPENDED, APPENDED)
        expected = [(t.word, t.start, t.end, t.probability) for t in reference if t.word]
        for word, (text, start_s, end_s, probability) in zip(batch[row], expected, strict=True):
            assert word.text == text
            assert word.start_s == pytest.approx(start_s)
            assert word.end_s == pytest.approx(end_s)
            assert word.probability == pytest.approx(probability, abs=1e-5)


def _reference_alignment(
    model: Whisper, text: list[int], features: torch.Tensor, frames: int
) -> list[whisper.timing.WordTiming]:
    class Encoded(torch.nn.Module):
        def forward(self, _: torch.Tensor) -> torch.Tensor:
            return features[None]

    encoder, model.encoder = model.encoder, Encoded()
    try:
        return find_alignment(model, TOKENIZER, text, torch.zeros(80, 3000), 2 * frames)
    finally:
        model.encoder = encoder


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


@torch.no_grad()
def test_half_precision_decodes_nearly_the_same(model: Whisper, features: torch.Tensor) -> None:
    halved = half_precision(copy.deepcopy(model))
    tokens = torch.randint(0, 50_000, (3, 5), generator=torch.Generator().manual_seed(4))
    mel = torch.randn(1, 80, 3000, generator=torch.Generator().manual_seed(5))
    whole = IncrementalDecoder(model, features, max_tokens=5).logits(tokens)
    half = IncrementalDecoder(halved, features.half(), max_tokens=5).logits(tokens)
    torch.testing.assert_close(half, whole, atol=0.05, rtol=0.05)
    torch.testing.assert_close(
        halved.encoder(mel.half()).float(), model.encoder(mel), atol=0.05, rtol=0.05
    )


def test_a_loop_compresses_well() -> None:
    assert compression_ratio("call me back at " * 20) > 2.4
    assert compression_ratio("Hi, it is Dana from Harborview about the truck you saw.") < 2.4


@torch.no_grad()
def test_passages_without_speech_give_no_words(model: Whisper) -> None:
    engine = WhisperTranscriber(model, version="random", batch_size=2)
    silence = np.zeros(3 * SAMPLE_RATE_HZ, dtype=np.float32)
    [transcript] = engine.transcribe([Passage("a", silence, (), Interval(0.0, 3.0))])
    assert (transcript.text, transcript.words, transcript.confidence) == ("", (), None)
    assert engine.transcribe([]) == []
