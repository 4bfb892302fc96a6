"""Takes recordings in, gives audits and failures out, a batch at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from vmaudit.asr import Passage, Transcriber, load_transcriber, model_in_use
from vmaudit.audio import DecodePool
from vmaudit.config import Config
from vmaudit.content import numbering_plan
from vmaudit.delivery import measure
from vmaudit.errors import RecordingError
from vmaudit.isolation import isolate, mute_tones
from vmaudit.pipeline import keys
from vmaudit.pipeline.judge import judge
from vmaudit.pipeline.results import (
    Audited,
    Heard,
    Known,
    NothingKnown,
    delivery_from_json,
    heard_from_json,
)
from vmaudit.records import (
    Delivery,
    Failure,
    Interval,
    Isolation,
    Recording,
    Rep,
    Stage,
    Waveform,
    to_json,
)
from vmaudit.speech import VoiceActivity

MAX_JOBS = 4
MAX_BATCH_RECORDINGS = 64  # bounds memory, and what a kill can cost


@dataclass(frozen=True, slots=True, eq=False)
class _Located:
    """A decoded recording with its message found, waiting for its words."""

    recording: Recording
    waveform: Waveform
    isolation: Isolation


class Auditor:
    """Loads the models once, then audits any number of recordings.

    >>> auditor = Auditor(load_config())                            # doctest: +SKIP
    >>> for results in auditor.audit(scan(folder, RecordingOptions()).recordings):
    ...     for result in results: print(result)                    # doctest: +SKIP
    """

    def __init__(self, config: Config | None = None, *, transcriber: Transcriber | None = None):
        """Check that the models are there; they are loaded when first needed.

        Raises ``ModelError`` when the speech model is not installed, ``ConfigError`` for a
        region without a numbering plan.
        """
        self._config = config or Config()
        numbering_plan(self._config.content.region)
        self._loaded = transcriber
        self.speech_model = transcriber.version if transcriber else model_in_use(self._config.asr)
        self.speech_key = keys.speech_key(self._config, self.speech_model)
        self.delivery_key = keys.delivery_key(self.speech_key)

    @cached_property
    def _voice_activity(self) -> VoiceActivity:
        return VoiceActivity(self._config.speech)

    @property
    def _transcriber(self) -> Transcriber:
        if self._loaded is None:
            self._loaded = load_transcriber(self._config.asr)
        return self._loaded

    def audit_key(self, recording: Recording, rep: Rep | None) -> str:
        """Digest of all that the audit of this recording depends on."""
        return keys.audit_key(self.delivery_key, self._config, recording, rep)

    def audit(
        self,
        recordings: Sequence[Recording],
        *,
        roster: Mapping[str, Rep] | None = None,
        known: Known | None = None,
    ) -> Iterator[list[Audited | Failure]]:
        """Audit ``recordings``; yield results in batches as they are done.

        Content that occurs more than once is heard once. Nothing that one recording does
        ends the run: it becomes a ``Failure``.
        """
        known = known or NothingKnown()
        copies: dict[str, list[Recording]] = {}
        for recording in recordings:
            copies.setdefault(recording.id, []).append(recording)
        judged = _Judge(self._config, roster or {}, copies)

        to_decode: list[Recording] = []
        to_measure: dict[str, Heard] = {}
        ready: list[Audited | Failure] = []
        for content_id, (first, *_) in copies.items():
            heard, delivery = known.heard(content_id), known.delivery(content_id)
            if heard is None or delivery is None:
                to_decode.append(first)
                if heard is not None:
                    to_measure[content_id] = heard
                continue
            ready.extend(judged.audits(first, heard, delivery))
            if len(ready) >= MAX_BATCH_RECORDINGS:
                yield ready
                ready = []
        if ready:
            yield ready
        if to_decode:
            yield from self._hear(to_decode, judged, to_measure)

    def _hear(
        self, recordings: Sequence[Recording], judged: _Judge, to_measure: Mapping[str, Heard]
    ) -> Iterator[list[Audited | Failure]]:
        """Decode, then fill batches for the recogniser; ``to_measure`` has its words already."""
        voice_activity, transcriber = self._voice_activity, self._transcriber
        jobs = self._config.run.jobs or min(MAX_JOBS, os.cpu_count() or 1)
        waiting: list[_Located] = []
        waiting_s = 0.0
        with DecodePool(self._config.audio, jobs=jobs) as pool:
            for recording, decoded in pool.imap(recordings, max_pending=2 * jobs):
                if isinstance(decoded, RecordingError):
                    yield judged.failures(recording, "decode", decoded)
                    continue
                if recording.id in to_measure:
                    yield self._measure(recording, decoded, to_measure[recording.id], judged)
                    continue
                try:
                    located = _locate(recording, decoded, voice_activity)
                except Exception as error:  # one recording never ends a run
                    yield judged.failures(recording, "isolate", error)
                    continue
                waiting.append(located)
                waiting_s += decoded.duration_s  # of audio, not speech: it bounds the memory
                full = waiting_s >= transcriber.batch_s
                if full or len(waiting) >= MAX_BATCH_RECORDINGS:
                    yield self._transcribe(waiting, judged)
                    waiting, waiting_s = [], 0.0
            if waiting:
                yield self._transcribe(waiting, judged)

    def _transcribe(self, batch: Sequence[_Located], judged: _Judge) -> list[Audited | Failure]:
        """Transcribe a batch; if it fails, its members one by one, to find the one that does."""
        try:
            transcripts = self._transcriber.transcribe([_passage(item) for item in batch])
            pairs = list(zip(batch, transcripts, strict=True))
        except Exception as error:  # one recording never ends a run
            if len(batch) == 1:
                return judged.failures(batch[0].recording, "transcribe", error)
            return [result for item in batch for result in self._transcribe([item], judged)]
        results: list[Audited | Failure] = []
        for item, transcript in pairs:
            heard = Heard(item.waveform.info, item.isolation, transcript)
            results.extend(self._measure(item.recording, item.waveform, heard, judged))
        return results

    def _measure(
        self, recording: Recording, waveform: Waveform, heard: Heard, judged: _Judge
    ) -> list[Audited | Failure]:
        try:
            # Rounded as the store does, so that a result judged now equals one judged later.
            heard = heard_from_json(to_json(heard))
            measured = measure(waveform.samples, heard.isolation, heard.transcript)
            delivery = delivery_from_json(to_json(measured))
        except Exception as error:  # one recording never ends a run
            return judged.failures(recording, "measure", error)
        return judged.audits(recording, heard, delivery)


class _Judge:
    """Turns what is known of one content into results for every recording that holds it."""

    def __init__(
        self,
        config: Config,
        roster: Mapping[str, Rep],
        copies: Mapping[str, Sequence[Recording]],
    ) -> None:
        self._config = config
        self._roster = roster
        self._copies = copies

    def audits(self, first: Recording, heard: Heard, delivery: Delivery) -> list[Audited | Failure]:
        results: list[Audited | Failure] = []
        for recording in self._copies[first.id]:
            rep = rep_of(recording, self._roster)
            try:
                audit = judge(recording, heard, delivery, rep=rep, config=self._config)
            except Exception as error:  # one recording never ends a run
                results.append(_failure(recording, "score", error))
            else:
                results.append(Audited(recording, audit, heard, delivery))
        return results

    def failures(self, first: Recording, stage: Stage, error: Exception) -> list[Audited | Failure]:
        return [_failure(recording, stage, error) for recording in self._copies[first.id]]


def rep_of(recording: Recording, roster: Mapping[str, Rep]) -> Rep | None:
    """The roster's row of whoever left this message, if it has one."""
    return roster.get(recording.metadata.rep or "")


def _locate(recording: Recording, waveform: Waveform, voice_activity: VoiceActivity) -> _Located:
    speech = voice_activity.detect(mute_tones(waveform.samples))
    return _Located(recording, waveform, isolate(waveform.samples, speech))


def _failure(recording: Recording, stage: Stage, error: Exception) -> Failure:
    known = isinstance(error, RecordingError)
    text = str(error) if known else f"unexpected {type(error).__name__}: {error}"
    reason = text.encode("utf-8", "backslashreplace").decode()  # it may quote a file's raw name
    return Failure(recording.relative_path, stage, reason, recording.id)


def _passage(item: _Located) -> Passage:
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
