"""Lexical fillers and disfluencies against sentences that were marked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wordings import position, precision_and_recall, sentences

from vmaudit.delivery.disfluencies import disfluencies
from vmaudit.delivery.lexical import lexical_fillers
from vmaudit.delivery.tokens import word_set
from vmaudit.records import Word


# The figures that docs/delivery.md gives: precision and recall.
@pytest.mark.parametrize(("part", "figures"), [("rules", (1.0, 1.0)), ("held out", (0.943, 0.962))])
def test_lexical_fillers_are_told_from_meaning(part: str, figures: tuple[float, float]) -> None:
    pairs: list[tuple[set[object], set[object]]] = [
        (
            {position(one) for one in lexical_fillers(sentence.words)},
            {(first, last) for first, last, _ in sentence.marked},
        )
        for sentence in sentences("lexical-fillers", part)
    ]
    assert precision_and_recall(pairs) == pytest.approx(figures, abs=5e-4)


@pytest.mark.parametrize(
    ("part", "figures"), [("rules", (1.0, 0.944)), ("held out", (0.857, 0.923))]
)
def test_disfluencies_are_told_from_emphasis_and_grammar(
    part: str, figures: tuple[float, float]
) -> None:
    pairs: list[tuple[set[object], set[object]]] = [
        (
            {(*position(one), one.kind) for one in disfluencies(sentence.words)},
            set(sentence.marked),
        )
        for sentence in sentences("disfluencies", part)
    ]
    assert precision_and_recall(pairs) == pytest.approx(figures, abs=5e-4)


def test_the_lists_hold_both_uses() -> None:
    for name, least in (("lexical-fillers", 150), ("disfluencies", 80)):
        both = sentences(name, "rules") + sentences(name, "held out")
        assert len({one.text for one in both}) == len(both) >= least
        assert least / 4 < sum(bool(one.marked) for one in both) < 3 * least / 4


def test_a_filler_says_where_it_is_and_how_sure_its_words_are() -> None:
    words = [
        Word("You", 1.0, 1.2, 0.9),
        Word("know,", 1.2, 1.5, 0.6),
        Word("call", 1.6, 1.9, 0.8),
    ]
    (found,) = lexical_fillers(words)
    assert (found.text, found.source, found.probability) == ("you know", "transcript", 0.6)
    assert (found.start_s, found.end_s) == (1.0, 1.5)


PIECES = sorted(word_set("I, I the the. um, you know, like so loo- we had we've - 555 ' Well"))


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=14))
def test_any_words_give_ordered_disjoint_finds(texts: list[str]) -> None:
    words = [Word(text, float(k), k + 1.0, 0.5) for k, text in enumerate(texts)]
    for found in (lexical_fillers(words), disfluencies(words)):
        edges = [edge for one in found for edge in (one.start_s, one.end_s)]
        assert edges == sorted(edges)
        assert all(one.text for one in found)
