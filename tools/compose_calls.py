"""Compose call recordings whose every sound is known, to measure isolation against.

    pip install -e '.[samples]'
    python tools/compose_calls.py --out .cache/composed-calls [--part tuning]

Ringing, greeting, beep, message, menu and what follows, drawn from benchmarks/calls.toml in
two parts that share no text, voice, speaker or beep. ``truth.jsonl``, beside the recordings,
has a line per call. Times are seconds from the start of the recording.

    message_start_s, message_end_s   first and last word of the rep's message; null without one
    message_words                    null where nobody wrote them down; of a message that was
                                     cut off, right to about a word
    spans                            besides vmaudit's own kinds: "rep_early" before the beep,
                                     "prospect" and "rep" where nobody left a message

People's recordings are used where ``--human`` has them. The same command gives the same
calls; each utterance is synthesised once and kept.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
import telephone
from call_plans import plan_calls
from call_records import Breath, CallPlan, Click, Cut, SpanKind, Step
from call_speech import Clip, Recorded, Script, Speech, Spoken, load_script
from call_tones import Beep, HangUpTone, Part, Ringing, beep, hang_up_tone, ringing
from numpy.typing import NDArray
from telephone import LINE_RATE_HZ, Signal
from voices import CALL_VOICES, Kokoro

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache"
TEXTS = ROOT / "benchmarks" / "calls.toml"
HUMAN = ROOT.parent / "shared" / "audio"
PARTS: tuple[Part, ...] = get_args(Part)
SUFFIXES = {"amr": ".amr", "mp3": ".mp3", "ogg-opus": ".ogg"}
_MAX_PEAK = 0.95  # of full scale; louder calls are turned down
_FRAME_S = 0.02
_CUT_SEARCH_S = 0.4  # how far a cut may move to lie in a gap or inside a word
_AUDIBLE_DB = 25.0  # a word ends where it falls this far below the level of the speech


@dataclass(frozen=True, slots=True)
class Placed:
    """A step on the timeline; the words of speech lie between ``start_s`` and ``end_s``."""

    step: Step
    samples: Signal
    offset: int
    start_s: float
    end_s: float
    words: str | None


def compose(plan: CallPlan, speech: Speech) -> tuple[NDArray[np.float64], dict[str, Any]]:
    """Render one call: channels, shape ``(1 or 2, n)``, full scale 1, and its truth."""
    rng = np.random.default_rng(plan.seed)
    placed: list[Placed] = []
    end = 0
    for step in plan.steps:
        placed.append(_place(step, end, speech, rng))
        end = max(end, placed[-1].offset + len(placed[-1].samples))
    count = end + round(plan.closing_s * LINE_RATE_HZ)
    sides = {"prospect": np.zeros(count), "rep": np.zeros(count)}
    for piece in placed:
        line = telephone.at_level(piece.samples, piece.step.level_dbfs)
        if piece.step.kind in ("greeting", "menu"):
            line = telephone.band_limit(line, plan.line.greeting_band_hz)
        sides[piece.step.side][piece.offset : piece.offset + len(line)] += line
    channels = _channels(plan, sides["prospect"], sides["rep"], rng)
    return channels, _truth(plan, placed, count / LINE_RATE_HZ)


def _place(step: Step, end: int, speech: Speech, rng: np.random.Generator) -> Placed:
    """Make the sound and put it after (or, with a negative gap, over) what ends at ``end``."""
    words: str | None = None
    match step.sound:
        case Spoken() | Recorded():
            words = step.sound.words
            clip = speech.clip(step.sound)
            if step.cut is not None:
                clip, words = cut_short(clip, words, step.cut)
        case Ringing():
            clip = _whole(ringing(step.sound))
        case Beep():
            clip = _whole(beep(step.sound))
        case HangUpTone():
            clip = _whole(hang_up_tone(step.sound))
        case Breath(duration_s):
            clip = _whole(telephone.breath(duration_s, rng))
        case Click():
            clip = _whole(telephone.click(rng))
    offset = max(end + round(step.gap_s * LINE_RATE_HZ), 0)
    start_s = offset / LINE_RATE_HZ
    return Placed(step, clip.samples, offset, start_s + clip.start_s, start_s + clip.end_s, words)


def _whole(samples: Signal) -> Clip:
    return Clip(samples, 0.0, len(samples) / LINE_RATE_HZ)


def cut_short(clip: Clip, words: str | None, cut: Cut) -> tuple[Clip, str | None]:
    """Break speech off at the softest or loudest moment near ``cut.at`` of it.

    A gap leaves whole words, and the clip then ends with the last of them. The words kept are
    reckoned by the share of the time.
    """
    frame = round(_FRAME_S * LINE_RATE_HZ)
    heard = telephone.band_limit(clip.samples)
    powers = np.mean(heard[: len(heard) // frame * frame].reshape(-1, frame) ** 2, axis=1)
    near = np.abs(np.arange(len(powers)) - cut.at * len(powers)) * _FRAME_S <= _CUT_SEARCH_S
    if cut.where == "word":
        last = int(np.argmax(np.where(near, powers, -np.inf)))
    else:
        softest = int(np.argmin(np.where(near, powers, np.inf)))
        floor = telephone.active_rms(heard) ** 2 * 10 ** (-_AUDIBLE_DB / 10)
        last = int(np.flatnonzero(powers[: softest + 1] > floor)[-1])
    end = (last + 1) * frame
    kept = Clip(clip.samples[:end], clip.start_s, end / LINE_RATE_HZ)
    if words is None:
        return kept, None
    share = (kept.end_s - clip.start_s) / (clip.end_s - clip.start_s)
    return kept, words[: _word_end(words, share)]


def _word_end(words: str, share: float) -> int:
    """The end of the word nearest to ``share`` of the letters, at least the first."""
    ends = [index for index, letter in enumerate(words) if letter == " "] + [len(words)]
    return min(ends, key=lambda end: abs(end - share * len(words)))


def _channels(
    plan: CallPlan, prospect: Signal, rep: Signal, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Mix or keep apart, add the line's noise, and turn down what would clip."""
    line = plan.line
    if line.stereo:
        leak = 0.0 if line.leak_db is None else 10 ** (line.leak_db / 20)
        sides = [prospect + leak * rep, rep + leak * prospect]
        if line.rep_channel == "left":
            sides.reverse()
    else:
        sides = [prospect + rep]
    loudness = 10 ** (line.noise_dbfs / 20)
    noisy = np.stack(
        [
            telephone.band_limit(side) + loudness * telephone.noise(line.noise, len(side), rng)
            for side in sides
        ]
    )
    return noisy * min(1.0, _MAX_PEAK / float(np.max(np.abs(noisy))))


def _truth(plan: CallPlan, placed: Sequence[Placed], duration_s: float) -> dict[str, Any]:
    line = plan.line
    message = next((piece for piece in placed if piece.step.kind == "message"), None)
    greeting = next((piece for piece in placed if piece.step.kind == "greeting"), None)
    voices = [piece.step.sound for piece in placed]
    speakers = {v.speaker for v in voices if isinstance(v, Spoken | Recorded)}
    return {
        "file": plan.name + SUFFIXES.get(line.codec, ".wav"),
        "part": plan.part,
        "case": plan.case,
        "outcomes": list(plan.outcomes),
        "duration_s": round(duration_s, 3),
        "message_start_s": round(message.start_s, 3) if message else None,
        "message_end_s": round(message.end_s, 3) if message else None,
        "message_words": message.words if message else None,
        "greeting_words": greeting.words if greeting else None,
        "spans": _spans(placed, duration_s),
        "beep": _beep_before(placed),
        "codec": line.codec,
        "snr_db": round(line.snr_db, 1),
        "noise": line.noise,
        "stereo": line.stereo,
        "rep_channel": line.rep_channel if line.stereo else None,
        "human": any(isinstance(voice, Recorded) for voice in voices),
        "speakers": sorted(speakers),
    }


def _spans(placed: Sequence[Placed], duration_s: float) -> list[dict[str, Any]]:
    """The spans in time order; one tail from the last other sound to the end."""
    spans = [_span(p.step.kind, p.start_s, p.end_s) for p in placed if p.step.kind != "tail"]
    last_s = max((span["end_s"] for span in spans), default=0.0)
    tail = _span("tail", last_s, duration_s)
    return [*spans, tail] if tail["end_s"] > last_s else spans


def _span(kind: SpanKind, start_s: float, end_s: float) -> dict[str, Any]:
    return {"kind": kind, "start_s": round(start_s, 3), "end_s": round(end_s, 3)}


def _beep_before(placed: Sequence[Placed]) -> dict[str, Any] | None:
    """The beep at which a message may begin: none of those that follow one."""
    for piece in placed:
        if piece.step.kind in ("message", "prospect"):
            return None
        if isinstance(piece.step.sound, Beep):
            sound = piece.step.sound
            duration_s = round(sound.duration_s, 3)
            return {"kind": sound.kind, "hz": list(sound.frequencies_hz), "duration_s": duration_s}
    return None


def write_calls(plans: Sequence[CallPlan], speech: Speech, out: Path) -> None:
    """Compose and encode the calls, and write ``truth.jsonl``."""
    out.mkdir(parents=True, exist_ok=True)
    lines = []
    for plan in plans:
        channels, truth = compose(plan, speech)
        telephone.encode(out / truth["file"], channels, telephone.FORMATS[plan.line.codec])
        lines.append(json.dumps(truth, ensure_ascii=False))
    (out / "truth.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compose call recordings with known truth.")
    parser.add_argument("--out", metavar="DIR", type=Path, default=CACHE / "composed-calls")
    parser.add_argument("--count", type=int, default=440, help="calls of both parts together")
    parser.add_argument("--part", choices=PARTS, help="only this part")
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--human", metavar="DIR", type=Path, default=HUMAN, help="with a manifest")
    parser.add_argument("--speak-only", action="store_true", help="synthesise, compose nothing")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and make what it asks for."""
    options = _parse(arguments)
    plans: list[CallPlan] = []
    speech = Speech(
        CACHE / "voices-utterances",
        lambda: Kokoro(CACHE / "voices", [voice for part in PARTS for voice in CALL_VOICES[part]]),
        options.human,
    )
    for part in PARTS if options.part is None else (options.part,):
        script = load_script(TEXTS, part, options.human)
        if options.speak_only:
            _speak(script, speech)
        plans += plan_calls(script, part, options.count // len(PARTS), options.seed)
    if not options.speak_only:
        write_calls(plans, speech, options.out)
        print(f"{len(plans)} calls in {options.out}")
    return 0


def _speak(script: Script, speech: Speech) -> None:
    clips = [speech.clip(spoken) for spoken in script.spoken()]
    print(f"{len(clips)} utterances, {sum(clip.end_s for clip in clips):.0f} s")


if __name__ == "__main__":
    sys.exit(main())
