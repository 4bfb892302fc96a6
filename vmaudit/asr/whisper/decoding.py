"""Greedy and sampled decoding of a batch of windows, and the checks that ask for another try."""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from whisper.tokenizer import Tokenizer

from vmaudit.asr.whisper.beam import BeamSearch
from vmaudit.asr.whisper.graphed import stepping
from vmaudit.asr.whisper.network import Decoder, EncodedAudio, IncrementalDecoder
from vmaudit.asr.whisper.recogniser import HeardClip, HeardSounds, HeardWord
from vmaudit.asr.whisper.rules import FRAME_S, TokenRules
from vmaudit.asr.whisper.sampled import LiveRows, Sampled

# The reference's thresholds (Radford et al. 2022, section 4.5).
TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
MAX_COMPRESSION_RATIO = 2.4
MIN_MEAN_LOG_PROBABILITY = -1.0
MAX_NO_SPEECH_PROBABILITY = 0.6
# Laughter and the hum of a café: hopelessly unsure words, and some doubt that anyone speaks.
# No human recording with words came near both at once (docs/quality.md).
HOPELESS_MEAN_LOG_PROBABILITY = -1.5
DOUBTED_NO_SPEECH_PROBABILITY = 0.3
# Below this mean log probability, which the reference still accepts, a beam search looks again.
UNSURE_MEAN_LOG_PROBABILITY = -0.5
BEAM_SIZE = 5
MIN_PROGRESS_S = 1.0
# Digits read out in a hurry, each with its hyphen, come to a dozen a second.
TOKENS_PER_S = 16
TOKENS_AT_LEAST = 24
# A short loop that ended by itself; a digit may well be said so often.
REPEATED_PHRASE = re.compile(r"\b([^\W\d]+(?:\W+[^\W\d]+){0,3})(?:\W+\1\b){4}", re.IGNORECASE)
# Finished rows leave the batch once the live ones are fewer than this share of it.
COMPACTION_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What was decoded from one window.

    ``text_tokens`` holds the words of its complete segments, ``probabilities`` that of each of
    them in [0, 1]. ``rest_s`` is where, in seconds from the window's start, an unfinished
    segment begins; None when all was decoded. ``mean_log_probability`` is per token, the end
    counted. ``language`` is the model's own guess before any word (the configured language for
    an English-only model). ``restored``: which ``text_tokens`` were put in after the search.
    """

    text_tokens: tuple[int, ...]
    probabilities: tuple[float, ...]
    rest_s: float | None
    mean_log_probability: float
    compression_ratio: float
    no_speech_probability: float
    language: str
    language_probability: float
    temperature: float
    looped: bool
    restored: frozenset[int] = frozenset()

    @property
    def is_silence(self) -> bool:
        """Nobody speaks: the model says so, and is unsure of its words."""
        return (
            self.no_speech_probability > MAX_NO_SPEECH_PROBABILITY
            and self.mean_log_probability < MIN_MEAN_LOG_PROBABILITY
        ) or (
            self.no_speech_probability > DOUBTED_NO_SPEECH_PROBABILITY
            and self.mean_log_probability < HOPELESS_MEAN_LOG_PROBABILITY
        )

    @property
    def is_unsure(self) -> bool:
        """Somebody may speak, and the words may be wrong."""
        return (
            not self.is_silence and self.mean_log_probability < UNSURE_MEAN_LOG_PROBABILITY
        ) or self.is_loop

    @property
    def is_good(self) -> bool:
        """Neither a loop nor a guess."""
        return not self.is_loop and self.mean_log_probability >= MIN_MEAN_LOG_PROBABILITY

    @property
    def is_loop(self) -> bool:
        """The words go in circles: stopped for it, or they compress too well."""
        return self.looped or self.compression_ratio > MAX_COMPRESSION_RATIO

    def as_heard(self, words: Sequence[HeardWord], sounds: HeardSounds) -> HeardClip:
        """The answer for the clip, whose ``words`` were timed.

        Of its ``sounds`` those count that lie before its rest, if anybody spoke.
        """
        rest_s = None if self.is_silence else self.rest_s
        end_s = -math.inf if self.is_silence else math.inf if rest_s is None else rest_s
        return HeardClip(
            tuple(words),
            rest_s,
            self.language,
            self.language_probability,
            HeardSounds(
                tuple(pause for pause in sounds.filled_pauses if pause.start_s < end_s),
                tuple(digit for digit in sounds.digits if digit.start_s < end_s),
            ),
        )


@dataclass(frozen=True, slots=True)
class _FirstGlance:
    """What the start token alone says of a window, before any word."""

    no_speech_probability: float
    language: str
    language_probability: float


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """What the decoder must know of a clip beside its encoding.

    ``seed`` fixes its random draws, so that the result does not depend on its companions.
    """

    duration_s: float
    seed: int

    def at(self, temperature: float) -> ClipFacts:
        """The same clip with the draws of another temperature."""
        return ClipFacts(self.duration_s, zlib.crc32(f"{self.seed} {temperature}".encode()))


class BatchDecoder:
    """Decodes encoded windows; keeps nothing between calls."""

    def __init__(self, decoder: Decoder, tokenizer: Tokenizer) -> None:
        self._decoder = decoder
        self._tokenizer = tokenizer
        self._prompt = list(tokenizer.sot_sequence)
        self._max_new = len(decoder.positions) // 2
        self._rules = TokenRules(tokenizer, len(decoder.embedding), decoder.embedding.device)

    def greedy(self, audio: EncodedAudio, clips: Sequence[ClipFacts]) -> list[Hypothesis]:
        """Take the likeliest token at every step, and no second look."""
        return self._decode_at(TEMPERATURES[0], audio, clips)

    def look_again(
        self, audio: EncodedAudio, clips: Sequence[ClipFacts], first: Sequence[Hypothesis]
    ) -> list[Hypothesis]:
        """Search with a beam; sample what fails even so. Keep the best, ``first`` included."""
        found = self._beam_search(audio, clips, first)
        best = [better(before, now) for before, now in zip(first, found, strict=True)]
        for temperature in TEMPERATURES[1:]:
            failed = [row for row, h in enumerate(best) if not (h.is_good or h.is_silence)]
            if not failed:
                break
            retried = self._decode_at(
                temperature,
                self._select(audio, failed),
                [clips[row].at(temperature) for row in failed],
            )
            for row, hypothesis in zip(failed, retried, strict=True):
                best[row] = better(best[row], hypothesis)
        return best

    def _select(self, audio: EncodedAudio, rows: Sequence[int]) -> EncodedAudio:
        return audio.select(torch.tensor(rows, device=self._decoder.embedding.device))

    def _decode_at(
        self, temperature: float, audio: EncodedAudio, clips: Sequence[ClipFacts]
    ) -> list[Hypothesis]:
        rows, device = len(audio), self._decoder.embedding.device
        network = self._network(audio)
        prompt = torch.tensor([self._prompt], device=device).expand(rows, -1)
        first = network.logits(prompt, positions=(0, -1))
        glances = self._first_glance(first[:, 0])
        logits = first[:, -1]
        batch = LiveRows([self._limit(clip) for clip in clips], device, self._tokenizer.eot)
        generators = [torch.Generator().manual_seed(clip.seed) for clip in clips]
        while True:
            self._rules.apply(logits, batch.sampled)
            batch.append(
                _draw(logits, temperature, [generators[row] for row in batch.rows]), logits
            )
            batch.end_loops(self._tokenizer.timestamp_begin)
            running = batch.running()
            if len(running) == 0:
                break
            if len(running) < COMPACTION_SHARE * len(batch.rows):
                network.keep(running)
                batch.keep(running)
            logits = network.logits(batch.sampled[:, -1:])[:, -1]
        return [
            self._hypothesis(sampled, glance, temperature=temperature)
            for sampled, glance in zip(batch.finish(), glances, strict=True)
        ]

    def _beam_search(
        self, audio: EncodedAudio, clips: Sequence[ClipFacts], firsts: Sequence[Hypothesis]
    ) -> list[Hypothesis]:
        """Search wider: slower, and only for the few that need it."""
        network = self._network(audio, beams=BEAM_SIZE)
        device = self._decoder.embedding.device
        prompt = torch.tensor([self._prompt], device=device).expand(len(audio) * BEAM_SIZE, -1)
        search = BeamSearch(self._rules, self._tokenizer.eot, size=BEAM_SIZE)
        return [
            self._hypothesis(
                sampled,
                _FirstGlance(
                    first.no_speech_probability, first.language, first.language_probability
                ),
                temperature=0.0,
            )
            for sampled, first in zip(
                search.run(network, prompt, [self._limit(clip) for clip in clips]),
                firsts,
                strict=True,
            )
        ]

    def _limit(self, clip: ClipFacts) -> int:
        """More tokens than this nobody can say in so short a time."""
        return min(self._max_new, TOKENS_AT_LEAST + round(TOKENS_PER_S * clip.duration_s))

    def _network(self, audio: EncodedAudio, *, beams: int = 1) -> IncrementalDecoder:
        max_tokens = len(self._prompt) + self._max_new
        return stepping(self._decoder, audio, max_tokens=max_tokens, beams=beams)

    def _first_glance(self, logits: Tensor) -> list[_FirstGlance]:
        no_speech = logits.softmax(dim=-1)[:, self._tokenizer.no_speech].tolist()
        if self._tokenizer.language is None:  # a model that knows only English
            return [_FirstGlance(p, "en", 1.0) for p in no_speech]
        among = logits[:, list(self._tokenizer.all_language_tokens)].softmax(dim=-1)
        probability, index = among.max(dim=-1)
        codes = self._tokenizer.all_language_codes
        return [
            _FirstGlance(p, codes[i], q)
            for p, i, q in zip(no_speech, index.tolist(), probability.tolist(), strict=True)
        ]

    def _hypothesis(
        self, sampled: Sampled, glance: _FirstGlance, *, temperature: float
    ) -> Hypothesis:
        complete, rest_s = split_at_rest(sampled.tokens, self._tokenizer.timestamp_begin)
        text = self._tokenizer.decode(sampled.tokens).strip()
        words = [
            (token, math.exp(gain))
            for token, gain in zip(complete, sampled.log_probabilities, strict=False)
            if token < self._tokenizer.eot
        ]
        return Hypothesis(
            text_tokens=tuple(token for token, _ in words),
            probabilities=tuple(probability for _, probability in words),
            rest_s=rest_s,
            mean_log_probability=sampled.mean_log_probability,
            compression_ratio=compression_ratio(text),
            no_speech_probability=glance.no_speech_probability,
            language=glance.language,
            language_probability=glance.language_probability,
            temperature=temperature,
            looped=sampled.looped or repeats_itself(text),
        )


def split_at_rest(
    tokens: Sequence[int], timestamp_begin: int
) -> tuple[Sequence[int], float | None]:
    """Split off an unfinished last segment; return what is complete and where the rest begins.

    Two timestamps in a row close one segment and open the next. One timestamp at the very
    end says that nothing follows. Anything else after the last pair is unfinished, and is
    better decoded again from there (the reference does the same), unless so little came
    before it that the next window would be as long: then all words are kept as they are.
    """
    is_timestamp = [token >= timestamp_begin for token in tokens]
    if is_timestamp[-2:] == [False, True]:
        return tokens, None
    pairs = [i for i in range(1, len(tokens)) if is_timestamp[i - 1] and is_timestamp[i]]
    rest_s = (tokens[pairs[-1] - 1] - timestamp_begin) * FRAME_S if pairs else 0.0
    if rest_s < MIN_PROGRESS_S:
        return tokens, None
    return tokens[: pairs[-1]], rest_s


def compression_ratio(text: str) -> float:
    """Bytes of the text over bytes of its deflated form: a loop compresses well."""
    data = text.encode()
    return len(data) / len(zlib.compress(data))


def repeats_itself(text: str) -> bool:
    """Whether a phrase of one to four words, none a number, comes five times in a row."""
    return REPEATED_PHRASE.search(text) is not None


def _draw(logits: Tensor, temperature: float, generators: Sequence[torch.Generator]) -> Tensor:
    """Pick a token per row: the best one, or a sample by the Gumbel-max trick."""
    if temperature == 0.0:
        return logits.argmax(dim=-1)
    noise = torch.stack(
        [torch.empty(logits.shape[1]).exponential_(generator=g).log_() for g in generators]
    )
    return (logits / temperature - noise.to(logits.device)).argmax(dim=-1)


def better(first: Hypothesis, second: Hypothesis) -> Hypothesis:
    """Prefer one that passes the checks, then one without a loop, then the likelier one."""

    def merit(h: Hypothesis) -> tuple[bool, bool, float]:
        return (
            h.is_good,
            not h.is_loop,
            h.mean_log_probability,
        )

    return max(first, second, key=merit)
