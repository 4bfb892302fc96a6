"""Decoder, encoder, layers and features against openai-whisper's and torch's own."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import numpy as np
import pytest
import torch
import whisper.audio
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_whisper import (
    CPU,
    N_STATE,
    encoded_windows,
    look_at,
    reference_logits,
    some_tokens,
    tiny_decoder,
    tiny_model,
)
from torch import nn
from torch.nn import functional

from vmaudit.asr.whisper import layers
from vmaudit.asr.whisper.encoder import MEL_FRAMES_PER_FRAME, Encoder
from vmaudit.asr.whisper.graphed import GraphedDecoder
from vmaudit.asr.whisper.mel import AFTER_CONTENT, log_mel
from vmaudit.asr.whisper.network import IncrementalDecoder
from vmaudit.records import SAMPLE_RATE_HZ

CLOSE = 1e-4
NEARLY = 0.06  # bfloat16 keeps eight bits

pytestmark = pytest.mark.usefixtures("_without_gradients")


def assert_close(found: torch.Tensor, expected: torch.Tensor, tolerance: float = CLOSE) -> None:
    torch.testing.assert_close(found, expected, atol=tolerance, rtol=tolerance)


@pytest.fixture
def _without_gradients() -> Iterator[None]:
    with torch.inference_mode():
        yield


@pytest.fixture(params=["packed", "plain"])
def _layout(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights laid out for oneDNN where this machine can, and then as other machines have them."""
    if request.param == "plain":
        monkeypatch.setattr(layers, "_HAS_PACKED_PRODUCTS", False)


# the decoder, a step at a time; the one for GPUs takes its fixed steps on a CPU too


@pytest.fixture(params=[IncrementalDecoder, GraphedDecoder])
def kind(request: pytest.FixtureRequest) -> type[IncrementalDecoder]:
    found: type[IncrementalDecoder] = request.param
    return found


@pytest.mark.parametrize("contexts", [(1500, 1500, 1500), (1500, 700, 1000), (400, 401, 1)])
def test_incremental_logits_equal_the_whole_decoder(
    contexts: tuple[int, ...], kind: type[IncrementalDecoder]
) -> None:
    windows, tokens = encoded_windows(contexts), some_tokens(3, 9)
    network = kind(tiny_decoder(), look_at(windows), max_tokens=9)
    first = network.logits(tokens[:, :4], positions=(0, -1))
    rest = [network.logits(tokens[:, i : i + 1]).clone() for i in range(4, 9)]
    whole = reference_logits(tokens, windows)[:, [0, 3, 4, 5, 6, 7, 8]]
    assert_close(torch.cat([first, *rest], 1), whole)


def test_half_precision_gives_nearly_the_same() -> None:
    windows, tokens = encoded_windows(), some_tokens(3, 5)
    decoder = tiny_decoder(torch.bfloat16)
    audio = decoder.look_at([window.bfloat16() for window in windows])
    network = IncrementalDecoder(decoder, audio, max_tokens=5)
    logits = torch.cat([network.logits(tokens[:, i : i + 1]) for i in range(5)], 1)
    assert logits.dtype == torch.float32
    whole = reference_logits(tokens, windows)
    assert (logits - whole).std() < 0.03 * whole.std()


@pytest.mark.parametrize("stay", [[0, 2], [1], [0, 1, 2], [1, 2]])
def test_rows_that_leave_do_not_disturb_those_that_stay(
    stay: list[int], kind: type[IncrementalDecoder]
) -> None:
    windows, tokens = encoded_windows(), some_tokens(3, 6)
    network = kind(tiny_decoder(), look_at(windows), max_tokens=6)
    network.logits(tokens[:, :4])
    network.keep(torch.tensor(stay))
    after = [network.logits(tokens[stay, i : i + 1]).clone() for i in (4, 5)]
    whole = reference_logits(tokens[stay], [windows[row] for row in stay])
    assert_close(torch.cat(after, 1), whole[:, 4:])


def test_chosen_windows_are_heard_as_if_alone() -> None:
    windows, tokens = encoded_windows(), some_tokens(2, 3)
    chosen = look_at(windows).select(torch.tensor([2, 1]))
    assert len(chosen) == 2
    logits = IncrementalDecoder(tiny_decoder(), chosen, max_tokens=3).logits(tokens)
    whole = reference_logits(tokens, [windows[2], windows[1]])
    assert_close(logits[:, -1], whole[:, -1])


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4, 5], [2, 0, 0, 4, 4, 3], [1, 1, 1, 5, 3, 4]])
def test_beams_share_their_window_and_may_change_places(
    order: list[int], kind: type[IncrementalDecoder]
) -> None:
    beams = 3
    windows, tokens = encoded_windows((1500, 700)), some_tokens(6, 6)
    network = kind(tiny_decoder(), look_at(windows), max_tokens=6, beams=beams)
    prompt = network.logits(tokens[:, :3])
    of_row = [windows[row // beams] for row in range(6)]
    expected = reference_logits(tokens[:, :3], of_row)[:, -1:]
    assert_close(prompt, expected)
    network.logits(tokens[:, 3:4])
    network.reorder(torch.tensor(order))
    fifth = network.logits(tokens[:, 4:5]).clone()
    history = torch.cat([tokens[order, :4], tokens[:, 4:]], 1)
    whole = reference_logits(history, of_row)
    assert_close(fifth, whole[:, 4:5])
    network.keep(torch.tensor([1]))  # the first window's beams all leave
    sixth = network.logits(tokens[beams:, 5:])
    assert_close(sixth, whole[beams:, 5:])


# the encoder


def reference_encoding(mel: torch.Tensor) -> torch.Tensor:
    """The reference's encoder, given no more positions than there is audio."""
    encoder = copy.deepcopy(tiny_model().encoder)
    encoder.positional_embedding = encoder.positional_embedding[: mel.shape[-1] // 2]
    encoding: torch.Tensor = encoder(mel)
    return encoding


@pytest.mark.usefixtures("_layout")
@pytest.mark.parametrize("frames", [1500, 350, 50])
def test_encoder_equals_the_reference_in_any_context(frames: int) -> None:
    mel = torch.randn(
        2, 80, MEL_FRAMES_PER_FRAME * frames, generator=torch.Generator().manual_seed(5)
    )
    expected = reference_encoding(mel) if frames < 1500 else tiny_model().encoder(mel)
    encoded = Encoder(tiny_model().encoder, torch.float32)(mel)
    assert encoded.shape == (2, frames, N_STATE)
    assert_close(encoded, expected)
    half = Encoder(tiny_model().encoder, torch.bfloat16)(mel)
    assert half.dtype == torch.bfloat16
    assert_close(half.float(), expected, NEARLY)


# layers


def random_linear(width_in: int, width_out: int, *, bias: bool = True) -> nn.Linear:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(width_in)
        return nn.Linear(width_in, width_out, bias=bias)


@pytest.mark.usefixtures("_layout")
@pytest.mark.parametrize("rows", [(1,), (8, 1), (3, 70)])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("gelu", [True, False])
def test_linear_layer_is_one(rows: tuple[int, ...], bias: bool, gelu: bool) -> None:
    module = random_linear(48, 33, bias=bias)
    x = torch.randn(*rows, 48, generator=torch.Generator().manual_seed(9))
    expected = functional.gelu(module(x)) if gelu else module(x)
    for dtype, tolerance in ((torch.float32, CLOSE), (torch.bfloat16, NEARLY)):
        got = layers.linear(module, dtype, rows_hint=layers.FEW_ROWS, gelu=gelu)(x.to(dtype))
        assert got.dtype == dtype
        assert_close(got.float(), expected, tolerance)


@pytest.mark.usefixtures("_layout")
def test_stacked_layers_stand_side_by_side_with_or_without_a_bias() -> None:
    modules = [random_linear(32, 16), random_linear(32, 24, bias=False), random_linear(32, 8)]
    x = torch.randn(5, 32, generator=torch.Generator().manual_seed(9))
    stacked = layers.stacked(modules, torch.float32, rows_hint=layers.FEW_ROWS)
    assert_close(stacked(x), torch.cat([module(x) for module in modules], -1))


def test_layer_norm_of_half_precision_counts_in_full() -> None:
    module = nn.LayerNorm(64)
    x = 1000 + torch.randn(4, 64, generator=torch.Generator().manual_seed(9)).bfloat16() * 100
    expected = module(x.float())  # a mean this large drowns the rest where it is summed in bfloat16
    got = layers.LayerNorm(module, torch.bfloat16)(x)
    assert_close(got.float(), expected, 0.02)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 90), st.sampled_from([4, 16]))
def test_attention_in_half_precision_is_attention(
    rows: int, heads: int, frames: int, width: int
) -> None:
    generator = torch.Generator().manual_seed(frames)
    states = [
        torch.randn(rows, frames, heads * width, generator=generator).bfloat16() for _ in range(3)
    ]
    parts = [layers.split_heads(state, heads) for state in states]
    query, key, value = (part.float() for part in parts)
    expected = functional.scaled_dot_product_attention(query, key, value)
    got = layers.attend(*parts)
    assert got.shape == (rows, heads, frames, width)
    assert_close(got.float(), expected, 0.03)


# features


def clips() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    click = np.zeros(20_007, dtype=np.float32)
    click[12_345] = 0.9
    noise = ((16_000, 0.1), (48_000, 0.001), (470_000, 0.5), (317, 0.2))
    return [
        np.zeros(8000, dtype=np.float32),
        click,
        *((rng.normal(size=n) * level).astype(np.float32) for n, level in noise),
    ]


@pytest.mark.parametrize("clip", clips(), ids=len)
@pytest.mark.parametrize("n_mels", [80, 128])
def test_features_equal_the_reference(clip: np.ndarray, n_mels: int) -> None:
    # As the reference's transcribe does: features of the audio alone, then padding.
    padded = whisper.audio.log_mel_spectrogram(clip, n_mels, padding=whisper.audio.N_SAMPLES)
    content = padded[:, : len(clip) // whisper.audio.HOP_LENGTH]
    reference = whisper.audio.pad_or_trim(content, whisper.audio.N_FRAMES)
    features = log_mel(clip, n_mels, CPU, frames=whisper.audio.N_FRAMES)
    assert_close(features, reference)


@pytest.mark.parametrize("clip", clips(), ids=len)
def test_features_do_not_depend_on_what_is_behind_them(clip: np.ndarray) -> None:
    own = len(clip) // whisper.audio.HOP_LENGTH
    longest = log_mel(clip, 80, CPU, frames=3000)
    for frames in (own, own + 1, min(own + 100, 3000)):
        features = log_mel(clip, 80, CPU, frames=frames)
        assert features.shape == (80, frames)
        assert torch.equal(features, longest[:, :frames])
    assert torch.all(longest[:, own:] == AFTER_CONTENT)


def test_a_tone_lies_in_the_band_of_its_pitch() -> None:
    times_s = np.arange(SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    means = [
        log_mel(np.sin(2 * np.pi * tone_hz * times_s).astype(np.float32), 80, CPU, frames=100).mean(
            1
        )
        for tone_hz in (200, 1000, 4000)
    ]
    bands = [int(mean.argmax()) for mean in means]
    assert bands == sorted(set(bands))
    filters = whisper.audio.mel_filters(CPU, 80)
    for band, tone_hz in zip(bands, (200, 1000, 4000), strict=True):
        bin_hz = SAMPLE_RATE_HZ / whisper.audio.N_FFT
        assert filters[band, round(tone_hz / bin_hz)] > 0
