"""Passages in, transcripts out: windows of many recordings share the recogniser's batches.

passages ──> windows that wait ──> batches of like length ──> recogniser (streams side by side)
                 ^                                                │
                 └── a passage's next window, cut where the last one ended,
                     and at last those of its speech that got no words
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from vmaudit.asr.protocol import Passage
from vmaudit.asr.whisper.echoes import without_echo
from vmaudit.asr.whisper.recogniser import HeardClip, HeardWord, Recogniser
from vmaudit.asr.whisper.windows import CONTEXT_S, next_window, speech_after, window_around
from vmaudit.asr.whisper.word_times import fit_to_speech
from vmaudit.asr.whisper.wordless import Wordless, only_filled_pauses, wordless
from vmaudit.records import (
    SAMPLE_RATE_HZ,
    DigitReading,
    DigitSound,
    DigitStretch,
    FilledPause,
    Interval,
    Transcript,
    Word,
)
from vmaudit.timing import stage

# Windows that wait, in batches: among more of them, more are of like length.
WAITING_BATCHES = 4
SURE_OF_LANGUAGE = 0.5
# A laugh or a cough becomes "Thank you." in Whisper; so short a sound must be heard clearly.
SHORT_SPEECH_S = 1.0
SURE_OF_SHORT_SPEECH = 0.6


@dataclass(slots=True, eq=False)
class _Part:
    """Some speech of a passage, and what was heard of it so far."""

    speech: Sequence[Interval]  # still to be heard
    bounds: Interval
    heard: list[tuple[Interval, HeardClip]] = field(default_factory=list)

    def note(self, span: Interval, heard: HeardClip) -> None:
        """Keep what a window gave; the rest begins where it was heard to the end."""
        speech = [Interval(s.start_s - span.start_s, s.end_s - span.start_s) for s in self.speech]
        self.heard.append((span, replace(heard, words=without_echo(heard.words, speech))))
        resume_s = span.end_s if heard.rest_s is None else span.start_s + heard.rest_s
        resume_s = min(resume_s, span.end_s)
        self.speech = speech_after(self.speech, resume_s)
        self.bounds = Interval(resume_s, self.bounds.end_s)

    @property
    def words(self) -> list[HeardWord]:
        """All words in order, in seconds of the recording."""
        return [
            replace(
                word,
                text=word.text if index else f" {word.text.lstrip()}",
                start_s=span.start_s + word.start_s,
                end_s=span.start_s + word.end_s,
            )
            for span, clip in self.heard
            for index, word in enumerate(clip.words)
        ]


class _Work:
    """One passage on its way: its speech as a whole, and then what of it got no words."""

    def __init__(self, passage: Passage, *, asks_wordless: bool) -> None:
        self.passage = passage
        self.whole = _Part(passage.speech, passage.bounds)
        self._asks_wordless = asks_wordless
        self._wordless: list[tuple[Wordless, _Part]] = []

    @property
    def part(self) -> _Part | None:
        """Where the next window is; None when all was heard."""
        parts = (self.whole, *(part for _, part in self._wordless))
        return next((part for part in parts if part.speech), None)

    def note(self, span: Interval, heard: HeardClip) -> None:
        """Keep what the window gave that was cut last."""
        part = self.part
        assert part is not None, "a window was cut from it"
        part.note(span, heard)
        if self._asks_wordless and part is self.whole and not part.speech and part.words:
            found = wordless(self.fitted(part.words), self.passage.speech, self.passage.bounds)
            self._wordless = [(one, _Part(one.speech, one.bounds)) for one in found]

    @property
    def words(self) -> list[HeardWord]:
        """All words in order, in seconds of the recording."""
        words = self.whole.words
        for one, part in reversed(self._wordless):
            if only_filled_pauses(part.words):
                words[one.before : one.before] = part.words
        return words

    @property
    def filled_pauses(self) -> tuple[FilledPause, ...]:
        """Those in the sound, but for what is nothing by itself."""
        found = (
            FilledPause(span.start_s + p.start_s, span.start_s + p.end_s, p.probability)
            for span, clip in self.whole.heard
            for p in clip.sounds.filled_pauses
        )
        silent = [s for one, part in self._wordless if not part.words for s in one.speech]
        return tuple(
            pause
            for pause in found
            if not any(s.start_s < pause.end_s and pause.start_s < s.end_s for s in silent)
        )

    def fitted(self, words: Sequence[HeardWord]) -> list[Word]:
        """These words in their times."""
        timed = [Word(w.text.strip(), w.start_s, w.end_s, w.probability) for w in words]
        duration_s = len(self.passage.samples) / SAMPLE_RATE_HZ
        return fit_to_speech(timed, self.passage.speech, duration_s)


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    work: _Work
    span: Interval

    @property
    def clip(self) -> NDArray[np.float32]:
        return _clip(self.work.passage, self.span)


def _clip(passage: Passage, span: Interval) -> NDArray[np.float32]:
    start, end = (round(time_s * SAMPLE_RATE_HZ) for time_s in (span.start_s, span.end_s))
    return passage.samples[start:end]


class _Desk:
    """The windows that wait, and the choice of who travels together."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._batch, self._streams = recogniser.batch_size, recogniser.streams
        self._room_s = (WAITING_BATCHES + self._streams) * self._batch * CONTEXT_S
        self._open_s = 0.0  # audio of all passages that are not done: it bounds the memory
        self.waiting: list[_Window] = []
        self.more = True  # passages may come

    @property
    def has_room(self) -> bool:
        """Whether another passage may be taken."""
        enough = len(self.waiting) >= WAITING_BATCHES * self._batch
        return self.more and self._open_s < self._room_s and not enough

    def take(self, work: _Work) -> bool:
        """Cut the passage's next window; false when all of it was heard."""
        part = work.part
        if part is None:
            return False
        self._open_s += len(work.passage.samples) / SAMPLE_RATE_HZ
        span = next_window(part.speech, work.passage.samples, part.bounds)
        self.waiting.append(_Window(work, span))
        return True

    def give_back(self, work: _Work) -> None:
        """A window of this passage was heard."""
        self._open_s -= len(work.passage.samples) / SAMPLE_RATE_HZ

    def groups(self, idle: int) -> Iterator[list[_Window]]:
        """Take windows for each of ``idle`` streams; none while more may fill the batch.

        The last windows are shared out between all streams, those too that will be idle soon.
        """
        share = -(-len(self.waiting) // self._streams)
        size = self._batch if self.more else min(self._batch, share)
        for _ in range(idle):
            if len(self.waiting) < (self._batch if self.has_room else 1):
                return
            yield self._group(size)

    def _group(self, size: int) -> list[_Window]:
        """Windows of like length finish together, so fewer rows wait for the slowest.

        At the end the longest go first, so that the last to finish is a short one.
        """
        ordered = sorted(self.waiting, key=lambda window: window.span.duration_s)
        at = ordered.index(self.waiting[0]) if self.more else len(ordered)
        first = max(0, min(at - size // 2, len(ordered) - size))
        taken = ordered[first : first + size]
        self.waiting = [window for window in self.waiting if window not in taken]
        return taken


class WhisperTranscriber:
    """A Whisper network behind the ``Transcriber`` protocol."""

    def __init__(
        self, recogniser: Recogniser, *, language: str = "en", asks_wordless: bool = False
    ) -> None:
        """``language`` is what a transcript is said to be in when the network is in doubt.

        ``asks_wordless``: speech that got no words is heard once more, for filled pauses.
        """
        self.recogniser = recogniser
        self._language, self._asks_wordless = language, asks_wordless

    @property
    def version(self) -> str:
        """Model name and digest."""
        return self.recogniser.version

    def transcribe(
        self, passages: Iterable[Passage]
    ) -> Iterator[tuple[Passage, Transcript | Exception]]:
        """Transcribe passages as they come; see ``Transcriber``."""
        source = iter(passages)
        desk = _Desk(self.recogniser)
        running: dict[Future[list[HeardClip | Exception]], Sequence[_Window]] = {}
        streams = self.recogniser.streams
        with ThreadPoolExecutor(streams, thread_name_prefix="vmaudit-speech") as threads:
            while desk.more or desk.waiting or running:
                for group in desk.groups(streams - len(running)):
                    alone = not (desk.more or desk.waiting or running)
                    running[threads.submit(self._recognise, group, alone)] = group
                if desk.has_room:
                    passage = next(source, None)
                    if passage is None:
                        desk.more = False
                        continue
                    work = _Work(passage, asks_wordless=self._asks_wordless)
                    if not desk.take(work):
                        yield passage, self._join(work)
                    done = {future for future in running if future.done()}
                else:
                    done = wait(running, return_when=FIRST_COMPLETED).done
                for future in done:
                    for window, heard in zip(running.pop(future), future.result(), strict=True):
                        work = window.work
                        desk.give_back(work)
                        if isinstance(heard, Exception):
                            yield work.passage, heard
                            continue
                        work.note(window.span, heard)
                        if not desk.take(work):
                            yield work.passage, self._join(work)

    def spell(self, passage: Passage, stretch: DigitStretch) -> tuple[DigitReading, ...]:
        """Hear a stretch again as digits alone; see ``Transcriber``."""
        clip = _clip(passage, window_around(stretch, passage.bounds))
        with stage("transcribe"), stage("spell"):
            heard = self.recogniser.spell(clip, stretch.lead)
        return tuple(
            DigitReading(stretch.start_s, stretch.end_s, one.digits, one.log_probability)
            for one in heard
        )

    def _recognise(self, windows: Sequence[_Window], alone: bool) -> list[HeardClip | Exception]:
        """Hear a batch; if it fails, its members one by one, to find the one that does."""
        try:
            with stage("transcribe"):
                return [*self.recogniser.recognise([w.clip for w in windows], alone=alone)]
        except Exception as error:  # one recording never ends a run
            if len(windows) == 1:
                return [error.with_traceback(None)]
            return [heard for w in windows for heard in self._recognise([w], alone)]

    def _join(self, work: _Work) -> Transcript:
        heard, written = work.whole.heard, work.words
        words = work.fitted(written)
        confidence = float(np.mean([word.confidence for word in words])) if words else None
        if confidence is not None and _is_invented(work.passage, confidence):
            heard, written, words, confidence = [], [], [], None
        return Transcript(
            text="".join(word.text for word in written).strip(),
            language=self._spoken_language(heard),
            model=self.version,
            confidence=confidence,
            words=tuple(words),
            filled_pauses=work.filled_pauses if heard else (),
            digit_sounds=tuple(
                DigitSound(
                    d.digit,
                    span.start_s + d.start_s,
                    span.start_s + d.end_s,
                    d.probability,
                    d.rival,
                    d.rival_probability,
                )
                for span, clip in heard
                for d in clip.sounds.digits
            ),
        )

    def _spoken_language(self, heard: Sequence[tuple[Interval, HeardClip]]) -> str:
        """The language most of the audio is in, or the configured one in doubt."""
        votes: dict[str, float] = {}
        total_s = sum(span.duration_s for span, _ in heard)
        for span, clip in heard:
            vote_s = clip.language_probability * span.duration_s
            votes[clip.language] = votes.get(clip.language, 0.0) + vote_s
        best = max(votes, key=votes.__getitem__, default=self._language)
        return best if votes.get(best, 0.0) > SURE_OF_LANGUAGE * total_s else self._language


def _is_invented(passage: Passage, confidence: float) -> bool:
    speech_s = sum(part.duration_s for part in passage.speech)
    return speech_s < SHORT_SPEECH_S and confidence < SURE_OF_SHORT_SPEECH
