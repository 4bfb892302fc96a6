"""The transcript as lines of words, with fillers and pauses where they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from vmaudit.records import Audit, Filler, Pause, Word, goes_on

LINE_S = 4.0  # a line breaks at the end of a sentence from here on
LONG_LINE_S = 10.0  # and at any pause from here on
SHOWN_PAUSE_S = 0.5  # shorter ones would crowd the text
NEAR_S = 0.3  # as far as a filled pause may sound from where it is written
UNSURE = 0.5  # as delivery's unsure_word_share has it

TokenKind = Literal["word", "filler", "lexical", "pause"]


@dataclass(frozen=True, slots=True)
class Token:
    """A word, or a pause between two; ``unsure``: the recogniser hardly believed it."""

    text: str
    start_s: float
    end_s: float
    kind: TokenKind = "word"
    unsure: bool = False

    @property
    def joined(self) -> bool:
        """Whether it goes on with the word before it."""
        return self.kind != "pause" and goes_on(self.text)


@dataclass(frozen=True, slots=True)
class Line:
    """Words said in one go."""

    start_s: float
    end_s: float
    tokens: tuple[Token, ...]


def transcript_lines(audit: Audit) -> list[Line]:
    """The words in time order; empty where none was heard."""
    if audit.transcript is None:
        return []
    delivery = audit.delivery
    tokens = _tokens(
        audit.transcript.words,
        delivery.fillers if delivery else (),
        delivery.lexical_fillers if delivery else (),
        [p for p in delivery.pauses if p.duration_s >= SHOWN_PAUSE_S] if delivery else [],
    )
    return list(_lines(tokens))


def _tokens(
    words: Sequence[Word],
    fillers: Sequence[Filler],
    lexical: Sequence[Filler],
    pauses: Sequence[Pause],
) -> list[Token]:
    tokens = [
        Token(
            word.text,
            word.start_s,
            word.end_s,
            _kind(word, fillers, lexical),
            word.confidence < UNSURE,
        )
        for word in words
    ]
    tokens += [
        Token(f"{pause.duration_s:.1f} s", pause.start_s, pause.end_s, "pause") for pause in pauses
    ]
    tokens += [
        Token(f"({filler.text})", filler.start_s, filler.end_s, "filler")
        for filler in fillers
        if filler.source == "acoustic"
    ]
    # Pauses are of the sound, words of the recogniser: by their middles they do not cross.
    return sorted(tokens, key=lambda token: token.start_s + token.end_s)


def _kind(word: Word, fillers: Iterable[Filler], lexical: Iterable[Filler]) -> TokenKind:
    middle_s = (word.start_s + word.end_s) / 2
    if any(_is_written_as(word, filler) for filler in fillers):
        return "filler"
    if any(filler.start_s <= middle_s <= filler.end_s for filler in lexical):
        return "lexical"
    return "word"


def _is_written_as(word: Word, filler: Filler) -> bool:
    """Whether the word is this filled pause, whose times may be the sound's."""
    near = word.start_s - NEAR_S <= filler.end_s and filler.start_s <= word.end_s + NEAR_S
    plain = "".join(filter(str.isalpha, word.text.lower()))
    return near and filler.source != "acoustic" and plain == filler.text


def _lines(tokens: Iterable[Token]) -> Iterator[Line]:
    line: list[Token] = []
    for token in tokens:
        if line and _breaks(line, token):
            yield Line(line[0].start_s, line[-1].end_s, tuple(line))
            line = []
        line.append(token)
    if line:
        yield Line(line[0].start_s, line[-1].end_s, tuple(line))


def _breaks(line: Sequence[Token], token: Token) -> bool:
    if token.kind == "pause" or token.joined:
        return False
    length_s = token.start_s - line[0].start_s
    spoken = [word for word in line if word.kind != "pause"]
    sentence = bool(spoken) and spoken[-1].text.endswith((".", "?", "!"))
    if sentence:
        return length_s >= LINE_S
    return line[-1].kind == "pause" and length_s >= LONG_LINE_S
