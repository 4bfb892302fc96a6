"""Greedy and sampled decoding of a batch of windows, and the checks that ask for another try."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from whisper.model import Whisper
from whisper.tokenizer import Tokenizer

from vmaudit.asr.whisper.beam import BeamSearch
from vmaudit.asr.whisper.network import IncrementalDecoder
from vmaudit.asr.whisper.rules import FRAME_S, TokenRules

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
BEAM_WINDOWS = 2  # searched together: each takes the memory of five
MIN_PROGRESS_S = 1.0
# Finished rows leave the batch once the live ones are fewer than this share of it.
COMPACTION_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What was decoded from one window.

    ``text_tokens`` holds the words of its complete segments. ``rest_s`` is where, in seconds
    from the window's start, an unfinished segment begins; None when all was decoded.
    ``mean_log_probability`` is per token, the end counted; ``language`` is the model's own
    guess before any word (the configured language for an English-only model).
    """

    text_tokens: tuple[int, ...]
    rest_s: float | None
    mean_log_probability: float
    compression_ratio: float
    no_speech_probability: float
    language: str
    language_probability: float
    temperature: float

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
        ) or self.compression_ratio > MAX_COMPRESSION_RATIO

    @property
    def is_good(self) -> bool:
        """Neither a loop nor a guess."""
        return (
            self.compression_ratio <= MAX_COMPRESSION_RATIO
            and self.mean_log_probability >= MIN_MEAN_LOG_PROBABILITY
        )


class _LiveRows:
    """The sampled tokens of a batch, from which finished rows leave."""

    def __init__(self, rows: int, device: torch.device, eot: int) -> None:
        self.rows = list(range(rows))  # the row of the whole batch behind each live row
        self.sampled = torch.empty((rows, 0), dtype=torch.long, device=device)
        self._total = torch.zeros(rows, device=device)  # log probability of all tokens
        self._eot = eot
        self._done: dict[int, tuple[list[int], float]] = {}

    def append(self, drawn: Tensor, logits: Tensor) -> None:
        """Add one token per row; a row that has ended repeats its end at no cost."""
        gain = logits.log_softmax(dim=-1).gather(1, drawn[:, None])[:, 0]
        if self.sampled.shape[1]:
            ended = self.sampled[:, -1] == self._eot
            gain = gain.masked_fill(ended, 0.0)
            drawn = drawn.masked_fill(ended, self._eot)
        self._total = self._total + gain
        self.sampled = torch.cat([self.sampled, drawn[:, None]], dim=1)

    def running(self) -> Tensor:
        """Indices of the live rows that have not ended."""
        return (self.sampled[:, -1] != self._eot).nonzero()[:, 0]

    def keep(self, running: Tensor) -> None:
        """Let all other rows leave."""
        self._note()
        self.rows = [self.rows[i] for i in running.tolist()]
        self.sampled, self._total = self.sampled[running], self._total[running]

    def finish(self) -> list[tuple[list[int], float]]:
        """Tokens before the end, and total log probability, of every row in order."""
        self._note()
        return [self._done[row] for row in sorted(self._done)]

    def _note(self) -> None:
        """Note every live row; one that goes on is noted again later."""
        for row, tokens, total in zip(
            self.rows, self.sampled.tolist(), self._total.tolist(), strict=True
        ):
            ended = tokens.index(self._eot) if self._eot in tokens else len(tokens)
            self._done[row] = (tokens[:ended], total)


@dataclass(frozen=True, slots=True)
class _FirstGlance:
    """What the start token alone says of a window, before any word."""

    no_speech_probability: float
    language: str
    language_probability: float


class BatchDecoder:
    """Decodes encoded windows; keeps nothing between calls."""

    def __init__(self, model: Whisper, tokenizer: Tokenizer) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._prompt = list(tokenizer.sot_sequence)
        self._max_new = model.dims.n_text_ctx // 2
        self._rules = TokenRules(tokenizer, model.dims.n_vocab, model.device)

    def decode(self, audio_features: Tensor, seeds: Sequence[int]) -> list[Hypothesis]:
        """Decode greedily; look at unsure windows with a beam; sample failed ones again.

        ``audio_features`` has shape ``(rows, n_audio_ctx, n_state)``. ``seeds`` fixes each
        row's random draws, so that the result does not depend on its companions.
        """
        best: list[Hypothesis] = self._decode_at(TEMPERATURES[0], audio_features, seeds)
        unsure = [row for row, hypothesis in enumerate(best) if hypothesis.is_unsure]
        for start in range(0, len(unsure), BEAM_WINDOWS):
            some = unsure[start : start + BEAM_WINDOWS]
            found = self._beam_search(audio_features[some], [best[row] for row in some])
            for row, hypothesis in zip(some, found, strict=True):
                best[row] = _better(best[row], hypothesis)
        for temperature in TEMPERATURES[1:]:
            failed = [row for row, h in enumerate(best) if not (h.is_good or h.is_silence)]
            if not failed:
                break
            retried = self._decode_at(
                temperature,
                audio_features[failed],
                [zlib.crc32(f"{seeds[row]} {temperature}".encode()) for row in failed],
            )
            for row, hypothesis in zip(failed, retried, strict=True):
                best[row] = _better(best[row], hypothesis)
        return best

    def _decode_at(
        self, temperature: float, audio_features: Tensor, seeds: Sequence[int]
    ) -> list[Hypothesis]:
        rows, device = audio_features.shape[0], audio_features.device
        network = IncrementalDecoder(
            self._model, audio_features, max_tokens=len(self._prompt) + self._max_new
        )
        prompt = torch.tensor([self._prompt], device=device).expand(rows, -1)
        first = network.logits(prompt, positions=(0, -1))
        glances = self._first_glance(first[:, 0])
        logits = first[:, -1]
        batch = _LiveRows(rows, device, self._tokenizer.eot)
        generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        for _ in range(self._max_new):
            self._rules.apply(logits, batch.sampled)
            batch.append(
                _draw(logits, temperature, [generators[row] for row in batch.rows]), logits
            )
            running = batch.running()
            if len(running) == 0:
                break
            if len(running) < COMPACTION_SHARE * len(batch.rows):
                network.keep(running)
                batch.keep(running)
            logits = network.logits(batch.sampled[:, -1:])[:, -1]
        return [
            self._hypothesis(tokens, total, glance, temperature=temperature)
            for (tokens, total), glance in zip(batch.finish(), glances, strict=True)
        ]

    def _beam_search(
        self, audio_features: Tensor, firsts: Sequence[Hypothesis]
    ) -> list[Hypothesis]:
        """Search wider: slower, and only for the few that need it."""
        features = audio_features.repeat_interleave(BEAM_SIZE, dim=0)
        network = IncrementalDecoder(
            self._model, features, max_tokens=len(self._prompt) + self._max_new
        )
        prompt = torch.tensor([self._prompt], device=features.device).expand(len(features), -1)
        search = BeamSearch(self._rules, self._tokenizer.eot, size=BEAM_SIZE)
        return [
            self._hypothesis(
                tokens,
                total,
                _FirstGlance(
                    first.no_speech_probability, first.language, first.language_probability
                ),
                temperature=0.0,
            )
            for (tokens, total), first in zip(
                search.run(network, prompt, self._max_new), firsts, strict=True
            )
        ]

    def _first_glance(self, logits: Tensor) -> list[_FirstGlance]:
        no_speech = logits.softmax(dim=-1)[:, self._tokenizer.no_speech].tolist()
        if not self._model.is_multilingual:
            return [_FirstGlance(p, self._tokenizer.language or "en", 1.0) for p in no_speech]
        among = logits[:, list(self._tokenizer.all_language_tokens)].softmax(dim=-1)
        probability, index = among.max(dim=-1)
        codes = self._tokenizer.all_language_codes
        return [
            _FirstGlance(p, codes[i], q)
            for p, i, q in zip(no_speech, index.tolist(), probability.tolist(), strict=True)
        ]

    def _hypothesis(
        self,
        tokens: list[int],
        log_probability: float,
        glance: _FirstGlance,
        *,
        temperature: float,
    ) -> Hypothesis:
        complete, rest_s = split_at_rest(tokens, self._tokenizer.timestamp_begin)
        text = self._tokenizer.decode(tokens).strip()
        return Hypothesis(
            text_tokens=tuple(token for token in complete if token < self._tokenizer.eot),
            rest_s=rest_s,
            mean_log_probability=log_probability / (len(tokens) + 1),
            compression_ratio=compression_ratio(text),
            no_speech_probability=glance.no_speech_probability,
            language=glance.language,
            language_probability=glance.language_probability,
            temperature=temperature,
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


def _draw(logits: Tensor, temperature: float, generators: Sequence[torch.Generator]) -> Tensor:
    """Pick a token per row: the best one, or a sample by the Gumbel-max trick."""
    if temperature == 0.0:
        return logits.argmax(dim=-1)
    noise = torch.stack(
        [torch.empty(logits.shape[1]).exponential_(generator=g).log_() for g in generators]
    )
    return (logits / temperature - noise.to(logits.device)).argmax(dim=-1)


def _better(first: Hypothesis, second: Hypothesis) -> Hypothesis:
    """Prefer one that passes the checks, then one without a loop, then the likelier one."""

    def merit(h: Hypothesis) -> tuple[bool, bool, float]:
        return (
            h.is_good,
            h.compression_ratio <= MAX_COMPRESSION_RATIO,
            h.mean_log_probability,
        )

    return max(first, second, key=merit)
