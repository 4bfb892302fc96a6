"""Takes recordings in, gives audits and failures out, a batch at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from vmaudit.asr import Transcriber, load_transcriber, model_in_use
from vmaudit.config import Config
from vmaudit.content import numbering_plan
from vmaudit.errors import RecordingError
from vmaudit.pipeline import keys
from vmaudit.pipeline.hearing import Hearing, Measured, Unheard
from vmaudit.pipeline.judge import judge
from vmaudit.pipeline.results import Audited, Heard, Known, NothingKnown
from vmaudit.records import Channel, Failure, HearingId, Recording, Rep, Stage
from vmaudit.scoring import DEFAULT_RUBRIC, Judge, make_judge
from vmaudit.speech import VoiceActivity
from vmaudit.timing import stage

MAX_BATCH_RECORDINGS = 64  # of those known already, that are yielded together


class Auditor:
    """Loads the models once, then audits any number of recordings.

    >>> auditor = Auditor(load_config())                            # doctest: +SKIP
    >>> for results in auditor.audit(scan(folder, RecordingOptions()).recordings):
    ...     for result in results: print(result)                    # doctest: +SKIP
    """

    def __init__(
        self,
        config: Config | None = None,
        *,
        transcriber: Transcriber | None = None,
        scoring: Judge | None = None,
    ):
        """Check that the models are there; the speech model is loaded when first needed.

        ``scoring`` is by default the scorer that comes with the program and the configured rubric.
        Raises ``ModelError`` when the speech model is not installed, ``ConfigError`` for a
        region without a numbering plan and for a rubric that cannot be read.
        """
        self._config = config or Config()
        options = self._config.scoring
        self.scoring = scoring or make_judge(options.rubric or DEFAULT_RUBRIC, options.scorer)
        numbering_plan(self._config.content.region)
        self._loaded = transcriber
        self.speech_model = transcriber.version if transcriber else model_in_use(self._config.asr)
        channels: tuple[Channel | None, ...] = (None, "left", "right")
        self._speech_keys = {
            channel: keys.speech_key(self._config, self.speech_model, channel)
            for channel in channels
        }
        self.fingerprint_key = keys.fingerprint_key()

    @cached_property
    def _voice_activity(self) -> VoiceActivity:
        return VoiceActivity(self._config.speech)

    @property
    def _transcriber(self) -> Transcriber:
        if self._loaded is None:
            self._loaded = load_transcriber(self._config.asr)
        return self._loaded

    def speech_key(self, recording: Recording) -> str:
        """Digest of all that the words of this recording depend on, besides its content."""
        return self._speech_keys[recording.channel]

    def delivery_key(self, recording: Recording) -> str:
        """Digest of all that the delivery of this recording depends on, besides its content."""
        return keys.delivery_key(self.speech_key(recording))

    def audit_key(self, recording: Recording, rep: Rep | None) -> str:
        """Digest of all that the audit of this recording depends on."""
        return keys.audit_key(self.delivery_key(recording), self._config, recording, rep)

    def audit(
        self,
        recordings: Sequence[Recording],
        *,
        roster: Mapping[str, Rep] | None = None,
        known: Known | None = None,
    ) -> Iterator[list[Audited | Failure]]:
        """Audit ``recordings``; yield results in batches as they are done.

        Content that occurs more than once is heard once for each channel that is asked for.
        Nothing that one recording does ends the run: it becomes a ``Failure``.
        """
        known = known or NothingKnown()
        copies: dict[HearingId, list[Recording]] = {}
        for recording in recordings:
            copies.setdefault(recording.hearing_id, []).append(recording)
        judged = _Results(self._config, self.scoring, roster or {}, copies)

        to_decode: list[Recording] = []
        to_measure: dict[HearingId, Heard] = {}
        ready: list[Audited | Failure] = []
        for first, *_ in copies.values():
            heard, delivery = known.heard(first), known.delivery(first)
            if heard is None or delivery is None:
                to_decode.append(first)
                if heard is not None:
                    to_measure[first.hearing_id] = heard
                continue
            ready.extend(judged.results(Measured(first, heard, delivery)))
            if len(ready) >= MAX_BATCH_RECORDINGS:
                yield ready
                ready = []
        if ready:
            yield ready
        if to_decode:
            for outcome in self._hear(to_decode, to_measure):
                yield judged.results(outcome)

    def _hear(
        self, recordings: Sequence[Recording], to_measure: Mapping[HearingId, Heard]
    ) -> Iterator[Measured | Unheard]:
        with Hearing(self._config, self._voice_activity, self._transcriber) as hearing:
            for part in _with_each_content_once(recordings):
                words = {r.id: to_measure[r.hearing_id] for r in part if r.hearing_id in to_measure}
                yield from hearing.of(part, words)


def _with_each_content_once(recordings: Sequence[Recording]) -> list[list[Recording]]:
    """Divide recordings: one part, unless several channels of one content are asked for."""
    parts: list[list[Recording]] = []
    seen: Counter[str] = Counter()
    for recording in recordings:
        if seen[recording.id] == len(parts):
            parts.append([])
        parts[seen[recording.id]].append(recording)
        seen[recording.id] += 1
    return parts


class _Results:
    """Turns what is known of one content into results for every recording that holds it."""

    def __init__(
        self,
        config: Config,
        scoring: Judge,
        roster: Mapping[str, Rep],
        copies: Mapping[HearingId, Sequence[Recording]],
    ) -> None:
        self._config, self._scoring = config, scoring
        self._roster = roster
        self._copies = copies

    def results(self, outcome: Measured | Unheard) -> list[Audited | Failure]:
        copies = self._copies[outcome.recording.hearing_id]
        if isinstance(outcome, Unheard):
            return [failure_of(copy, outcome.stage, outcome.error) for copy in copies]
        return [self._audit(copy, outcome) for copy in copies]

    def _audit(self, recording: Recording, found: Measured) -> Audited | Failure:
        rep = rep_of(recording, self._roster)
        try:
            with stage("score"):
                audit = judge(
                    recording,
                    found.heard,
                    found.delivery,
                    rep=rep,
                    config=self._config,
                    scoring=self._scoring,
                )
        except Exception as error:  # one recording never ends a run
            return failure_of(recording, "score", error)
        return Audited(recording, audit, found.heard, found.delivery, found.fingerprint)


def rep_of(recording: Recording, roster: Mapping[str, Rep]) -> Rep | None:
    """The roster's row of whoever left this message, if it has one."""
    return roster.get(recording.metadata.rep or "")


def failure_of(recording: Recording, stage: Stage, error: Exception) -> Failure:
    """The row of the failures that says what went wrong, in text that can be stored."""
    known = isinstance(error, RecordingError)
    text = str(error) if known else f"unexpected {type(error).__name__}: {error}"
    reason = text.encode("utf-8", "backslashreplace").decode()  # it may quote a file's raw name
    return Failure(recording.relative_path, stage, reason, recording.id)
