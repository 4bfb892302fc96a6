"""A Whisper so small that openai-whisper's own code can be run beside ours, with random weights."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import torch
from whisper.model import ModelDimensions, Whisper
from whisper.tokenizer import get_tokenizer

from vmaudit.asr.whisper.decoding import Hypothesis
from vmaudit.asr.whisper.network import Decoder, EncodedAudio

TOKENIZER = get_tokenizer(multilingual=True, num_languages=99, language="en", task="transcribe")
CPU = torch.device("cpu")
N_STATE = 64
N_TEXT_CONTEXT = 64
CONTEXTS = (1500, 700, 1000)  # encoder frames of three windows


@cache
def tiny_model() -> Whisper:
    """Not to be changed."""
    dims = ModelDimensions(
        n_mels=80,
        n_audio_ctx=1500,
        n_audio_state=N_STATE,
        n_audio_head=2,
        n_audio_layer=2,
        n_vocab=51865,
        n_text_ctx=N_TEXT_CONTEXT,
        n_text_state=N_STATE,
        n_text_head=2,
        n_text_layer=2,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        model = Whisper(dims).eval().requires_grad_(False)
        model.decoder.positional_embedding.normal_(std=0.5)
        # So that what comes next depends on the audio, and is not the same token once more.
        model.decoder.token_embedding.weight.mul_(0.3)
        for block in model.decoder.blocks:
            block.cross_attn.query.weight.mul_(8.0)
            block.cross_attn.out.weight.mul_(8.0)
    return model


@cache
def tiny_decoder(dtype: torch.dtype = torch.float32) -> Decoder:
    return Decoder(tiny_model().decoder, dtype)


def encoded_windows(contexts: Sequence[int] = CONTEXTS) -> list[torch.Tensor]:
    """What an encoder might give: ``(frames, n_state)`` for each window."""
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(frames, N_STATE, generator=generator) for frames in contexts]


def look_at(windows: Sequence[torch.Tensor]) -> EncodedAudio:
    return tiny_decoder().look_at(windows)


def some_tokens(rows: int, count: int, *, seed: int = 2) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 50_000, (rows, count), generator=generator)


def reference_logits(tokens: torch.Tensor, windows: Sequence[torch.Tensor]) -> torch.Tensor:
    """The reference's logits, each row of ``tokens`` with its window, all positions."""
    decoder = tiny_model().decoder
    return torch.cat(
        [decoder(row[None], window[None]) for row, window in zip(tokens, windows, strict=True)]
    )


def hypothesis(text: str) -> Hypothesis:
    """What a search that is sure of it finds."""
    tokens = tuple(TOKENIZER.encode(text))
    return Hypothesis(
        text_tokens=tokens,
        probabilities=(0.5,) * len(tokens),
        rest_s=None,
        mean_log_probability=-0.2,
        compression_ratio=1.0,
        no_speech_probability=0.0,
        language="en",
        language_probability=1.0,
        temperature=0.0,
        looped=False,
    )
