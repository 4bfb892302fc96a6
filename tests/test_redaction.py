"""Redaction: nobody who was called can be told, and the rep's own number and name stay."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from stored_audits import BARE

from vmaudit.content import find_callback
from vmaudit.records import (
    AudioInfo,
    Audit,
    Delivery,
    DigitSound,
    Evidence,
    Failure,
    Score,
    Scores,
    Signal,
    Span,
    Transcript,
    Word,
    to_json,
)
from vmaudit.report import muted_intervals, redact, redact_failure
from vmaudit.report.masking import Known, masked_text
from vmaudit.report.masking.vocabulary import DIGIT_WORDS

LEAD = {"phone": "206-555-0121", "line": "consumer", "attempt": 2, "notes": "wife Carol drives"}
OWN = "206-555-0142"


def message(text: str, **changes: Any) -> dict[str, Any]:
    """One audit in the contract's JSON that says ``text``, half a second a word from 2 s on."""
    words = tuple(
        Word(word, 2 + 0.5 * k, 2.5 + 0.5 * k, 0.9) for k, word in enumerate(text.split())
    )
    end_s = 2 + 0.5 * len(words)
    callback = find_callback(words, direct_number=OWN)
    moments = tuple(Evidence(s.start_s, s.end_s, s.text) for s in callback.statements)
    audit = replace(
        BARE,
        prospect="Angela Vega",
        lead=LEAD,
        audio=AudioInfo(end_s + 1, 8000, 1, "pcm_mulaw"),
        segments=(
            Span("greeting", 0.0, 1.0),
            Span("beep", 1.2, 1.6),
            Span("message", 1.8, end_s + 0.2),
            Span("tail", end_s + 0.2, end_s + 1),
        ),
        transcript=Transcript(text, "en", "base@1", 0.9, words),
        greeting_text="You have reached 206-555-0121.",
        delivery=Delivery(),
        callback=callback,
        scores=Scores(Score(0.9), Score(None, reason="no scorer"), Score(0.9, moments)),
    )
    return {**to_json(audit), **changes}


def said(text: str, **changes: Any) -> str:
    """How the transcript reads when it is redacted; its words say the same."""
    transcript = redact(message(text, **changes))["transcript"]
    heard = " ".join(word["text"] for word in transcript["words"])
    for mask in ("[name]", "[number]", "[amount]", "[email]", "[address]", "[detail]"):
        while f"{mask} {mask}" in heard:  # the text has one for a row of them
            heard = heard.replace(f"{mask} {mask}", mask)
    assert transcript["text"] == heard
    return str(transcript["text"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hi Angela, this is Nina.", "Hi [name], this is Nina."),
        ("Hi Mrs. Vega's team, Nina here.", "Hi Mrs. [name] team, Nina here."),
        ("Thanks, Angela Vega. Bye.", "Thanks, [name]. Bye."),
        ("Thanks, ANGELA!", "Thanks, [name]!"),
        ("So angela called.", "So [name] called."),
        ("Thank you, Angelo Bega, bye.", "Thank you, [name], bye."),  # misheard
        ("Hello Enchilada, it's Nina.", "Hello [name], it's Nina."),  # greeted, so it is a name
        ("Good morning Mister Fagin, um, hi.", "Good morning Mister [name], um, hi."),
        ("So Mr.Vega and Angela/Bo came.", "So [name] and [name] came."),
        ("Hello? Hello. Enchilada? It's Nina.", "Hello? Hello. [name]? It's Nina."),
        ("Tell Carol I called.", "Tell [name] I called."),  # from the notes
        ("hi angela this is nina from sales", "hi [name] this is nina from sales"),  # no capitals
    ],
)
def test_names_of_the_prospect_are_masked(text: str, shown: str) -> None:
    assert said(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "This is Nina Whitlow at Harborview Motors.",
        "My name is Angie Vegas-Ortiz and I sell cars.",  # near the prospect's, but the rep's own
        "Hello, this is Nina. Good morning. It's about the vehicle.",
        "My boss says hi. See you in the morning. Bye.",
        "I've got a vegetable angle on it, again.",
        "We open at 9 and close at 5:30, or 6 on 3/12.",
        "Take 15 minutes, one or two of us come by, ten to noon.",
        "Stop by on the way, in the court of the square.",
        "In that case I get back to you in an orderly way.",
    ],
)
def test_what_tells_nobody_stays(text: str) -> None:
    assert said(text) == text


def test_extension_of_the_rep_stays() -> None:
    text = "Call 206-555-0142, extension 204. I say 206-555-0142 extension 204."
    payload = message(text, advice=["Say 206-555-0142 extension 204 twice.", "Not 206-555-0143."])
    shown = redact(payload)
    assert payload["callback"]["numbers"][0]["extension"] == "204"
    assert shown["transcript"]["text"] == text
    assert shown["advice"] == ["Say 206-555-0142 extension 204 twice.", "Not [number]."]


def test_many_digits_are_read_in_no_time() -> None:
    known = Known(numbers=frozenset({"111", "1111"}))
    assert masked_text("1" * 3000, known) == "1" * 3000
    assert masked_text("1" * 3000 + "2", known) == "[number]"


def test_rep_with_the_name_of_the_prospect() -> None:
    text = "Hi Nina, this is Nina from Harborview. Thanks, Nina."
    assert said(text, prospect="Nina Vega") == (
        "Hi [name], this is Nina from Harborview. Thanks, [name]."
    )


@pytest.mark.parametrize(
    "name", ["Hope Will", "Zoë Ng", "Brigid O'Brien", "Anne-Marie Smith-Jones", "王芳"]
)
def test_names_of_all_kinds(name: str) -> None:
    assert said(f"Thank you, {name}, bye.", prospect=name) == "Thank you, [name], bye."
    plain = name.replace("ë", "e").replace("'", "\u2019").lower()
    assert said(f"So thank you {plain} bye.", prospect=name) == "So thank you [name] bye."


@pytest.mark.parametrize(
    "number",
    [
        "206-555-0142",
        "(206) 555-0142.",
        "206 555 0142",
        "2065550142",
        "+1 206 555 0142",
        "206, 555, 0142.",
        "two oh six five five five oh one four two",
        "206 triple five zero one forty-two",
    ],
)
def test_own_number_stays_however_it_is_said(number: str) -> None:
    text = f"Call me at {number} thanks. Again it is {number}"
    payload = redact(message(text))
    assert payload["transcript"]["text"] == text
    assert payload["callback"] == message(text)["callback"]
    assert payload["scores"] == message(text)["scores"]
    assert payload["callback"]["numbers"][0]["digits"] == "2065550142"


def test_own_number_stays_where_nothing_was_recognised_as_a_statement() -> None:
    callback = message(f"Call {OWN}.")["callback"]
    payload = message(f"Call {OWN} or 1-206-555-0142. Not 206-555-0143.", callback=callback)
    shown = redact(payload)["transcript"]["text"]
    assert shown == f"Call {OWN} or 1-206-555-0142. Not [number]."


FORMS = st.sampled_from(
    ["{}-{}-{}", "({}) {}-{}", "{} {} {}", "{}{}{}", "+1 {}.{}.{}", "1-{}-{}{}"]
)
SPELLED = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ASIDES = st.sampled_from([" ", " um ", ", ", " dash ", " then ", ". "])


@st.composite
def spoken_numbers(draw: st.DrawFn) -> tuple[str, str]:
    """The digits of a North American number that is not the rep's, and a way to say it."""
    area, last = draw(st.integers(212, 989)), draw(st.integers(100, 199))
    digits = f"{area}5550{last}"
    if draw(st.booleans()):
        return digits, draw(FORMS).format(digits[:3], digits[3:6], digits[6:])
    aside = draw(ASIDES)
    return digits, aside.join(SPELLED[int(digit)] for digit in digits)


LEADS = st.sampled_from(
    ["I have you at", "We called", "call me at", "your number is", "The file says"]
)


@given(number=spoken_numbers(), lead=LEADS, end=st.sampled_from(["", ".", " thanks", ", bye."]))
@settings(max_examples=150, deadline=None)
def test_no_digit_of_the_prospects_number_survives(
    number: tuple[str, str], lead: str, end: str
) -> None:
    digits, spoken = number
    if digits == "2065550142":
        return
    text = f"Hello, {lead} {spoken}{end}"
    payload = message(
        text,
        lead={**LEAD, "phone": digits, "Cell": spoken},
        path=f"nina_{digits}.wav",
        same_audio_as=[f"{digits}.wav"],
        greeting_text=f"You have reached {spoken}",
        reasons=[f"{spoken} was called"],
        advice=[f"Do not read {digits} aloud", f"you said: {spoken}"],
    )
    payload["scores"]["review_reasons"] = [f"{digits} is unsure"]
    payload["delivery"]["disfluencies"] = [{"text": spoken, "start_s": 3.0, "end_s": 5.0}]
    found = list(strings(redact(payload)))
    assert not [one for one in found if any(char.isdigit() for char in one)]
    words = {word.strip(".,").casefold() for one in found for word in one.split()}
    assert not words & (DIGIT_WORDS - {"o", "oh"})


def strings(value: Any, name: str = "") -> Iterator[str]:
    """Every string of a payload but its digest, codec and versions."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in ("id", "audio", "versions", "model", "roster_digits"):
                yield from strings(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner, name)
    elif isinstance(value, str):
        yield value


@given(texts=st.lists(st.text(min_size=1), max_size=12))
@settings(max_examples=150, deadline=None)
def test_any_text_keeps_its_words_and_times(texts: list[str]) -> None:
    payload = message(" ".join(texts))
    before = copy.deepcopy(payload)
    shown = redact(payload)
    assert payload == before
    json.dumps(shown)
    assert redact(shown) == shown
    times = [(word["start_s"], word["end_s"]) for word in payload["transcript"]["words"]]
    assert [(w["start_s"], w["end_s"]) for w in shown["transcript"]["words"]] == times
    assert shown.keys() == payload.keys()
    TypeAdapter(Audit).validate_python(shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The roof comes to $14,600 plus 5% tax.", "The roof comes to [amount] plus [amount] tax."),
        ("It is fifty dollars a month.", "It is [amount] dollars a month."),
        ("That is twenty four thousand.", "That is [amount]."),
        ("So it's 80 a month.", "So it's [amount] a month."),
        ("Your account ends in 44 12.", "Your account ends in [number]."),
        ("Policy A B 7, as agreed.", "Policy [number], as agreed."),
        ("Write to angela.vega@example.com today.", "Write to [email] today."),
        ("I wrote to vega at example.com today.", "I wrote to [email] today."),
        ("Is it a v at example dot com?", "Is it [email]?"),
        ("We come to 12 Maple Street, right?", "We come to [address], right?"),
        ("I am at 206-555-0142. Elm Road is shut.", "I am at 206-555-0142. [address] is shut."),
        ("Still on Old Mill Road? Good.", "Still on [address]? Good."),
        ("That is twelve Elm Ct. apartment 5B.", "That is [address]. [address]."),
        ("A 2019 pickup, F-150.", "A [number] pickup, [number]."),  # more than need be
    ],
)
def test_amounts_accounts_and_addresses_are_masked(text: str, shown: str) -> None:
    assert said(text) == shown


def test_prospects_own_number_is_masked_though_it_is_taken_for_the_callback() -> None:
    text = "Call me at 206-555-0127, that is 206-555-0127."
    payload = message(text)  # one digit from the lead record's
    payload["callback"] = {
        **payload["callback"],
        "numbers": [{**n, "roster_digits": None} for n in payload["callback"]["numbers"]],
    }
    shown = redact(payload)
    assert "0127" not in json.dumps(shown)
    (number,) = shown["callback"]["numbers"]
    assert (number["digits"], number["times"]) == ("[number]", 2)
    assert [s["groups"] for s in number["statements"]] == [[], []]
    assert [s["start_s"] for s in number["statements"]] == [
        s["start_s"] for n in payload["callback"]["numbers"] for s in n["statements"]
    ]


def test_lead_record_and_greeting_are_gone() -> None:
    lead = {**LEAD, "Spouse of Angela": "Bo", "lead_at": "2026-03-02"}
    shown = redact(message("Hi.", lead=lead, same_audio_as=["ted/oakley.wav"]))
    assert shown["lead"] == {"line": "consumer", "attempt": 2}
    assert (shown["prospect"], shown["greeting_text"]) == ("[name]", "[greeting]")
    assert (shown["rep"], shown["same_audio_as"]) == ("nina", ["[path]"])
    assert redact(message("Hi.", greeting_text=""))["greeting_text"] == ""


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("nina/vega.wav", "nina/[name]~.wav"),
        ("nina/today.wav", "nina/today.wav"),
        ("vega", "[name]~"),
        ("a.vega", "a~.[name]"),
        ("nina/AngelaVega_2026-03-02.wav", "nina/[name]_2026-03-02~.wav"),
        ("20260302-142000_(206) 555-0121.wav", "20260302-142000_([number]~.wav"),
        ("calls/2065550121/3.mp3", "calls/[number]/3~.mp3"),
        ("nina/206_555_0121.wav", "nina/[number]~.wav"),
        ("206\u2011555\u20110121.wav", "[number]~.wav"),
        ("٢٠٦٥٥٥٠١٢١.wav", "[number]~.wav"),
        ("1_2026_03_02_14_20_206_555_0121.wav", "1_2026_03_02_14_20_[number]~.wav"),
        ("2026-03-02_1.wav", "2026-03-02_1.wav"),
        ("020-2019-0131.wav", "[number]~.wav"),
    ],
)
def test_path_keeps_what_tells_nobody(path: str, shown: str) -> None:
    assert masked_path(path) == shown


@pytest.mark.parametrize(
    ("prospect", "path", "shown"),
    [
        ("Renée Smith", "Rene\u0301e Smith.wav", "[name] [name]~.wav"),
        ("Rene\u0301e Smith", "Renée.wav", "[name]~.wav"),
        ("Mary O'Neil", "Mary_O_Neil.wav", "[name]_[name]~.wav"),
        ("Mary O'Neil", "o'neil-m.wav", "[name]-m~.wav"),
        ("Mary O'Neil", "o/neil.wav", "o/neil.wav"),
        ("Ann Lee", "AnnLee.wav", "[name]~.wav"),
        ("Ann Lee", "annual_sleep.wav", "annual_sleep.wav"),
        ("राम कुमार", "राम_कुमार.wav", "[name]_[name]~.wav"),
    ],
)
def test_names_in_a_path_however_they_are_written(prospect: str, path: str, shown: str) -> None:
    assert masked_path(path, prospect=prospect) == shown


@pytest.mark.parametrize("prospect", ["[VIP] Angela Smith", "Angela [VIP]", "[Angela]"])
def test_prospect_with_a_tag_is_masked(prospect: str) -> None:
    assert said("Hi, so angela called.", prospect=prospect) == "Hi, so [name] called."
    assert masked_path("angela.wav", prospect=prospect) == "[name]~.wav"


def test_name_of_the_lead_record_in_brackets_is_masked() -> None:
    assert said("So Carol drives.", lead={"notes": "his wife (Carol)"}) == "So [name] drives."


def masked_path(path: str, **changes: Any) -> str:
    """The redacted path without the letters that tell it apart."""
    return re.sub("(?<=~)[a-p]{12}", "", redact(message("Hi.", path=path, **changes))["path"])


def test_paths_that_are_masked_alike_stay_apart() -> None:
    paths = [
        redact(message("Hi.", path=path, id=digest * 64, prospect=prospect))["path"]
        for path, digest, prospect in (
            ("a/vega.wav", "1", "A Vega"),
            ("a/ng.wav", "1", "B Ng"),  # the same sound
            ("a/ng.wav", "2", "B Ng"),
        )
    ]
    assert len(set(paths)) == len(paths)
    assert all(re.fullmatch(r"a/\[name\]~[a-p]{12}\.wav", path) for path in paths)


def test_failures_have_no_names() -> None:
    failure = Failure("angela/206-555-0121.wav", "decode", "no stream in 206-555-0121", "a" * 64)
    shown = redact_failure(failure)
    assert (shown.path, shown.reason, shown.id) == ("[path]", "no stream in [number]", "a" * 64)


def test_digits_by_their_sound_are_told_to_nobody() -> None:
    sounds = (DigitSound("2", 2.0, 2.4, 0.9), DigitSound("0", 2.5, 2.9, 0.9))
    payload = message("206-555-0121 is the one I tried.")
    payload["transcript"] = {**payload["transcript"], "digit_sounds": to_json(sounds)}
    assert redact(payload)["transcript"]["digit_sounds"] == []


def test_sensitive_detail_is_masked_where_it_was_heard() -> None:
    payload = message("Hi Angela, the biopsy was fine. Call me.")
    moment = Signal(0.9, (Evidence(3.0, 5.0, "the biopsy was fine."),))
    payload["signals"] = {"sensitive_detail": to_json(moment)}
    shown = redact(payload)
    assert shown["transcript"]["text"] == "Hi [name], [detail]. Call me."
    assert shown["signals"]["sensitive_detail"]["evidence"][0]["text"] == "[detail]"


def test_evidence_reads_as_its_words_do() -> None:
    payload = message("Hi Angela Vega, it is 206 -555 -0142. Bye.")
    evidence = [
        {"start_s": 2.0, "end_s": 3.5, "text": "Hi Angela Vega,", "contribution": 0.2},
        {"start_s": 4.5, "end_s": 6.0, "text": "206-555-0142.", "contribution": None},
        {"start_s": 2.0, "end_s": 3.5, "text": "greets Angela by name", "contribution": 0.1},
    ]
    payload["scores"]["value"]["evidence"] = evidence
    shown = redact(payload)["scores"]["value"]["evidence"]
    assert [one["text"] for one in shown] == [
        "Hi [name],",
        "206-555-0142.",
        "greets [name] by name",
    ]
    assert [one["contribution"] for one in shown] == [0.2, None, 0.1]


def test_message_without_words_has_nothing_to_mask() -> None:
    payload = message("Hi.", transcript=None, callback=None, scores=None, delivery=None)
    shown = redact(payload)
    assert (shown["transcript"], shown["callback"], shown["scores"]) == (None, None, None)


def test_an_older_audit_is_redacted_too() -> None:
    payload = message(f"Hi Angela, call {OWN}.")
    for name in ("outcomes", "same_audio_as", "greeting_text", "relative_to_rep"):
        del payload[name]
    del payload["callback"]["partials"]
    for statement in payload["callback"]["numbers"][0]["statements"]:
        for name in ("groups", "of", "complete", "writable"):
            del statement[name]
    shown = redact(payload)
    assert shown["transcript"]["text"] == f"Hi [name], call {OWN}."
    assert "partials" not in shown["callback"]


def test_text_keeps_its_white_space() -> None:
    known = Known(names=frozenset({"angela"}))
    assert masked_text("  Hi\n Angela,\tbye ", known) == "  Hi\n [name],\tbye "
    assert masked_text("", known) == ""


# Audio


def test_all_but_ring_beep_and_message_is_muted_and_the_masked_words() -> None:
    payload = message(f"Hi Angela, I am Nina, call {OWN} now.")  # ends at 6.5 s
    spans = [(i.start_s, i.end_s) for i in muted_intervals(payload)]
    assert spans == [(0.0, 1.2), (1.6, 1.8), (2.25, 3.25), (6.2, 7.0)]


def test_words_side_by_side_are_muted_as_one() -> None:
    payload = message("Hi Angela Vega, I am Nina.")
    assert [(i.start_s, i.end_s) for i in muted_intervals(payload)][2] == (2.25, 3.75)


def test_message_in_which_nothing_was_heard_is_muted_whole() -> None:
    payload = message("Hi.", transcript=None, callback=None)
    assert [(i.start_s, i.end_s) for i in muted_intervals(payload)] == [(0.0, 1.2), (1.6, 3.5)]
    nothing = message("Hi.", segments=[])
    assert [(i.start_s, i.end_s) for i in muted_intervals(nothing)] == [(0.0, 3.5)]


SPANS = st.lists(
    st.tuples(
        st.sampled_from(["ring", "greeting", "beep", "message", "menu", "tail"]),
        st.floats(0, 20),
        st.floats(0, 20),
    ),
    max_size=5,
)


@given(spans=SPANS, text=st.sampled_from(["Hi Angela Vega.", f"Call {OWN}.", "Thanks, Angela."]))
def test_muted_intervals_are_in_order_apart_and_inside(
    spans: list[tuple[str, float, float]], text: str
) -> None:
    segments = [
        {"kind": kind, "start_s": min(a, b), "end_s": max(a, b), "confidence": None}
        for kind, a, b in spans
    ]
    payload = message(text, segments=segments)
    muted = muted_intervals(payload)
    edges = [edge for interval in muted for edge in (interval.start_s, interval.end_s)]
    assert edges == sorted(edges)
    assert len(set(edges)) == len(edges)
    assert all(0 <= edge <= payload["audio"]["duration_s"] for edge in edges)
    for word in payload["transcript"]["words"]:
        if "Angela" in word["text"]:
            middle_s = (word["start_s"] + word["end_s"]) / 2
            assert any(i.start_s < middle_s < i.end_s for i in muted)
