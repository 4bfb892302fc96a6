"""One pass over recordings: decoded, located, transcribed and measured, all side by side.

    decode processes ──> voice activity, isolation ──> transcriber ──> delivery
    (one thread each waits and goes on)                (its streams)   (threads)

Each stage takes no more than it needs to keep the next one busy, so memory does not grow
with the number of recordings.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Literal, ParamSpec, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from vmaudit.asr import Passage, Transcriber
from vmaudit.audio import DecodePool
from vmaudit.config import Config
from vmaudit.content import find_statements, numbering_plan
from vmaudit.content.hearings import heard_twice
from vmaudit.content.plan import NumberingPlan
from vmaudit.content.stretches import digit_stretches, stretches_in_doubt
from vmaudit.delivery import measure
from vmaudit.delivery.fillers import those_sure
from vmaudit.errors import RecordingError
from vmaudit.isolation import Scene, isolate, survey, worth_hearing
from vmaudit.isolation.fingerprint import Fingerprint, fingerprint
from vmaudit.isolation.scene import clipped
from vmaudit.machine import available_cores
from vmaudit.pipeline.results import Heard, delivery_from_json, heard_from_json
from vmaudit.records import (
    SAMPLE_RATE_HZ,
    Delivery,
    DigitReading,
    Interval,
    Isolation,
    Recording,
    Stage,
    Transcript,
    Waveform,
    Word,
    joined,
    those_within,
    to_json,
)
from vmaudit.speech import VoiceActivity
from vmaudit.timing import stage

MAX_JOBS = 4

T = TypeVar("T")
P = ParamSpec("P")


def decode_jobs(config: Config) -> int:
    """How many processes decode: as asked for, or one per core up to ``MAX_JOBS``."""
    return config.run.jobs or min(MAX_JOBS, available_cores())


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """All that the audio of a recording says.

    ``fingerprint`` is None where the audio was not read, as all else was known.
    """

    recording: Recording
    heard: Heard
    delivery: Delivery
    fingerprint: Fingerprint | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Unheard:
    """A recording that failed in a stage."""

    recording: Recording
    stage: Stage
    error: Exception


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """A decoded recording whose sounds are known, waiting for its words."""

    recording: Recording
    waveform: Waveform
    scene: Scene


class Hearing:
    """A context manager around the worker processes and threads of one pass."""

    def __init__(
        self, config: Config, voice_activity: VoiceActivity, transcriber: Transcriber
    ) -> None:
        jobs = decode_jobs(config)
        self._voice_activity, self._transcriber = voice_activity, transcriber
        self._region = config.content.region
        self._plan = numbering_plan(self._region)
        self._rep_is_told = config.audio.channel != "auto"
        self._max_pending = 2 * jobs
        self._decoders = DecodePool(config.audio, jobs=jobs)
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="vmaudit-measure")
        self._measuring: deque[Future[Measured | Unheard]] = deque()
        self._ready: deque[Measured | Unheard] = deque()

    def __enter__(self) -> Self:
        self._decoders.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._decoders.__exit__(kind, error, traceback)
        self._threads.shutdown(cancel_futures=True)

    def of(
        self, recordings: Sequence[Recording], to_measure: Mapping[str, Heard]
    ) -> Iterator[Measured | Unheard]:
        """Yield each recording as soon as it is done; ``to_measure`` has its words already."""
        known = [recording for recording in recordings if recording.id in to_measure]
        for recording, waveform in self._decoded(known, lambda _, waveform: waveform):
            heard = to_measure[recording.id]
            turned = waveform.info.channel != heard.audio.channel
            chosen = _turned(waveform) if turned else waveform
            self._soon(_measure, recording, chosen, heard, self._plan)
            yield from self._done()
        located: dict[str, Located] = {}
        passages = self._passages([r for r in recordings if r.id not in to_measure], located)
        for passage, transcript in self._transcriber.transcribe(passages):
            item = located.pop(passage.id)
            if isinstance(transcript, Exception):
                self._ready.append(Unheard(item.recording, "transcribe", transcript))
            else:
                self._soon(self._settle, item, transcript)
            yield from self._done()
        self._collect(0)
        yield from self._done()

    def _passages(
        self, recordings: Sequence[Recording], located: dict[str, Located]
    ) -> Iterator[Passage]:
        def prepare(recording: Recording, waveform: Waveform) -> Located | Unheard:
            return locate(recording, waveform, self._voice_activity, rep_is_told=self._rep_is_told)

        for recording, found in self._decoded(recordings, prepare):
            if isinstance(found, Located):
                located[recording.id] = found
                yield passage_of(found)
            else:
                self._ready.append(found)

    def _decoded(
        self, recordings: Sequence[Recording], then: Callable[[Recording, Waveform], T]
    ) -> Iterator[tuple[Recording, T]]:
        """What can be decoded; the rest is ready as failures."""
        for recording, found in self._decoders.imap(
            recordings, max_pending=self._max_pending, then=then
        ):
            if isinstance(found, RecordingError):
                self._ready.append(Unheard(recording, "decode", found))
            else:
                yield recording, found

    def _soon(self, work: Callable[P, Measured | Unheard], *of: P.args, **more: P.kwargs) -> None:
        """Let a thread do what remains of a recording."""
        self._collect(self._max_pending - 1)
        self._measuring.append(self._threads.submit(work, *of, **more))

    def _settle(self, item: Located, transcript: Transcript) -> Measured | Unheard:
        """Find the message by its words, hear doubtful digits again, and measure it."""
        try:
            with stage("isolate"):
                words, sure = transcript.words, those_sure(transcript.filled_pauses)
                found = isolate(item.scene, item.waveform.samples, words, sure)
                heard = Heard(
                    item.waveform.info,
                    found.isolation,
                    kept(transcript, found.words, found.isolation.message),
                    kept(transcript, found.greeting).text,
                )
        except Exception as error:  # one recording never ends a run
            return Unheard(item.recording, "isolate", error.with_traceback(None))
        try:
            heard = replace(heard, digit_readings=self._digits_again(item, heard.transcript))
        except RuntimeError:  # no memory beside a full batch, say: the first hearing stands
            pass
        except Exception as error:  # one recording never ends a run
            return Unheard(item.recording, "transcribe", error.with_traceback(None))
        return _measure(item.recording, item.waveform, heard, self._plan)

    def _digits_again(self, item: Located, transcript: Transcript) -> tuple[DigitReading, ...]:
        """What a second hearing makes of digits in doubt; the words for digits are English."""
        if transcript.language != "en":
            return ()
        passage = passage_of(item)
        read = find_statements(transcript.words, region=self._region)
        stretches = [one for _, one in digit_stretches(transcript, self._plan)]
        doubtful = stretches_in_doubt(stretches, self._plan, read)
        return tuple(
            reading for stretch in doubtful for reading in self._transcriber.spell(passage, stretch)
        )

    def _collect(self, pending: int) -> None:
        """Take the results of what is measured; wait until no more than so many are not."""
        while self._measuring and (len(self._measuring) > pending or self._measuring[0].done()):
            self._ready.append(self._measuring.popleft().result())

    def _done(self) -> Iterator[Measured | Unheard]:
        self._collect(self._max_pending)
        while self._ready:
            yield self._ready.popleft()


def locate(
    recording: Recording,
    waveform: Waveform,
    voice_activity: VoiceActivity,
    *,
    rep_is_told: bool = False,
) -> Located | Unheard:
    """Find the signals and the speech; ``rep_is_told``: which channel is the rep's is known."""
    try:
        with stage("isolate"):
            scene = survey(
                waveform.samples,
                voice_activity.detect,
                other_party=waveform.other_party,
                rep_is_told=rep_is_told or recording.channel is not None,
            )
            return Located(recording, _turned(waveform) if scene.rep_is_other else waveform, scene)
    except Exception as error:  # one recording never ends a run
        return Unheard(recording, "isolate", error.with_traceback(None))


def _turned(waveform: Waveform) -> Waveform:
    """The waveform with the other party's channel in front, where there are two."""
    if waveform.other_party is None:
        return waveform
    channel: Literal["left", "right"] = "right" if waveform.info.channel == "left" else "left"
    info = replace(waveform.info, channel=channel)
    return Waveform(waveform.other_party, info, waveform.samples)


def passage_of(item: Located) -> Passage:
    """What the speech engine is given of a recording."""
    whole = Interval(0.0, item.waveform.duration_s)
    heard = worth_hearing(item.scene)
    return Passage(
        id=item.recording.id,
        samples=item.waveform.samples,
        speech=clipped(item.scene.voiced, heard.start_s, heard.end_s) if heard else (),
        bounds=heard or whole,
    )


def kept(transcript: Transcript, words: Sequence[Word], span: Interval | None = None) -> Transcript:
    """Reduce a transcript to some of its words, which stand side by side in it.

    The text is cut where they begin and end, so that "206-555-0142" stays in one piece; where an
    engine's text is not made of its words, they are joined anew. Of what was heard by its sound
    alone that stays which lies in ``span``.
    """
    transcript = replace(
        transcript,
        filled_pauses=those_within(transcript.filled_pauses, span) if span else (),
        digit_sounds=those_within(transcript.digit_sounds, span) if span else (),
    )
    if tuple(words) == transcript.words:
        return transcript
    if not words:
        return replace(transcript, text="", confidence=None, words=())
    confidence = sum(word.confidence for word in words) / len(words)
    text = _text_of(transcript, words) or joined(word.text for word in words)
    return replace(transcript, text=text, confidence=confidence, words=tuple(words))


def _text_of(transcript: Transcript, words: Sequence[Word]) -> str | None:
    """The stretch of the text in which ``words`` stand; None where they do not stand there."""
    first = transcript.words.index(words[0])
    start = end = 0
    for index, word in enumerate(transcript.words[: first + len(words)]):
        at = transcript.text.find(word.text, end)
        if at < 0:
            return None
        start, end = (at if index == first else start), at + len(word.text)
    return transcript.text[start:end]


def _measure(
    recording: Recording, waveform: Waveform, heard: Heard, plan: NumberingPlan
) -> Measured | Unheard:
    """Measure what was heard, with the digits as both hearings have them: they set the pace."""
    try:
        # Rounded as the store does, so that a result judged now equals one judged later.
        heard = heard_from_json(to_json(heard))
        with stage("measure"):
            words = heard_twice(heard.transcript, heard.digit_readings, plan)
            said = replace(heard.transcript, words=words)
            measured = measure(waveform.samples, heard.isolation, said)
            taken = fingerprint(_message(waveform, heard.isolation))
        return Measured(recording, heard, delivery_from_json(to_json(measured)), taken)
    except Exception as error:  # one recording never ends a run
        return Unheard(recording, "measure", error.with_traceback(None))


def _message(waveform: Waveform, isolation: Isolation) -> NDArray[np.float32]:
    """The samples of the message; none where there is no message."""
    message = isolation.message or Interval(0.0, 0.0)
    start, end = (round(at_s * SAMPLE_RATE_HZ) for at_s in (message.start_s, message.end_s))
    return waveform.samples[start:end]
