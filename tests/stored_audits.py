"""Audits for tests: bare ones, and stores of made-up ones that are plausible to look at."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from helpers import SAMPLES

from vmaudit.records import (
    AudioInfo,
    Audit,
    Callback,
    CallbackPattern,
    Delivery,
    Evidence,
    Failure,
    Filler,
    Pause,
    PhoneNumber,
    Score,
    Scores,
    Signal,
    Span,
    Statement,
    Track,
    Transcript,
    Versions,
    Word,
    joined,
)
from vmaudit.store import Store, StoreBatch, store_address

SAMPLE = "cedar-finch-roofing/ray/estimate-follow-up.wav"  # what a made-up message sounds like
SAMPLE_S = 13.1197
REPS = {"nina": "2065550142", "marcus": "2065550178", "priya": "3125550119", "ray": "3035550157"}
PROSPECTS = ("Angela Vega", "Ted Oakley", "Gwen Parrish", "Rosa Aldana", "Per Lindqvist")
OPENING = "Hi {first} this is {rep} from Harborview about the {interest}."
MIDDLE = "um we sold two like yours last week and I have a buyer who wants a third."
INTERESTS = ("blue wagon", "used van", "kitchen leak", "tow package")
FIRST_CALL = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
NO_SCORER = Score(None, reason="no scorer installed")

# A message that was left, and nothing said of it.
BARE = Audit(
    id="a" * 64,
    path="nina/vega.wav",
    status="scored",
    reasons=(),
    outcomes=("left_message",),
    rep="nina",
    recorded_at=None,
    prospect=None,
    lead={},
    audio=AudioInfo(33.228, 8000, 1, "pcm_mulaw"),
    segments=(),
    transcript=None,
    delivery=None,
    callback=None,
    signals={},
    scores=None,
    advice=(),
    versions=Versions("0.1.0", "base@1", None, None),
)
# One with something in most fields, and a recording in which nobody spoke.
AUDIT = replace(
    BARE,
    outcomes=("left_message", "prerecorded"),
    same_audio_as=("a.wav", "ray/b.wav"),
    recorded_at=datetime(2026, 3, 2, 10, 24, tzinfo=UTC),
    prospect="Angela Vega",
    lead={"attempt": 1},
    segments=(Span("message", 0.5, 32.5),),
    transcript=Transcript("Hi Angela", "en", "base@1", 0.91, (Word("Hi", 0.6, 0.8, 0.97),)),
    delivery=Delivery(message_s=32.0, filler_count=2, level_dbfs=-21.5),
    callback=Callback(
        True,
        0.97,
        (
            PhoneNumber("2125550199", 1, "mismatch", ()),
            PhoneNumber("2065550142", 2, "match", ()),
        ),
    ),
    scores=Scores(Score(None, reason="no scorer installed"), Score(0.5), Score(0.97), 78),
)
NOTHING = replace(
    AUDIT,
    path="silent.wav",
    status="not_scorable",
    reasons=("no speech",),
    outcomes=("no_speech",),
    same_audio_as=(),
    rep=None,
    recorded_at=None,
    prospect=None,
    transcript=None,
    delivery=None,
    callback=None,
    scores=None,
)


def made_up_audits(count: int, *, scored: bool = True, seed: int = 7) -> Iterator[Audit]:
    """``count`` messages over the reps and, at five a day, the weeks; every 17th not scorable."""
    rng = random.Random(seed)  # the same messages each time
    for index in range(count):
        audit = made_up_audit(rng, index, scored=scored)
        yield audit if index % 17 != 16 else _not_scorable(audit)


def made_up_audit(rng: random.Random, index: int, *, scored: bool = True) -> Audit:
    """One message of the sample's length. Later messages say the number twice more often."""
    rep = list(REPS)[index % len(REPS)]
    own, prospect = REPS[rep], rng.choice(PROSPECTS)
    twice = rng.random() < 0.3 + 0.5 * min(1.0, index / 200)
    said = own[:-1] + "9" if rng.random() < 0.08 else own
    words = _words(rep, prospect, rng.choice(INTERESTS), said, twice=twice)
    callback = _callback(words, said, own, twice=twice)
    path = f"{rep}/{index:05d}.wav"
    recorded_at = FIRST_CALL + timedelta(days=index // 5, minutes=35 * (index % 5))
    return Audit(
        id=hashlib.sha256(recording_of(recorded_at)).hexdigest(),
        path=path,
        status="scored",
        reasons=(),
        outcomes=("left_message",),
        rep=rep,
        recorded_at=recorded_at,
        prospect=prospect,
        lead={"interest": rng.choice(INTERESTS), "attempt": 1 + index % 3},
        audio=AudioInfo(SAMPLE_S, 8000, 1, "pcm_mulaw"),
        segments=(
            Span("greeting", 0.0, 0.4),
            Span("beep", 0.4, 0.6, 0.9),
            Span("message", 0.6, 12.8, 0.95),
            Span("tail", 12.8, SAMPLE_S),
        ),
        transcript=Transcript(
            joined(w.text for w in words), "en", "base@made-up", 0.9, tuple(words)
        ),
        delivery=_delivery(rng, words),
        relative_to_rep={"words_per_minute": rng.uniform(-20, 20)},
        callback=callback,
        signals={"mentions_interest": Signal(0.9, (_moment(words, 0, 8),))},
        scores=_scores(rng, words, callback, scored=scored),
        advice=("Say the number, then say it once more at the end.",) if not twice else (),
        versions=Versions("0.1.0", "base@made-up", "made-up" if scored else None, "default"),
    )


def hostile_audit(audit: Audit, text: str) -> Audit:
    """The same message with ``text`` for all that other people may have written."""
    assert audit.transcript
    assert audit.scores
    said = Evidence(1.0, 2.0, text, -0.5)
    words = tuple(replace(word, text=text) for word in audit.transcript.words)
    return replace(
        audit,
        rep=text,
        prospect=text,
        lead={text: text},
        transcript=replace(audit.transcript, text=text, words=words),
        signals={text: Signal(0.9, (said,))},
        scores=replace(
            audit.scores,
            value=replace(audit.scores.value, evidence=(said,)),
            band=text,
            needs_review=True,
            review_reasons=(text,),
        ),
        advice=(text,),
        same_audio_as=(text,),
        outcomes=("left_message", "prerecorded"),
        greeting_text=text,
    )


def store_of(
    out: Path,
    audits: Sequence[Audit],
    *,
    failures: Sequence[Failure] = (),
    recordings: Path | None = None,
) -> Store:
    """A store in ``out`` that one run filled with ``audits``."""
    out.mkdir(parents=True, exist_ok=True)
    store = Store(store_address(out))
    store.set_fact("folder", str(recordings or out / "recordings"))
    run_id = store.begin_run()
    batch = tuple((audit, "key") for audit in audits)
    store.write(StoreBatch(run_id, {}, batch, tuple(failures)))
    counts = {"found": len(audits) + len(failures), "audited": len(audits), "failed": len(failures)}
    store.finish_run(run_id, {"state": "complete", "config": {}, **counts})
    return store


def recording_of(recorded_at: datetime | None) -> bytes:
    """The sample, and behind its end what makes the file another than those of other calls."""
    return _sample() + str(recorded_at).encode()


@cache
def _sample() -> bytes:
    return (SAMPLES / SAMPLE).read_bytes()


def place_recordings(folder: Path, audits: Sequence[Audit]) -> Path:
    """Put a recording where each audit says that one is."""
    for audit in audits:
        path = folder / audit.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(recording_of(audit.recorded_at))
    return folder


def _words(rep: str, prospect: str, interest: str, number: str, *, twice: bool) -> list[Word]:
    opening = OPENING.format(
        first=prospect.partition(" ")[0], rep=rep.capitalize(), interest=interest
    )
    spoken = f"{number[:3]} -{number[3:6]} -{number[6:]}."
    again = f" Again {spoken}" if twice else ""
    texts = f"{opening} {MIDDLE} Call me at {spoken}{again} Thanks.".split()
    step_s = 12.0 / len(texts)
    return [
        Word(text, 0.7 + k * step_s, 0.7 + (k + 0.9) * step_s, 0.4 if text == "buyer" else 0.95)
        for k, text in enumerate(texts)
    ]


def _callback(words: Sequence[Word], said: str, own: str, *, twice: bool) -> Callback:
    starts = [k for k, word in enumerate(words) if word.text == said[:3]]
    statements = tuple(
        Statement(
            words[k].start_s,
            words[k + 2].end_s,
            joined(word.text for word in words[k : k + 3]),
            said,
            digits_per_second=3.1,
            confidence=0.8,
            digit_confidences=(0.9,) * 9 + (0.4,),
            groups=(said[:3], said[3:6], said[6:]),
            writable=True,
        )
        for k in starts
    )
    match = said == own
    number = PhoneNumber(
        said,
        len(statements),
        "match" if match else "mismatch",
        statements,
        roster_digits=own,
        roster_distance=0.0 if match else 1.0,
    )
    pattern: CallbackPattern = "repeated" if twice else "once_end"
    return Callback(twice, 0.95 if twice else 0.05, (number,), pattern=pattern)


def _delivery(rng: random.Random, words: Sequence[Word]) -> Delivery:
    um = next(word for word in words if word.text == "um")
    levels = tuple(round(rng.uniform(-34, -18), 1) for _ in range(24))
    return Delivery(
        message_s=round(rng.gauss(24, 7), 1),
        speech_s=10.0,
        words_per_minute=round(rng.gauss(178, 24), 1),
        pace_over_time=Track(3.0, 1.0, tuple(round(rng.uniform(3, 6), 2) for _ in range(8))),
        number_pace_ratio=0.8,
        filler_count=1,
        fillers_per_minute=round(max(0.0, rng.gauss(4, 3)), 1),
        fillers=(Filler("um", um.start_s, um.end_s, "transcript", 0.9),),
        pause_count=2,
        longest_pause_s=1.1,
        pauses=(Pause(6.0, 6.4), Pause(8.0, 9.1, "boundary")),
        level_dbfs=-25.0,
        level_over_time=Track(0.7, 0.5, levels),
    )


def _scores(
    rng: random.Random, words: Sequence[Word], callback: Callback, *, scored: bool
) -> Scores:
    number = callback.numbers[0].statements[0]
    said = Evidence(number.start_s, number.end_s, number.text, 0.4)
    if not scored:
        return Scores(NO_SCORER, NO_SCORER, Score(callback.probability, (said,)))
    value, clarity = rng.betavariate(4, 2), rng.betavariate(5, 2)
    overall = round(100 * (value + clarity + (callback.probability or 0.0)) / 3)
    bands = {80: "strong", 60: "sound", 0: "weak"}
    costly = Evidence(8.0, 9.1, "pause of 1.1 s", -0.06)
    return Scores(
        Score(value, (_moment(words, 0, 8, 0.2),), level=round(3 * value), level_sd=0.6),
        Score(clarity, (costly,), level=round(3 * clarity), level_sd=0.5),
        Score(callback.probability, (said,)),
        overall,
        band=next(name for least, name in bands.items() if overall >= least),
        needs_review=value < 0.4,
        review_reasons=("value is unsure: 0 and 2 are both likely",) if value < 0.4 else (),
    )


def _moment(
    words: Sequence[Word], first: int, last: int, contribution: float | None = None
) -> Evidence:
    text = joined(word.text for word in words[first : last + 1])
    return Evidence(words[first].start_s, words[last].end_s, text, contribution)


def _not_scorable(audit: Audit) -> Audit:
    return replace(
        audit,
        status="not_scorable",
        reasons=("hang-up: 1.1 s of speech, 2 words",),
        outcomes=("hang_up",),
        scores=None,
        advice=(),
    )
