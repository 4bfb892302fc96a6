"""How good the scorer is, on voices and styles that it has not learnt from.

    python benchmarks/scoring.py

Grouped cross-validation over the training messages: the fold's voices, with all styles they
speak, and the fold's styles that nobody spoke are in nothing that is learnt from. Messages as the
recogniser heard them and those that were only written are told apart. Then near twins, other
names, and the cost.
"""

from __future__ import annotations

import dataclasses
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from common import ROOT, report

sys.path.insert(0, str(ROOT / "tools"))
import training_data

from vmaudit.content import SignalContext, find_signals
from vmaudit.scoring import Judge, Message, load_rubric, shipped_examples, shipped_scorer
from vmaudit.scoring.evaluation import Measures, cross_validated, measure
from vmaudit.scoring.examples import Example
from vmaudit.scoring.heads import Levels
from vmaudit.scoring.inputs import HeadName
from vmaudit.scoring.wording import read_wording

HEADS: tuple[HeadName, ...] = ("value", "clarity", "callback")
FOLDS = 12
YES = 0.5
EDGES = '.,;:!?"()'
LETTERS = re.compile(r"[^\W\d_]+")
Given = Mapping[str, Mapping[HeadName, Levels]]


def quality(examples: Sequence[Example]) -> tuple[dict[str, dict[str, Measures]], list[str]]:
    """The heads, and near twins, on messages as heard and on those that were only written."""
    given = cross_validated(examples, folds=FOLDS)
    parts = {
        "heard": [example for example in examples if "callback" in example.levels],
        "written": [example for example in examples if "callback" not in example.levels],
    }
    measured: dict[str, dict[str, Measures]] = {}
    lines: list[str] = []
    for part, chosen in parts.items():
        measured[part] = {
            name: _measured(name, chosen, given)
            for name in HEADS
            if all(name in example.levels for example in chosen)
        }
        groups = {example.group for example in chosen}
        lines += [f"{len(chosen)} messages as {part}, {len(groups)} voices or styles"]
        lines += [*table(measured[part]), _twins({one.id: given[one.id] for one in chosen})]
    return measured, lines


def table(found: Mapping[str, Measures]) -> Iterator[str]:
    """One row per head, in Markdown."""
    yield "| | messages | accuracy | quadratic kappa | Brier | calibration error |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, one in found.items():
        low, high = one.accuracy_interval
        kappa_low, kappa_high = one.kappa_interval
        yield (
            f"| {name} | {one.count} | {one.accuracy:.3f} ({low:.3f} to {high:.3f}) | "
            f"{one.kappa:.3f} ({kappa_low:.3f} to {kappa_high:.3f}) | {one.brier:.3f} | "
            f"{one.calibration_error:.3f} |"
        )
    for name, one in found.items():
        rows = "; ".join(" ".join(map(str, row)) for row in one.confusion)
        yield f"{name}, labelled 0 to 3 by given 0 to 3: {rows}"


def _measured(name: HeadName, examples: Sequence[Example], given: Given) -> Measures:
    return measure(
        name,
        [given[one.id][name] for one in examples],
        [one.levels[name] for one in examples],
        [one.group for one in examples],
    )


def _twins(given: Given) -> str:
    rows = training_data.read(training_data.TRAINING / "messages.jsonl")
    pairs = [(a, b) for a, b in training_data.twins(rows) if a in given and b in given]
    lower = sum(given[a]["value"].mean > given[b]["value"].mean for a, b in pairs)
    return f"near twins: the one with less value scores lower in {lower} of {len(pairs)}"


def other_names(rows: Sequence[Mapping[str, Any]]) -> str:
    """How many decisions change when every name becomes another one, in words and lead alike."""
    judge = Judge(shipped_scorer(), load_rubric())
    messages = [one for row in rows if (one := training_data.heard(row)) is not None]
    names = sorted(_names(messages))
    rng = np.random.default_rng(0)
    changed = total = 0
    for message in messages:
        other = dict(zip(names, rng.permutation(names).tolist(), strict=True))
        before, after = judge.score(message).scores, judge.score(_renamed(message, other)).scores
        for name in ("value", "clarity"):
            was, now = getattr(before, name).probability, getattr(after, name).probability
            changed += (was >= YES) is not (now >= YES)
            total += 1
    return f"other names: {changed} of {total} decisions change"


def _names(messages: Sequence[Message]) -> set[str]:
    """Words that are written with a capital inside sentences, and nowhere without."""
    plain = {word.text.strip(EDGES) for message in messages for word in message.words}
    named = set()
    for message in messages:
        for token in read_wording(message.words):
            if token.text == "NAME":
                words = message.words[token.first : token.last + 1]
                named |= {word.text.strip(EDGES) for word in words}
    return {name for name in named if name.isalpha() and name.lower() not in plain}


def _renamed(message: Message, other: Mapping[str, str]) -> Message:
    def rename(text: str) -> str:
        return LETTERS.sub(lambda found: other.get(found[0], found[0]), text)

    words = tuple(dataclasses.replace(word, text=rename(word.text)) for word in message.words)
    prospect = rename(message.prospect) if message.prospect else None
    context = SignalContext(
        prospect=prospect,
        interest=message.interest,
        numbers=message.callback.statement_times,
    )
    signals = find_signals(words, context)
    return dataclasses.replace(message, words=words, prospect=prospect, signals=signals)


def cost(rows: Sequence[Mapping[str, Any]]) -> str:
    """Milliseconds a message, on one core."""
    judge = Judge(shipped_scorer(), load_rubric())
    messages = [one for row in rows if (one := training_data.heard(row)) is not None]
    for message in messages[:5]:
        judge.score(message)
    started_s = time.perf_counter()
    for message in messages:
        judge.score(message)
    each_ms = 1000 * (time.perf_counter() - started_s) / len(messages)
    audio_s = sum(row["audit"]["audio"]["duration_s"] for row in rows) / len(rows)
    return f"scoring costs {each_ms:.1f} ms a message of {audio_s:.1f} s on average"


def main() -> None:
    """Measure, print and keep."""
    rows = training_data.heard_rows()
    measured, lines = quality(shipped_examples())
    lines += [other_names(rows), cost(rows)]
    values = {
        part: {name: dataclasses.asdict(one) for name, one in heads.items()}
        for part, heads in measured.items()
    }
    report("scoring", lines, values)


if __name__ == "__main__":
    main()
