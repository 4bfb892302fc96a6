"""From what was heard and measured to an audit with scores. Needs no audio, so it is cheap."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from vmaudit.config import Config
from vmaudit.content import (
    SignalContext,
    find_asks,
    find_callback,
    find_signals,
    numbering_plan,
)
from vmaudit.content.hearings import heard_twice
from vmaudit.delivery import set_against
from vmaudit.pipeline.results import Heard
from vmaudit.records import (
    Audit,
    Callback,
    Delivery,
    Recording,
    Rep,
    Signal,
    Transcript,
    Versions,
    audit_from_json,
    to_json,
)
from vmaudit.scoring import Judge

MIN_CONFIDENCE = 0.35  # below, the words are guesses; see docs/limits.md


def judge(
    recording: Recording,
    heard: Heard,
    delivery: Delivery,
    *,
    rep: Rep | None,
    config: Config,
    scoring: Judge,
) -> Audit:
    """Read numbers and signals, decide whether the message can be judged, and score it if so."""
    transcript = heard.transcript
    reasons = _not_scorable(heard, config.asr.language)
    callback: Callback | None = None
    if transcript.words:
        plan = numbering_plan(config.content.region)
        callback = find_callback(
            heard_twice(transcript, heard.digit_readings, plan),
            direct_number=rep.direct_number if rep else None,
            region=config.content.region,
        )
    metadata = recording.metadata
    audit = Audit(
        id=recording.id,
        path=recording.relative_path,
        status="not_scorable" if reasons else "scored",
        reasons=reasons,
        outcomes=heard.isolation.outcomes,
        rep=metadata.rep,
        recorded_at=metadata.recorded_at,
        prospect=metadata.prospect,
        lead=_lead(recording),
        audio=heard.audio,
        segments=heard.isolation.spans,
        transcript=transcript,
        greeting_text=heard.greeting_text,
        delivery=_in_context(heard, delivery, callback),
        callback=callback,
        signals=_signals(recording, transcript, callback, rep),
        scores=None,
        advice=(),
        versions=Versions(version("vmaudit"), transcript.model, scorer=None, rubric=None),
    )
    # As it will be read from the store, so that scoring it again gives the same.
    return scoring.rescore(audit_from_json(to_json(audit)))


def _signals(
    recording: Recording, transcript: Transcript, callback: Callback | None, rep: Rep | None
) -> Mapping[str, Signal]:
    metadata = recording.metadata
    names = (metadata.rep, rep.key if rep else None, rep.name if rep else None)
    context = SignalContext(
        rep_names=tuple(dict.fromkeys(name for name in names if name)),
        prospect=metadata.prospect,
        company=metadata.company,
        interest=metadata.interest,
        notes=metadata.notes,
        numbers=callback.statement_times if callback else (),
    )
    return find_signals(transcript.words, context)


def _in_context(heard: Heard, delivery: Delivery, callback: Callback | None) -> Delivery:
    words = heard.transcript.words
    numbers = callback.statement_times if callback else ()
    return set_against(delivery, heard.isolation, words, numbers=numbers, asks=find_asks(words))


def _not_scorable(heard: Heard, language: str) -> tuple[str, ...]:
    """Every reason for which this message gets no score."""
    if heard.isolation.message is None:
        return heard.isolation.reasons or ("no speech",)
    transcript = heard.transcript
    if not transcript.words:
        return ("no words were heard in the speech",)
    reasons = []
    if transcript.language != language:
        reasons.append(f"spoken in {transcript.language}, not {language}")
    if "hang_up" in heard.isolation.outcomes:
        speech_s = sum(part.duration_s for part in heard.isolation.speech)
        reasons.append(f"hang-up: {speech_s:.1f} s of speech, {len(transcript.words)} words")
    if _unsure(transcript):
        reasons.append(f"too unclear to transcribe: word confidence {transcript.confidence:.2f}")
    return tuple(reasons)


def _unsure(transcript: Transcript) -> bool:
    return transcript.confidence is not None and transcript.confidence < MIN_CONFIDENCE


def _lead(recording: Recording) -> Mapping[str, Any]:
    """What is known of the prospect, without what the audit names on its own."""
    metadata = recording.metadata
    known = {
        "company": metadata.company,
        "phone": metadata.phone,
        "line": metadata.line,
        "attempt": metadata.attempt,
        "lead_at": metadata.lead_at,
        "interest": metadata.interest,
        "notes": metadata.notes,
    }
    lead = {name: value for name, value in known.items() if value is not None}
    return lead | dict(metadata.extra)
