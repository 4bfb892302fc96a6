"""Hears a clip as digits alone: the likeliest strings of digits, each with its probability.

Free decoding may write "five five five" as "555" or "55", in tokens of one to three digits, and
makes words of what it does not understand. Here only digit words may come, a token each, so
that every digit is heard by itself and what is left is the choice between digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from whisper.tokenizer import Tokenizer

from vmaudit.asr.whisper.graphed import stepping
from vmaudit.asr.whisper.network import Decoder, EncodedAudio
from vmaudit.asr.whisper.recogniser import HeardDigits
from vmaudit.asr.whisper.rules import FORBIDDEN

DIGIT_WORDS = (
    *(("zero", "oh"), ("one",), ("two",), ("three",), ("four",)),
    *(("five",), ("six",), ("seven",), ("eight",), ("nine",)),
)
END = len(DIGIT_WORDS)  # the symbol after the ten digits
READINGS = 5
MAX_DIGITS = 44  # four numbers in a row
HOPELESS_GAP = 6.0  # nats below the best reading that has ended


class Speller:
    """Searches for the likeliest digits of a window; keeps nothing between calls.

    The words that lead to the digits are given, so the search begins where the digits do; as
    they differ from window to window, each is searched by itself. A beam holds a string of
    digits; one that has ended stays in its place, until nothing that goes on is likelier. How
    a digit is written (capital letter, "oh") does not part beams.
    """

    def __init__(self, decoder: Decoder, tokenizer: Tokenizer) -> None:
        self._decoder, self._tokenizer = decoder, tokenizer
        device = decoder.embedding.device
        spellings = [*digit_tokens(tokenizer), (tokenizer.eot,)]
        widest = max(map(len, spellings))
        self._tokens = torch.tensor(
            [[*tokens, *tokens[:1] * (widest - len(tokens))] for tokens in spellings],
            device=device,
        )
        counts = torch.tensor([len(tokens) for tokens in spellings], device=device)
        self._unused = torch.arange(widest, device=device) >= counts[:, None]

    def spell(self, audio: EncodedAudio, lead: str) -> tuple[HeardDigits, ...]:
        """Return up to ``READINGS`` readings of one window, the likeliest per digit first.

        Per digit, because an early end costs one choice and every digit another. The window
        begins with the words of ``lead``.
        """
        device = self._tokens.device
        prompt = torch.tensor(spelling_prompt(self._tokenizer, lead), device=device)
        max_tokens = len(prompt) + MAX_DIGITS
        network = stepping(self._decoder, audio, max_tokens=max_tokens, beams=READINGS)
        logits = network.logits(prompt.expand(READINGS, -1))[:, -1]
        totals = torch.full((READINGS,), FORBIDDEN, device=device)
        totals[0] = 0.0  # all beams begin alike: only one of them may branch
        said = torch.empty((READINGS, 0), dtype=torch.long, device=device)
        for _ in range(MAX_DIGITS):
            gains, tokens = self._digits(logits, said)
            totals, places = (totals[:, None] + gains).flatten().topk(READINGS)
            rows, symbols = places // gains.shape[1], places % gains.shape[1]
            best = totals.where(symbols == END, FORBIDDEN).amax()
            totals = totals.where(totals > best - HOPELESS_GAP, FORBIDDEN)
            said = torch.cat([said[rows], symbols[:, None]], dim=1)
            if bool(((symbols == END) | totals.isneginf()).all()):
                break
            network.reorder(rows)
            logits = network.logits(tokens[rows, symbols][:, None])[:, -1]
        found = zip(said.tolist(), totals.tolist(), strict=True)
        return ranked({_written(row): total for row, total in found if row[-1] == END})

    def _digits(self, logits: Tensor, said: Tensor) -> tuple[Tensor, Tensor]:
        """Log probabilities of the digits and of the end, and the token that writes each.

        Both have shape ``(rows, 11)``; among these alone the probabilities add up to 1. A row
        needs a digit, and after its end nothing follows.
        """
        spelled = logits[:, self._tokens].masked_fill(self._unused, FORBIDDEN)
        likeliest = spelled.argmax(dim=2)
        symbols = torch.arange(len(self._tokens), device=logits.device)
        gains = spelled.logsumexp(dim=2)
        if said.shape[1] == 0:
            gains[:, END] = FORBIDDEN
        gains = gains.log_softmax(dim=1)
        if said.shape[1]:
            ended = said[:, -1] == END
            gains[ended] = FORBIDDEN
            gains[ended, END] = 0.0
        return gains, self._tokens[symbols, likeliest]


def spelling_prompt(tokenizer: Tokenizer, lead: str) -> list[int]:
    """What the decoder is told before the first digit."""
    before = tokenizer.encode(f" {lead}") if lead else []
    return [*tokenizer.sot_sequence, tokenizer.no_timestamps, *before]


def digit_tokens(tokenizer: Tokenizer) -> list[tuple[int, ...]]:
    """The tokens that write each digit: a word is one, with a small letter or a capital."""
    return [
        tuple(
            token
            for word in words
            for written in (f" {word}", f" {word.capitalize()}")
            for token in tokenizer.encode(written)
        )
        for words in DIGIT_WORDS
    ]


def _written(symbols: Sequence[int]) -> str:
    return "".join(str(symbol) for symbol in symbols if symbol != END)


def ranked(found: Mapping[str, float]) -> tuple[HeardDigits, ...]:
    """Readings from digits and their log probabilities, the likeliest per digit first."""
    readings = [HeardDigits(digits, gain) for digits, gain in found.items() if gain > FORBIDDEN]
    return tuple(sorted(readings, key=lambda r: -r.log_probability / (len(r.digits) + 1)))
