"""How far the rules for signals agree with the labels of the training messages.

    python benchmarks/signals.py

Rules were made on the authors' parts a to f, and their totals on g to j were looked at meanwhile;
what they are worth is to be read from parts k to v. The precision over all parts is what
``find_signals`` multiplies its probabilities by. Written words are spread evenly in time, with one
confidence. Those of parts a to f that were spoken are measured as heard by the recogniser as well,
beside the same messages as written.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from common import ROOT, report

from vmaudit.content import SIGNALS, SignalContext, find_callback, find_signals
from vmaudit.records import Word

sys.path.insert(0, str(ROOT / "tools"))
import training_data

TUNED, LOOKED_AT, HELD_OUT = "abcdef", "ghij", "klmnopqrstuv"
WORD_S, GAP_S = 0.3, 0.05

Row = dict[str, Any]
Spoken = Sequence[tuple[Row, Sequence[Word]]]


def main() -> None:
    """Print and keep precision, recall and F1 of each signal."""
    rows = messages()
    heard = as_heard(rows)
    found = {
        "tuned": scores(as_written(rows, TUNED, str)),
        "held_out": scores(as_written(rows, HELD_OUT, str)),
        "held_out_bare": scores(as_written(rows, HELD_OUT, bare)),
        "heard": scores(heard),
        "heard_as_written": scores([(row, spread(row["text"])) for row, _ in heard]),
        "all": scores(as_written(rows, TUNED + LOOKED_AT + HELD_OUT, str)),
    }
    figures = {
        "data": "models/training, labels by a language model; parts a to f tuned, k to v held out",
        "messages_heard": len(heard),
        "ms_per_200_words": round(cost_ms(rows), 2),
        **found,
    }
    report("signals", table(found, figures["ms_per_200_words"]), figures)


def messages() -> list[Row]:
    """The training messages with their labels."""
    return training_data.read(training_data.TRAINING / "messages.jsonl")


def as_written(rows: Iterable[Row], parts: str, write: Callable[[str], str]) -> Spoken:
    """The messages of these parts, their text rewritten."""
    return [(row, spread(write(row["text"]))) for row in rows if row["id"][0] in parts]


def as_heard(rows: Iterable[Row]) -> Spoken:
    """The messages that were spoken and could be judged, in the recogniser's words."""
    by_id = {row["id"]: row for row in rows}
    pairs = [(one["made"]["id"], training_data.heard(one)) for one in training_data.heard_rows()]
    return [(by_id[key], message.words) for key, message in pairs if message is not None]


def scores(spoken: Spoken) -> dict[str, Any]:
    """Precision, recall and F1 of each signal over these messages."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in SIGNALS}
    for row, words in spoken:
        found, wanted = find_signals(words, context_of(row, words)), labelled(row)
        for name, count in counts.items():
            count["right"] += name in found and name in wanted
            count["found"] += name in found
            count["wanted"] += name in wanted
    return {name: rates(count) for name, count in counts.items()}


def rates(count: Counter[str]) -> dict[str, float]:
    """What the counts come to; 0.0 where there is nothing to divide by."""
    right, found, wanted = count["right"], count["found"], count["wanted"]
    return {
        "labelled": wanted,
        "precision": round(right / max(found, 1), 3),
        "recall": round(right / max(wanted, 1), 3),
        "f1": round(2 * right / max(found + wanted, 1), 3),
    }


def labelled(row: Row) -> set[str]:
    """The labels, with the one that follows from the others: named, but not early."""
    wanted = set(row["signals"])
    if wanted & {"names_self", "names_company"} and "identified_early" not in wanted:
        wanted.add("identified_late")
    return wanted


def spread(text: str) -> list[Word]:
    """The words at an even pace."""
    step_s = WORD_S + GAP_S
    return [Word(w, k * step_s, k * step_s + WORD_S, 1.0) for k, w in enumerate(text.split())]


def bare(text: str) -> str:
    """The text without capitals and punctuation."""
    return re.sub(r"[^\w\s'$%]", " ", text.lower().replace("-", " "))


def context_of(row: Row, words: Sequence[Word]) -> SignalContext:
    """What the lead's record says, and the numbers that are found."""
    return SignalContext(
        prospect=row["lead"]["prospect"],
        interest=row["lead"]["interest"],
        numbers=find_callback(words, direct_number=None).statement_times,
    )


def cost_ms(rows: Iterable[Row]) -> float:
    """Processor time of the search for signals alone."""
    spoken = [(words, context_of(row, words)) for row in rows for words in [spread(row["text"])]]
    start = time.process_time()
    for words, context in spoken:
        find_signals(words, context)
    spent_ms = 1e3 * (time.process_time() - start)
    return 200 * spent_ms / sum(len(words) for words, _ in spoken)


def table(found: dict[str, dict[str, Any]], cost: float) -> Iterator[str]:
    """One row per signal, as docs/signals.md has them."""
    yield (
        "| signal | labelled | precision | recall | F1 | bare text | where tuned "
        "| spoken ones, written | the same, heard |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    parts = ("held_out_bare", "tuned", "heard_as_written", "heard")
    for name, one in found["held_out"].items():
        others = (found[part][name]["f1"] for part in parts)
        cells = (one["precision"], one["recall"], one["f1"], *others)
        numbers = " | ".join(f"{cell:.2f}" for cell in cells)
        yield f"| `{name}` | {one['labelled']} | {numbers} |"
    yield f"{cost:.1f} ms per 200 words"


if __name__ == "__main__":
    main()
