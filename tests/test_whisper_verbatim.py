"""Filled pauses between the words: where the reference's decoder expects them, and no word lost."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
import torch
from helpers import sample
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_whisper import (
    CONTEXTS,
    TOKENIZER,
    encoded_windows,
    hypothesis,
    look_at,
    reference_logits,
    tiny_decoder,
    tiny_model,
)

from vmaudit.asr import Passage, load_transcriber, weights
from vmaudit.asr.whisper import verbatim
from vmaudit.asr.whisper.core import TorchCore
from vmaudit.asr.whisper.decoding import Hypothesis
from vmaudit.asr.whisper.listening import Listening
from vmaudit.asr.whisper.network import EncodedAudio
from vmaudit.asr.whisper.verbatim import FILLED_PAUSES, PROMPT, FilledPauses
from vmaudit.asr.whisper.workload import Workload
from vmaudit.config import AsrOptions
from vmaudit.records import SAMPLE_RATE_HZ, Interval, Transcript

TEXTS = (
    " Hi, this is Dana from Harborview. Call me!",
    " My number is 206-555-0142.",
    " Thanks.",
)
PAUSES = [token for text in FILLED_PAUSES for token in TOKENIZER.encode(text)]
FIRST_S = 9.3  # a pause in the message with the hesitations
ALWAYS = 1e-30  # a probability that any token has


@pytest.fixture(autouse=True)
def _without_gradients() -> Iterator[None]:
    with torch.inference_mode():
        yield


def restored(*texts: str) -> list[Hypothesis]:
    windows = look_at(encoded_windows(CONTEXTS[: len(texts)]))
    return FilledPauses(tiny_decoder(), TOKENIZER).restored(windows, [hypothesis(t) for t in texts])


def spoken(found: Hypothesis) -> str:
    return str(TOKENIZER.decode(list(found.text_tokens)))


def likelihoods(text: str, window: torch.Tensor) -> tuple[list[float], list[float]]:
    """By the reference: a filled pause's probability before each token, and its share with it."""
    before = [TOKENIZER.sot_prev, *TOKENIZER.encode(PROMPT), *TOKENIZER.sot_sequence]
    before.append(TOKENIZER.no_timestamps)
    tokens = TOKENIZER.encode(text)
    logits = reference_logits(torch.tensor([[*before, *tokens]]), [window])[0]
    likely = logits[len(before) - 1 : -1].softmax(dim=-1)
    pause, word = likely[:, PAUSES].sum(dim=-1), likely.gather(1, torch.tensor(tokens)[:, None])
    return pause.tolist(), (pause / (pause + word[:, 0])).tolist()


def test_a_pause_is_put_where_the_reference_expects_one(monkeypatch: pytest.MonkeyPatch) -> None:
    [window] = encoded_windows(CONTEXTS[:1])
    text, tokens = TEXTS[0], TOKENIZER.encode(TEXTS[0])
    pauses, shares = likelihoods(text, window)
    begins = [place for place, token in enumerate(tokens) if TOKENIZER.decode([token])[0] == " "]
    ordered = sorted(pauses[place] for place in begins)
    monkeypatch.setattr(verbatim, "MIN_PROBABILITY", sum(ordered[3:5]) / 2)
    expected = [place for place in begins if pauses[place] >= verbatim.MIN_PROBABILITY]
    [found] = restored(text)
    inserted = [at for at, token in enumerate(found.text_tokens) if token in PAUSES]
    assert found.restored == set(inserted)
    assert [at - before for before, at in enumerate(inserted)] == expected
    assert [found.probabilities[at] for at in inserted] == pytest.approx(
        [shares[place] for place in expected], rel=1e-3
    )


def test_nothing_is_put_where_nothing_is_likely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verbatim, "MIN_PROBABILITY", 1.0)
    assert restored(*TEXTS) == [hypothesis(text) for text in TEXTS]


def test_a_batch_equals_its_singles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verbatim, "MIN_PROBABILITY", ALWAYS)
    together = restored(*TEXTS)
    pauses = FilledPauses(tiny_decoder(), TOKENIZER)
    for window, text, found in zip(encoded_windows(), TEXTS, together, strict=True):
        [alone] = pauses.restored(look_at([window]), [hypothesis(text)])
        assert alone.text_tokens == found.text_tokens
        assert alone.probabilities == pytest.approx(found.probabilities, rel=1e-3)


@settings(
    deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.sampled_from(["um", "uh", "Umm", "206-555", "don't", "Hi", "é", "—"]), max_size=9)
)
def test_words_stay_and_no_two_pauses_stand_side_by_side(
    monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setattr(verbatim, "MIN_PROBABILITY", ALWAYS)
    [found] = restored("".join(f" {word}" for word in words))
    after = spoken(found).split()
    left = iter(after)
    assert all(word in left for word in words)  # whole, and in this order
    assert side_by_side(after) == side_by_side(words)
    assert len(found.probabilities) == len(found.text_tokens)
    assert all(0 <= probability <= 1 for probability in found.probabilities)


def side_by_side(words: list[str]) -> int:
    pauses = {"um", "uh", "umm"}
    return sum({a.lower(), b.lower()} <= pauses for a, b in itertools.pairwise(words))


def test_silence_and_no_words_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verbatim, "MIN_PROBABILITY", ALWAYS)
    silence = dataclasses.replace(
        hypothesis(" Thank you."), no_speech_probability=1.0, mean_log_probability=-2.0
    )
    found = [silence, hypothesis(""), hypothesis(TEXTS[2])]
    after = FilledPauses(tiny_decoder(), TOKENIZER).restored(look_at(encoded_windows()), found)
    assert after[:2] == found[:2]
    assert len(after[2].text_tokens) > len(found[2].text_tokens)


@pytest.mark.parametrize(
    ("language", "asked", "heard"),
    [("en", True, True), ("en", False, False), ("de", True, False)],
)
def test_only_english_is_heard_verbatim_and_only_if_asked(
    language: str, asked: bool, heard: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for = []

    def noted(
        _: FilledPauses, audio: EncodedAudio, found: Sequence[Hypothesis]
    ) -> list[Hypothesis]:
        asked_for.append(len(audio))
        return list(found)

    monkeypatch.setattr(FilledPauses, "restored", noted)
    monkeypatch.setattr(Hypothesis, "is_unsure", False)
    workload = Workload(torch.float32, batch_size=1, streams=1, threads=torch.get_num_threads())
    listening = Listening(language, verbatim=asked)
    core = TorchCore(tiny_model(), version="tiny@0", workload=workload, listening=listening)
    core.recognise([np.zeros(SAMPLE_RATE_HZ, dtype=np.float32)])
    assert bool(asked_for) is heard


@pytest.mark.model
def test_more_is_written_of_a_hesitant_message_and_its_words_are_the_same() -> None:
    if weights.installed_path("base") is None:
        pytest.skip("base is not installed; run: vmaudit models pull base")
    samples = sample("quillmark-systems/oliver_delgado.wav")[: round(FIRST_S * SAMPLE_RATE_HZ)]
    whole = Interval(0.0, len(samples) / SAMPLE_RATE_HZ)
    plain, full = (
        _words(Passage("hesitant", samples, (whole,), whole), verbatim=option)
        for option in (False, True)
    )
    others = [[word for word in words if word not in ("um", "uh")] for words in (plain, full)]
    assert others[0] == others[1]
    assert len(full) >= len(plain) + 2


def _words(passage: Passage, *, verbatim: bool) -> list[str]:
    options = AsrOptions(model="base", device="cpu", verbatim=verbatim)
    [(_, found)] = load_transcriber(options).transcribe([passage])
    assert isinstance(found, Transcript)
    return [word.text.strip(" ,.!?").lower() for word in found.words]
