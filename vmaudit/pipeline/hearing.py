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
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

from vmaudit.asr import Passage, Transcriber
from vmaudit.audio import DecodePool
from vmaudit.config import Config
from vmaudit.delivery import measure
from vmaudit.errors import RecordingError
from vmaudit.isolation import isolate, mute_tones
from vmaudit.machine import available_cores
from vmaudit.pipeline.results import Heard, delivery_from_json, heard_from_json
from vmaudit.records import Delivery, Interval, Isolation, Recording, Stage, Waveform, to_json
from vmaudit.speech import VoiceActivity
from vmaudit.timing import stage

MAX_JOBS = 4

T = TypeVar("T")


def decode_jobs(config: Config) -> int:
    """How many processes decode: as asked for, or one per core up to ``MAX_JOBS``."""
    return config.run.jobs or min(MAX_JOBS, available_cores())


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """All that the audio of a recording says."""

    recording: Recording
    heard: Heard
    delivery: Delivery


@dataclass(frozen=True, slots=True, eq=False)
class Unheard:
    """A recording that failed in a stage."""

    recording: Recording
    stage: Stage
    error: Exception


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """A decoded recording with its message found, waiting for its words."""

    recording: Recording
    waveform: Waveform
    isolation: Isolation


class Hearing:
    """A context manager around the worker processes and threads of one pass."""

    def __init__(
        self, config: Config, voice_activity: VoiceActivity, transcriber: Transcriber
    ) -> None:
        jobs = decode_jobs(config)
        self._voice_activity, self._transcriber = voice_activity, transcriber
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
            self._measure_soon(recording, waveform, to_measure[recording.id])
            yield from self._done()
        located: dict[str, Located] = {}
        passages = self._passages([r for r in recordings if r.id not in to_measure], located)
        for passage, transcript in self._transcriber.transcribe(passages):
            item = located.pop(passage.id)
            if isinstance(transcript, Exception):
                self._ready.append(Unheard(item.recording, "transcribe", transcript))
            else:
                heard = Heard(item.waveform.info, item.isolation, transcript)
                self._measure_soon(item.recording, item.waveform, heard)
            yield from self._done()
        self._settle(0)
        yield from self._done()

    def _passages(
        self, recordings: Sequence[Recording], located: dict[str, Located]
    ) -> Iterator[Passage]:
        def prepare(recording: Recording, waveform: Waveform) -> Located | Unheard:
            return locate(recording, waveform, self._voice_activity)

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

    def _measure_soon(self, recording: Recording, waveform: Waveform, heard: Heard) -> None:
        self._settle(self._max_pending - 1)
        self._measuring.append(self._threads.submit(_measure, recording, waveform, heard))

    def _settle(self, pending: int) -> None:
        """Take the results of what is measured; wait until no more than so many are not."""
        while self._measuring and (len(self._measuring) > pending or self._measuring[0].done()):
            self._ready.append(self._measuring.popleft().result())

    def _done(self) -> Iterator[Measured | Unheard]:
        self._settle(self._max_pending)
        while self._ready:
            yield self._ready.popleft()


def locate(
    recording: Recording, waveform: Waveform, voice_activity: VoiceActivity
) -> Located | Unheard:
    """Find the speech, and the message in it."""
    try:
        with stage("isolate"):
            speech = voice_activity.detect(mute_tones(waveform.samples))
            return Located(recording, waveform, isolate(waveform.samples, speech))
    except Exception as error:  # one recording never ends a run
        return Unheard(recording, "isolate", error.with_traceback(None))


def _measure(recording: Recording, waveform: Waveform, heard: Heard) -> Measured | Unheard:
    try:
        # Rounded as the store does, so that a result judged now equals one judged later.
        heard = heard_from_json(to_json(heard))
        with stage("measure"):
            measured = measure(waveform.samples, heard.isolation, heard.transcript)
        return Measured(recording, heard, delivery_from_json(to_json(measured)))
    except Exception as error:  # one recording never ends a run
        return Unheard(recording, "measure", error.with_traceback(None))


def passage_of(item: Located) -> Passage:
    """What the speech engine is given of a recording."""
    isolation = item.isolation
    return Passage(
        id=item.recording.id,
        samples=item.waveform.samples,
        speech=isolation.speech if isolation.message else (),
        bounds=_bounds(isolation, item.waveform.duration_s),
    )


def _bounds(isolation: Isolation, duration_s: float) -> Interval:
    """The stretch around the message up to whatever else was recorded."""
    if isolation.message is None:
        return Interval(0.0, duration_s)
    message = isolation.message
    others = [span for span in isolation.spans if span.kind not in ("message", "tail")]
    before = [span.end_s for span in others if span.end_s <= message.start_s]
    after = [span.start_s for span in others if span.start_s >= message.end_s]
    return Interval(max(before, default=0.0), min(after, default=duration_s))
