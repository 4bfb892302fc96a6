"""What a voicemail says beside its number."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vmaudit.content import SIGNALS, SignalContext, find_signals
from vmaudit.content.signals.matching import likeness, run_together
from vmaudit.content.signals.weighing import Sense, Weighing
from vmaudit.content.signals.wording import Wording, behind
from vmaudit.records import Interval, Signal, Word

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
MEASURED = ROOT / "benchmarks" / "results" / "signals.json"
STEP_S, WORD_S = 0.35, 0.3
NOBODY = SignalContext()


def words_of(text: str, confidence: float = 0.9) -> list[Word]:
    return [
        Word(one, index * STEP_S, index * STEP_S + WORD_S, confidence)
        for index, one in enumerate(text.split())
    ]


def heard(text: str, context: SignalContext = NOBODY) -> dict[str, Signal]:
    return find_signals(words_of(text), context)


SAID = [
    ("direct_line", "My direct line is 240-555-0142."),
    ("direct_line", "That's my own cell, two four oh."),
    ("direct_line", "You can reach me directly at 240-555-0142."),
    ("direct_line", "this one comes straight to my desk"),
    ("text_invited", "Call or text me any time."),
    ("text_invited", "Or just shoot me a text."),
    ("text_invited", "Texting is fine too."),
    ("asks_callback", "Give me a call when you get a minute."),
    ("asks_callback", "please call 240-555-0142"),
    ("asks_callback", "If you have questions, ask for Dana."),
    ("will_call_again", "I'll try you again tomorrow."),
    ("will_call_again", "I will follow up with you on Thursday."),
    ("will_call_again", "I'll send the sheet tonight, and call you Friday."),
    ("will_call_again", "If I don't hear from you, I'll call on Friday."),
    ("email_mentioned", "I'll send that over by e-mail."),
    ("email_mentioned", "It should be in your inbox"),
    ("names_prospect", "Hi Morgan, this is Lee."),
    ("names_prospect", "Good morning, Mr. Abara. My name is Lee."),
    ("names_self", "Hi, this is Lee Brandt with Quay Motors."),
    ("names_self", "Hello there. Lee Brandt here."),
    ("names_self", "Morgan, Lee Brandt, Quay Motors. It came in."),
    ("names_company", "Hi, this is Lee Brandt with Quay Motors."),
    ("names_company", "Morgan, Lee Brandt, Quay Motors. It came in."),
    ("names_company", "hi this is lee from quay motors about the truck"),
    ("names_company", "This is Lee with First Harbor. I have news."),
    ("names_company", "Lee Brandt, service advisor, Quay Motors — it came in."),
    ("identified_early", "Hi, it's Lee from Quay Motors."),
    (
        "identified_late",
        "Hey, so I was out on the lot today, and I saw the blue one, and I thought that I should "
        "tell you. Anyway, this is Lee Brandt at Quay Motors.",
    ),
    ("concrete_reason", "The part you asked about came in this morning."),
    ("concrete_reason", "There is a $500 rebate until Friday."),
    ("urgency", "The offer ends on Friday."),
    ("urgency", "First come, first served."),
    ("just_checking_in", "I'm just checking in to see how things are going."),
    ("just_checking_in", "Just touching base."),
    ("just_checking_in", "I wanted to follow up with you."),
    ("still_in_market", "Are you still in the market for a truck?"),
    ("still_in_market", "I wondered if you're still looking."),
    ("boasting", "We're the number one dealer in the state."),
    ("boasting", "our award-winning service team"),
    ("boasting", "We have 99.6% customer satisfaction."),
    ("sensitive_detail", "The estimate comes to $2,450."),
    ("sensitive_detail", "Your account is past due."),
    ("apology", "Sorry to bother you."),
    ("apology", "My apologies for the delay."),
    ("pressure", "Call me today, tomorrow's too late."),
    ("courtesy", "Thank you so much."),
    ("courtesy", "This is all I have for now, so have a wonderful weekend."),
    ("one_ask", "Give me a call at 240-555-0142."),
    (
        "many_asks",
        "Stop by, fill out the form, tell me your size, and bring your title, or call me.",
    ),
]

NOT_SAID = [
    ("direct_line", "You've got my cell."),
    ("direct_line", "I'd like to give you direct advice."),
    ("text_invited", "I'll text you the address."),
    ("text_invited", "Don't text this number."),
    ("text_invited", "Unregistered text messages get blocked."),
    ("asks_callback", "You don't have to call me back."),
    ("asks_callback", "No need to call. I'll call you."),
    ("asks_callback", "It was just a quick call."),
    ("will_call_again", "You can call again tomorrow."),
    ("will_call_again", "I won't call again."),
    ("email_mentioned", "I put the letter in the mail."),
    ("names_prospect", "Hi, this is Lee Brandt with Quay Motors."),
    ("names_self", "Hi Morgan, your part came in."),
    ("names_self", "It's Friday. I'm sorry."),
    ("names_company", "Hi Morgan, this is Lee."),
    ("identified_late", "Hi, it's Lee from Quay Motors."),
    ("identified_early", "Your part came in."),
    ("concrete_reason", "We'd love to earn your business."),
    ("urgency", "I'm at my desk until five."),
    ("urgency", "There is no hurry at all."),
    ("urgency", "It's nothing urgent."),
    ("just_checking_in", "I'm not just checking in."),
    ("just_checking_in", "I'm not, um, checking in."),
    ("just_checking_in", "You can check in at the front desk."),
    ("just_checking_in", "I'll follow up on Thursday."),
    ("still_in_market", "It is still under warranty."),
    ("boasting", "You're number one on the list."),
    ("sensitive_detail", "It is free until Friday."),
    ("apology", "I'm not sorry."),
    ("pressure", "Call me when it suits you."),
    ("courtesy", "Call me at 240-555-0142."),
    ("one_ask", "I have nothing to ask."),
    ("many_asks", "Call or text me."),
    ("many_asks", "Give me a call, or come by the shop."),
]
SAID += [
    ("names_self", "hello it's lee over at quay motors about your truck"),
    ("names_self", "my name is lee and i have your part"),
    ("names_self", "lee brandt here with some news"),
    ("names_company", "good morning lee brandt from quay motors"),
    ("concrete_reason", "The county waives the fee if you apply before March first."),
    ("concrete_reason", "You asked about the lift, and I measured it: it fits."),
    ("urgency", "They need your form by the, f-fourteenth."),
    ("urgency", "There are two left, and somebody else is asking."),
    ("urgency", "The old line goes dark on Friday."),
    ("just_checking_in", "I was thinking of you, so I thought I'd say hello."),
    ("just_checking_in", "I haven't called you in a good while, and that's all I had."),
    ("still_in_market", "Are you still on the lookout for a van?"),
    ("boasting", "We've been in business for sixty years."),
    ("boasting", "We serve more than nine thousand families."),
    ("boasting", "Nobody beats us, and we pride ourselves on that."),
    ("boasting", "All our customers love us."),
    ("sensitive_detail", "That would be nine hundred and fifty, all told."),
    ("sensitive_detail", "The fare is two thousand one hundred."),
    ("sensitive_detail", "It's three hundred a month."),
    ("sensitive_detail", "It is about your surgery."),
    ("sensitive_detail", "I'd rather not leave this on your machine."),
    ("pressure", "I need an answer now, so call me today."),
    ("pressure", "Go, go, go."),
    ("will_call_again", "I'm going to try you back on Monday."),
    ("will_call_again", "My colleague will give you another call."),
    ("many_asks", "Bring the form, or e-mail me, or stop by, and also: are you moving?"),
]
NOT_SAID += [
    ("names_self", "it's cold and i'm calling from home"),
    ("names_self", "this is about your truck"),
    ("concrete_reason", "We've got great deals, and we'd love to talk about everything."),
    ("concrete_reason", "Nothing new, just touching base on Tuesday."),
    ("urgency", "The shop has been here since the spring."),
    ("urgency", "You can reach me until six."),
    ("just_checking_in", "Just following up: the part you asked about came in on Monday."),
    ("just_checking_in", "Just calling to see if you had any questions."),
    ("boasting", "The best time to reach the office is nine."),
    ("boasting", "My number, one eight hundred."),
    ("boasting", "I found you a better rate."),
    ("sensitive_detail", "It takes three hundred off the price."),
    ("sensitive_detail", "There are up to two hundred homes on the list."),
    ("pressure", "I'll call you back today."),
    ("pressure", "Call me, call me back when you like."),
    ("pressure", "Call me today if you'd like, no rush."),
    ("will_call_again", "I said, I called on Monday."),
]


@pytest.mark.parametrize(("name", "text"), SAID)
def test_what_is_said_is_found(name: str, text: str) -> None:
    found = heard(text)
    assert name in found
    assert all(one.text in text for one in found[name].evidence)


@pytest.mark.parametrize(("name", "text"), NOT_SAID)
def test_what_is_not_said_is_not_found(name: str, text: str) -> None:
    assert name not in heard(text)


def test_every_signal_has_sentences_for_and_against_it() -> None:
    assert {name for name, _ in SAID} == set(SIGNALS) - {"mentions_interest"}
    assert {name for name, _ in NOT_SAID} == set(SIGNALS) - {"mentions_interest"}


WEIGHING = Weighing(
    3, (Sense.of(2, "sun"), Sense.of(1, "wind"), Sense.of(-2, "rain")), void=behind("no more")
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sun and wind", ["sun", "wind"]),
        ("sun", []),
        ("wind wind wind wind", []),  # one sense alone counts twice at the most
        ("sun sun rain", []),
        ("sun sun wind rain", ["sun", "sun", "wind"]),
        ("sun, no more wind", []),
    ],
)
def test_what_speaks_for_a_signal_and_against_it_is_counted(text: str, told: list[str]) -> None:
    wording = Wording.of(words_of(text))
    assert sorted(map(wording.between, WEIGHING.find(wording))) == told


def test_evidence_is_as_heard_with_its_times() -> None:
    (evidence,) = heard("Well, call my, um, direct line: 240-555-0142.")["direct_line"].evidence
    assert evidence.text == "my, um, direct line:"
    assert evidence.start_s == pytest.approx(2 * STEP_S)
    assert evidence.end_s == pytest.approx(5 * STEP_S + WORD_S)


def test_a_probability_follows_from_how_well_the_words_were_heard() -> None:
    sure, unsure = (
        find_signals(words_of("My direct line.", confidence), NOBODY)["direct_line"].probability
        for confidence in (1.0, 0.5)
    )
    assert 0.5 < sure <= 1.0
    assert unsure == pytest.approx(sure / 2)


def test_signals_come_in_the_order_of_the_registry() -> None:
    found = heard("Hi Morgan, this is Lee with Quay Motors. Sorry, call or text me. Thank you.")
    assert list(found) == [name for name in SIGNALS if name in found]
    assert len(found) > 6


def test_a_number_alone_asks_for_a_call_unless_it_is_for_texts() -> None:
    stated = SignalContext(numbers=(Interval(1.0, 1.3),))
    assert "asks_callback" in heard("The part is in. 240-555-0142.", stated)
    assert "asks_callback" not in heard("Text me yes at 240-555-0142.", stated)


@pytest.mark.parametrize("name", ["Kaitlyn Abara", "Mr. Abara", "Caitlin"])
def test_a_prospect_is_known_as_spelt_by_the_recogniser(name: str) -> None:
    found = heard("Hi, Kaitlin, Kaitlin Abarra?", SignalContext(prospect=name))
    assert "names_prospect" in found


def test_another_prospect_is_not() -> None:
    assert "names_prospect" not in heard("Hi Morgan, it's me.", SignalContext(prospect="Lou Sato"))


def test_a_rep_is_known_from_the_roster() -> None:
    roster = SignalContext(rep_names=("lbrandt", "Leonora Brandt"))
    assert "names_self" in heard("The part is in, says Leonora.", roster)
    assert "names_self" not in heard("The part is in, says Morgan.", roster)


@pytest.mark.parametrize(
    ("interest", "text"),
    [
        ("used Silverado", "That silver auto is back on the lot."),
        ("Ford F-150", "The Ford F one fifty is here."),
        ("F-150", "I have an f-150 for you."),
        ("2019 CR-V", "It's a twenty nineteen C R V."),
        ("RAV4 hybrid", "The rav four hybrid arrived."),
        ("Highlander, silver", "A silver high lander came in."),
        ("roof repairs", "About repairing your roof."),
        ("three-wheeler", "You asked for a three wheeler."),
    ],
)
def test_the_interest_is_recognised_by_its_sound(interest: str, text: str) -> None:
    assert "mentions_interest" in heard(text, SignalContext(interest=interest))


@pytest.mark.parametrize(
    ("interest", "text"),
    [
        ("F-150", "The F-250 is here."),
        ("minivan", "The motorcycle is here."),
        ("motor home", "This is Lee with Quay Motor Homes."),
        ("", "The F-150 is here."),
        ("and of the", "And of the two, one is here."),
    ],
)
def test_another_interest_is_not(interest: str, text: str) -> None:
    assert "mentions_interest" not in heard(text, SignalContext(interest=interest))


@pytest.mark.parametrize(
    "phrase", ["Hi there, ", "hey there ", "this is ", "calling for ", "so um "]
)
def test_what_a_recogniser_repeats_ends_all_the_same(phrase: str) -> None:
    """A pattern that reads one phrase in two ways would try two to the power of 200 of them."""
    found = heard(phrase * 200 + "we saw Morgan today.", SignalContext(prospect="Morgan Abara"))
    assert "names_prospect" in found


@pytest.mark.parametrize(
    ("said", "spelling"),
    [
        ("f one fifty", "f150"),
        ("twenty twenty four", "2024"),
        ("two thousand nineteen", "2019"),
        ("fifteen hundred", "1500"),
        ("one hundred fifty", "150"),
        ("C R V", "crv"),
        ("oh well", "ohwell"),
    ],
)
def test_numbers_are_run_together_as_said(said: str, spelling: str) -> None:
    assert run_together(said.split()) == spelling


def test_likeness_is_symmetric_and_heeds_digits() -> None:
    assert likeness("silverado", "silverauto") == likeness("silverauto", "silverado") > 0.85
    assert likeness("f150", "f250") == 0.0
    assert likeness("same", "same") == 1.0


FRAGMENTS = (
    "hi Morgan, this is Lee with Quay Motors. call or text me my direct line don't just checking "
    "in still looking? 240-555-0142 $2,000 10% sorry thanks. İ ǅ ﬁn — … I'll try you again "
    "tomorrow one fifty"
)
PIECES = st.one_of(st.text(max_size=8), st.sampled_from(FRAGMENTS.split()))


@settings(deadline=None)
@given(
    st.lists(PIECES, max_size=40),
    st.sampled_from([NOBODY, SignalContext(("Lee",), "Morgan", "Quay", "F-150 ﬁn", "İ")]),
)
def test_whatever_is_heard_evidence_lies_in_the_message(
    pieces: list[str], context: SignalContext
) -> None:
    words = [Word(one, k * STEP_S, k * STEP_S + WORD_S, 0.5) for k, one in enumerate(pieces)]
    found = find_signals(words, context)
    assert found == find_signals(list(words), context)
    for signal in found.values():
        assert 0.0 < signal.probability <= 1.0
        edges = [edge for one in signal.evidence for edge in (one.start_s, one.end_s)]
        assert edges == sorted(edges)
        assert words[0].start_s <= edges[0]
        assert edges[-1] <= words[-1].end_s
        assert all(one.text for one in signal.evidence)


def test_every_signal_is_documented() -> None:
    text = (DOCS / "signals.md").read_text(encoding="utf-8")
    table = text.partition("## Definitions")[2].partition("##")[0]
    documented = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert documented == list(SIGNALS)


def test_the_precision_of_each_rule_is_what_was_measured() -> None:
    measured = json.loads(MEASURED.read_text(encoding="utf-8"))["all"]
    sure = {name: heard(text) for name, text in reversed(SAID)}
    asked = SignalContext(interest="blue truck")
    sure["mentions_interest"] = heard("The blue truck is here.", asked)
    assert sure.keys() == SIGNALS.keys()
    for name, found in sure.items():
        precision = found[name].probability / 0.9  # the confidence of every word
        assert precision == pytest.approx(measured[name]["precision"], abs=0.006), name
