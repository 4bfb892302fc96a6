"""Telephone numbers from sound: heard once, heard twice, and by a peer the plain way.

    python tools/compose_numbers.py people; python tools/compose_numbers.py voices
    python benchmarks/number_audio.py [--sets people voices] [--part testing] [--peer-model FOLDER]

``allison_phone_composed``, people's digits put together, and synthetic voices over telephone
codecs. ``once`` reads the words as first heard, ``twice`` what the audit made of them with a
second hearing of the digits in doubt. The plain way is faster-whisper's text and the number
matcher of ``phonenumbers``. ``speechocean762`` holds short strings of digits by learners, most
of them children; there is no number in them, so each is heard again as a whole.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import phonenumbers
from common import DIGITS, HUMAN, ROOT, auditor_for, human_rows, report
from peers import faster_whisper_settings

from vmaudit.asr import Passage, load_transcriber
from vmaudit.audio import decode
from vmaudit.config import AudioOptions, Config, RecordingOptions
from vmaudit.content import find_callback, numbering_plan
from vmaudit.content.hearings import vote
from vmaudit.pipeline import Audited, Auditor
from vmaudit.recordings import scan
from vmaudit.records import (
    SAMPLE_RATE_HZ,
    Callback,
    DigitStretch,
    Failure,
    Interval,
    Statement,
)
from vmaudit.speech import VoiceActivity
from vmaudit.timing import collect

SPOKEN = "allison_phone_composed"
STRINGS = "speechocean762"
COMPOSED = ("people", "voices")
TIME_TOLERANCE_S = 0.2
PEER = "faster-whisper int8, batched"
OTHER_DIGIT = str.maketrans("0123456789", "1234567890")


@dataclass(frozen=True, slots=True)
class Truth:
    """What is said in one message, in order; ``times_s`` of each saying where they are known."""

    path: Path
    numbers: tuple[str, ...]
    times_s: tuple[tuple[float, float], ...] = ()

    @property
    def repeated(self) -> bool:
        """Whether one number is said twice."""
        return len(set(self.numbers)) < len(self.numbers)


def main() -> None:
    """Audit every set, and print what was right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="+", default=[SPOKEN, STRINGS, *COMPOSED])
    parser.add_argument("--part", default="testing")
    parser.add_argument("--limit", type=int, help="messages of each set")
    parser.add_argument("--model", default="base")
    parser.add_argument("--peer-model", help="the plain way too, with this model")
    options = parser.parse_args()
    kind = "" if options.part == "testing" else f"-{options.part}"
    for name in options.sets:
        found: dict[str, Any]
        if name == STRINGS:
            found = strings(options.model, options.limit)
        else:
            truths = list(truths_of(name, options.part))[: options.limit]
            found = measure(truths, folder_of(name), options)
        lines = [f"{name}, model {options.model}", *(f"  {k}: {v}" for k, v in found.items())]
        report(f"number-audio-{name}{kind}", lines, {"model": options.model, **found})


def folder_of(name: str) -> Path:
    """Where the recordings of a set lie."""
    return ROOT / ".cache" / f"numbers-{name}" if name in COMPOSED else HUMAN / name


def truths_of(name: str, part: str) -> Iterator[Truth]:
    """The messages of a set."""
    folder = folder_of(name)
    if name in COMPOSED:
        for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["part"] == part:
                times_s = tuple((a, b) for a, b in row.get("times_s", ()))
                yield Truth(folder / row["file"], tuple(row["numbers"]), times_s)
        return
    for row in human_rows(name):
        words = json.loads((HUMAN / row["word_times"]).read_text(encoding="utf-8"))["words"]
        digits = [word for word in words if word["word"] in DIGITS]
        yield Truth(
            HUMAN / row["path"], (row["digits"],), ((digits[0]["start"], digits[-1]["end"]),)
        )


def measure(
    truths: Sequence[Truth], folder: Path, options: argparse.Namespace
) -> dict[str, dict[str, str] | str]:
    """What hearing once, hearing twice and the plain way make of the messages."""
    with collect() as times:
        audited = audits_of(truths, folder, auditor_for(options.model))
    cpu_s = {name: one.cpu_s for name, one in times.totals().items()}
    once = {path: _callback(one) for path, one in audited.items()}
    twice = {path: one.audit.callback for path, one in audited.items()}
    found: dict[str, dict[str, str] | str] = {
        "once": judged(truths, once),
        "twice": judged(truths, twice),
        "heard again": _share(sum(bool(a.heard.digit_readings) for a in audited.values()), truths),
        "slow-down of transcription": f"{100 * _slow_down(cpu_s):.1f} %",
    }
    if options.peer_model:
        plain = plainly_read(truths, faster_whisper_settings(options.peer_model)[PEER])
        found["plain"] = {
            "exact": _share(sum(plain[t.path] == list(t.numbers) for t in truths), truths),
            "repeated or not": _share(
                sum((len(set(plain[t.path])) < len(plain[t.path])) == t.repeated for t in truths),
                truths,
            ),
        }
    for truth in truths:
        heard = _said(twice.get(truth.path))
        if heard != list(truth.numbers):
            print(truth.path.name, "said", *truth.numbers, "heard", *heard, flush=True)
    return found


def audits_of(truths: Sequence[Truth], folder: Path, auditor: Auditor) -> dict[Path, Audited]:
    """The audits by path; failures are printed."""
    wanted = {truth.path for truth in truths}
    recordings = [r for r in scan(folder, RecordingOptions()).recordings if r.path in wanted]
    found = {}
    for batch in auditor.audit(recordings):
        for result in batch:
            if isinstance(result, Failure):
                print("failed:", result.path, result.reason)
            else:
                found[result.recording.path] = result
    return found


def judged(truths: Sequence[Truth], found: Mapping[Path, Callback | None]) -> dict[str, str]:
    """How many messages are right in each respect."""
    right: Counter[str] = Counter()
    timed = 0
    for truth in truths:
        callback = found.get(truth.path)
        numbers = _said(callback)
        right["exact"] += numbers == list(truth.numbers)
        right["repeated or not"] += bool(callback and callback.repeated) == truth.repeated
        # The rep's own number is the first said; then one that differs in a digit of it.
        own = truth.numbers[0]
        other = own[:-1] + own[-1].translate(OTHER_DIGIT)
        right["mismatch found"] += bool(numbers) and other not in numbers
        right["false mismatch"] += bool(numbers) and own not in numbers
        if truth.times_s and numbers == list(truth.numbers):
            timed += 1
            right["times"] += _in_time(_statements(callback), truth.times_s)
    questions = ("exact", "repeated or not", "mismatch found", "false mismatch")
    shares = {name: _share(right[name], truths) for name in questions}
    if timed:
        shares[f"within {TIME_TOLERANCE_S} s"] = f"{right['times']} of {timed}"
    return shares


def plainly_read(
    truths: Sequence[Truth], transcribe: Callable[[Path], tuple[str, Any]]
) -> dict[Path, list[str]]:
    """Numbers that the matcher of ``phonenumbers`` finds in a peer's text, in order."""
    return {
        truth.path: [
            str(match.number.national_number)
            for match in phonenumbers.PhoneNumberMatcher(
                transcribe(truth.path)[0], "US", leniency=phonenumbers.Leniency.POSSIBLE
            )
        ]
        for truth in truths
    }


def strings(model: str, limit: int | None) -> dict[str, str]:
    """Short strings of digits: the transcript's, a second hearing of the whole, and the vote."""
    config = Config.model_validate({"asr": {"model": model}})
    transcriber, activity = load_transcriber(config.asr), VoiceActivity(config.speech)
    rows = {row["path"]: row["digits"] for row in human_rows(STRINGS)[:limit]}
    asked = {}
    for path in rows:
        samples = decode(HUMAN / path, AudioOptions()).samples
        speech = tuple(activity.detect(samples))
        bounds = Interval(0.0, len(samples) / SAMPLE_RATE_HZ)
        whole = DigitStretch(speech[0].start_s, speech[-1].end_s, "", (), "", speech[0].start_s)
        asked[path] = Passage(path, samples, speech, bounds), whole
    once, sounded, twice, voted = {}, {}, {}, {}
    for passage, said in transcriber.transcribe(passage for passage, _ in asked.values()):
        if isinstance(said, Exception):
            raise said
        path, whole = passage.id, asked[passage.id][1]
        readings = transcriber.spell(passage, whole)
        once[path] = _digits(said.text)
        sureness = (said.confidence or 0.0,) * len(once[path])
        place = replace(whole, digits=once[path], confidences=sureness, sounds=said.digit_sounds)
        sounded[path], twice[path] = place.sounded, readings[0].digits
        voted[path] = vote(place, readings, numbering_plan(config.content.region)).digits
    return {
        name: _share(sum(found[path] == digits for path, digits in rows.items()), rows)
        for name, found in (
            ("once", once),
            ("by sound", sounded),
            ("twice", twice),
            ("voted", voted),
        )
    }


def _callback(audited: Audited) -> Callback:
    """What would have been read without a second hearing."""
    return find_callback(audited.heard.transcript.words, direct_number=None)


def _statements(callback: Callback | None) -> list[Statement]:
    """Every whole saying, in the order heard."""
    if callback is None:
        return []
    said = [one for number in callback.numbers for one in number.statements]
    return sorted(said, key=lambda one: one.start_s)


def _said(callback: Callback | None) -> list[str]:
    return [one.digits for one in _statements(callback)]


def _in_time(found: Sequence[Statement], times_s: Sequence[tuple[float, float]]) -> bool:
    return all(
        max(abs(one.start_s - start_s), abs(one.end_s - end_s)) <= TIME_TOLERANCE_S
        for one, (start_s, end_s) in zip(found, times_s, strict=True)
    )


def _digits(text: str) -> str:
    """Every digit of a text, written as a numeral or a word."""
    words = re.findall("[a-z]+|[0-9]", text.lower())
    return "".join(DIGITS.get(word, word if word.isdigit() else "") for word in words)


def _slow_down(cpu_s: Mapping[str, float]) -> float:
    again_s = cpu_s.get("transcribe/spell", 0.0)
    return again_s / max(cpu_s.get("transcribe", 0.0) - again_s, 1e-9)


def _share(count: int, of: Collection[Any]) -> str:
    return f"{count} of {len(of)} ({100 * count / max(len(of), 1):.1f} %)"


if __name__ == "__main__":
    main()
