"""Filled pauses that the search left out, asked for between the words that it wrote.

Whisper learnt from edited transcripts and leaves most of them out. Behind a prompt that has some
it writes them, but then the search goes another way, and other words may change with it
(docs/decisions/0010-filled-pauses.md). So the words stand as they were found. They are read once
more behind such a prompt, and where an "um" or "uh" is likely enough, it is put before the word.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor
from whisper.tokenizer import Tokenizer

from vmaudit.asr.whisper.decoding import Hypothesis
from vmaudit.asr.whisper.network import Decoder, EncodedAudio, IncrementalDecoder

LANGUAGE = "en"  # whose filled pauses these are
# Without commas: behind them the model would first want a comma where the words have none.
PROMPT = " so um i was uh thinking that um"
FILLED_PAUSES = (" um", " uh", " Um", " Uh")  # each is one token
# What may be written already; beside it no other is put.
ALSO_PAUSES = (" umm", " Umm", " uhh", " Uhh", " hmm", " Hmm", " mm", " erm", " ah", " Ah")
# That a filled pause comes next. It and the prompt were chosen on one set of synthetic messages
# and measured on others (benchmarks/verbatim.py).
MIN_PROBABILITY = 0.1

Pauses = Mapping[int, tuple[int, float]]  # by the token that they stand before, in order


class FilledPauses:
    """Puts filled pauses between the words of a batch of windows; takes no word away."""

    def __init__(self, decoder: Decoder, tokenizer: Tokenizer) -> None:
        self._decoder, self._tokenizer = decoder, tokenizer
        self._before = [
            tokenizer.sot_prev,
            *tokenizer.encode(PROMPT),
            *tokenizer.sot_sequence,
            tokenizer.no_timestamps,
        ]
        pauses = [token for text in FILLED_PAUSES for token in tokenizer.encode(text)]
        self._pauses = torch.tensor(pauses, device=decoder.embedding.device)
        also = (tokenizer.encode(text) for text in ALSO_PAUSES)
        self._written = {*pauses, *(tokens[0] for tokens in also if len(tokens) == 1)}

    def restored(self, audio: EncodedAudio, found: Sequence[Hypothesis]) -> list[Hypothesis]:
        """Return each window's hypothesis with the filled pauses between its words.

        The probability of one is its share of what it and the word behind it have together.
        """
        rows = [row for row, one in enumerate(found) if one.text_tokens and not one.is_silence]
        restored = list(found)
        if not rows:
            return restored
        if len(rows) < len(found):
            audio = audio.select(torch.tensor(rows, device=self._decoder.embedding.device))
        heard = self._heard(audio, [found[row].text_tokens for row in rows])
        for row, pauses in zip(rows, heard, strict=True):
            restored[row] = _with_pauses(found[row], pauses)
        return restored

    def _heard(self, audio: EncodedAudio, texts: Sequence[Sequence[int]]) -> list[Pauses]:
        device = self._decoder.embedding.device
        written = torch.full((len(texts), max(map(len, texts))), self._tokenizer.eot)
        asked = torch.zeros(written.shape, dtype=torch.bool)
        for row, text in enumerate(texts):
            written[row, : len(text)] = torch.tensor(text)
            asked[row, list(self._places(text))] = True
        written, asked = written.to(device), asked.to(device)
        before = torch.tensor(self._before, device=device).expand(len(texts), -1)
        read = torch.cat([before, written[:, :-1]], dim=1)
        network = IncrementalDecoder(self._decoder, audio, max_tokens=read.shape[1])
        states = network.states(read)[:, -written.shape[1] :]
        asked &= self._may_be_likely(states, written)
        heard: list[dict[int, tuple[int, float]]] = [{} for _ in texts]
        if asked.any():
            likely = self._decoder.to_vocabulary(states[asked]).float().softmax(dim=-1)
            pause, index = likely[:, self._pauses].sum(dim=-1), likely[:, self._pauses].argmax(-1)
            share = pause / (pause + likely.gather(1, written[asked][:, None])[:, 0])
            for (row, place), enough, token, confidence in zip(
                asked.nonzero().tolist(),
                (pause >= MIN_PROBABILITY).tolist(),
                self._pauses[index].tolist(),
                share.tolist(),
                strict=True,
            ):
                if enough:
                    heard[row][place] = (token, confidence)
        return list(heard)

    def _may_be_likely(self, states: Tensor, written: Tensor) -> Tensor:
        """Where a filled pause has ``MIN_PROBABILITY`` times the written token's probability.

        Elsewhere it cannot be likely enough, and the whole vocabulary need not be asked.
        """
        embedding, states = self._decoder.embedding, states.float()
        word = (states * embedding[written].float()).sum(dim=-1)
        pause = (states @ embedding[self._pauses].float().T).logsumexp(dim=-1)
        enough: Tensor = pause - word >= math.log(MIN_PROBABILITY)
        return enough

    def _places(self, text: Sequence[int]) -> Iterator[int]:
        """The tokens that begin a word, where neither it nor the one before is a filled pause."""
        after_pause = False
        for place, token in enumerate(text):
            piece = self._tokenizer.decode([token])
            if piece.startswith(" ") and piece[1:2].isalnum():
                is_pause = token in self._written
                if not (is_pause or after_pause):
                    yield place
                after_pause = is_pause


def _with_pauses(found: Hypothesis, pauses: Pauses) -> Hypothesis:
    tokens, probabilities = list(found.text_tokens), list(found.probabilities)
    for place in sorted(pauses, reverse=True):
        token, probability = pauses[place]
        tokens.insert(place, token)
        probabilities.insert(place, probability)
    return dataclasses.replace(
        found,
        text_tokens=tuple(tokens),
        probabilities=tuple(probabilities),
        restored=frozenset(place + count for count, place in enumerate(sorted(pauses))),
    )
