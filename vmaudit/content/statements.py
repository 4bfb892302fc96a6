"""From digits with their words to the record of one saying: times, pace, groups, confidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from vmaudit.content.announcements import CONTEXT_CHARS, announces_number, disowns
from vmaudit.content.runs import Item
from vmaudit.content.tokens import Heard
from vmaudit.records import Statement, Word

__all__ = ["Message", "Said", "Spoken"]

GROUP_GAP_S = 0.15  # a silence that parts two groups of digits for a listener
MIN_DURATION_S = 0.02  # Whisper's step of time: less is no duration to take a pace over
WRITABLE_DIGITS_PER_S = 4.0  # practice: faster with no gaps, a number is rushed
WRITABLE_GROUP = 4  # digits that a listener keeps in mind until the gap

_PARTED = re.compile(r"[,;:!?]|\.\s|[a-z]", re.IGNORECASE)
_HESITATION = re.compile(r"\b(?:um+|uh+m?|er|ah|hm+)\b[,.]*\s*", re.IGNORECASE)

Spoken = Sequence[tuple[str, Item]]  # each digit with the item it was said in


@dataclass(frozen=True, slots=True)
class Said:
    """Digits as spoken; ``start`` is the offset in the text where they or what leads them begin.

    A leading 1, a trunk prefix and a country code lead a number and are no digits of it.
    """

    spoken: Spoken
    start: int

    @property
    def digits(self) -> str:
        """The digits alone."""
        return "".join(digit for digit, _ in self.spoken)

    @property
    def end(self) -> int:
        """Offset in the text where they end."""
        return max(item.end for _, item in self.spoken)

    @property
    def last_word(self) -> int:
        """Index of the word that ends them."""
        return max(item.last_word for _, item in self.spoken)


@dataclass(frozen=True, slots=True)
class Message:
    """The words of a message and the text they make."""

    words: Sequence[Word]
    heard: Heard

    def before(self, said: Said) -> str:
        """The words that led up to these digits, without hesitations."""
        text = self.heard.text[max(0, said.start - CONTEXT_CHARS) : said.start]
        return _HESITATION.sub("", text)

    def disowns(self, said: Said) -> bool:
        """Whether the words round these digits give them as no number to call."""
        after = self.heard.text[said.end : said.end + CONTEXT_CHARS]
        return disowns(self.before(said), after)

    def statement(
        self, said: Said, digits: str, *, complete: bool, of: str | None = None
    ) -> Statement:
        """The saying of these digits, which stands for the number ``digits``."""
        spoken = said.spoken
        first, last = min(item.first_word for _, item in spoken), said.last_word
        duration_s = self.words[last].end_s - self.words[first].start_s
        rate = len(spoken) / duration_s if duration_s >= MIN_DURATION_S else None
        ends = (0, *self.gaps(spoken), len(spoken))
        groups = [spoken[a:b] for a, b in pairwise(ends)]
        gaps_s = tuple(self._gap_s(a[-1][1], b[0][1]) for a, b in pairwise(groups))
        confidences = tuple(self._confidence(item) for _, item in spoken)
        return Statement(
            start_s=self.words[first].start_s,
            end_s=self.words[last].end_s,
            text=self.heard.between(first, last),
            digits=digits,
            digits_per_second=rate,
            confidence=min(confidences),
            digit_confidences=confidences,
            groups=tuple("".join(digit for digit, _ in group) for group in groups),
            group_gaps_s=gaps_s,
            announced=announces_number(self.before(said)),
            writable=self._writable(groups, gaps_s, rate),
            complete=complete,
            of=of,
        )

    def _confidence(self, item: Item) -> float:
        return min(w.confidence for w in self.words[item.first_word : item.last_word + 1])

    def _gap_s(self, before: Item, after: Item) -> float:
        """The silence between two items; 0.0 within one word, and where the order was turned."""
        gap_s = self.words[after.first_word].start_s - self.words[before.last_word].end_s
        return max(0.0, gap_s)

    def gaps(self, spoken: Spoken) -> tuple[int, ...]:
        """Where a listener hears a gap between digits, or the words show a comma or a phrase."""
        return tuple(
            index
            for index, ((_, before), (_, after)) in enumerate(pairwise(spoken), 1)
            if before is not after and self._parted(before, after)
        )

    def _parted(self, before: Item, after: Item) -> bool:
        between = self.heard.text[before.end : after.start]
        return self._gap_s(before, after) >= GROUP_GAP_S or _PARTED.search(between) is not None

    def _writable(
        self, groups: Sequence[Spoken], gaps_s: Sequence[float], rate: float | None
    ) -> bool | None:
        """Whether a listener can write it down: slow, or in short groups with silences between.

        None where one word holds more digits than that: its own gaps cannot be seen.
        """
        if rate is None or rate <= WRITABLE_DIGITS_PER_S:
            return None if rate is None else True
        breaths = [list(groups[0])]  # what is said between two silences
        for group, gap_s in zip(groups[1:], gaps_s, strict=True):
            if gap_s >= GROUP_GAP_S:
                breaths.append([])
            breaths[-1] += group
        long = [breath for breath in breaths if len(breath) > WRITABLE_GROUP]
        hidden = all(len({item.first_word for _, item in breath}) == 1 for breath in long)
        return not long if not long or not hidden else None
