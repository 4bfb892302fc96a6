"""What an audit says in the light of the rep's other messages."""

from __future__ import annotations

from dataclasses import replace

from helpers import say
from stored_audits import BARE

from vmaudit.cohort import MIN_MESSAGES, relate
from vmaudit.records import Audit, Callback, Delivery
from vmaudit.scoring import DEFAULT_RUBRIC, make_judge
from vmaudit.store import Store, StoreBatch

KEY = "fingerprints of no kind"


def message(number: int, rep: str | None, words_per_minute: float | None) -> Audit:
    return replace(
        BARE,
        id=f"{rep} {number}",
        path=f"{rep}/{number}.wav",
        rep=rep,
        transcript=say("Call me about the roof.", 1.0, 5.0),
        delivery=Delivery(words_per_minute=words_per_minute, level_dbfs=-20.0),
        callback=Callback(repeated=False, probability=0.0, numbers=()),
    )


def keep(store: Store, *audits: Audit) -> None:
    store.write(StoreBatch(1, {}, tuple((audit, "key") for audit in audits), ()))
    relate(store, KEY, make_judge(DEFAULT_RUBRIC))


def relative(store: Store) -> dict[str, dict[str, float]]:
    return {audit.path: audit.payload["relative_to_rep"] for audit in store.audits()}


def test_a_message_is_compared_with_the_reps_own_median(store: Store) -> None:
    paces = [150.0 + step for step in range(MIN_MESSAGES - 1)]
    keep(store, *(message(n, "nina", pace) for n, pace in enumerate([*paces, 300.0])))
    found = relative(store)
    assert found["nina/7.wav"] == {"words_per_minute": 146.5, "level_dbfs": 0.0}
    assert found["nina/0.wav"]["words_per_minute"] == -3.5


def test_too_few_messages_say_nothing_and_one_more_changes_all(store: Store) -> None:
    few = [message(n, "nina", 150.0) for n in range(MIN_MESSAGES - 1)]
    keep(store, *few, *(message(n, "omar", 150.0) for n in range(2)))
    assert not any(relative(store).values())
    keep(store, message(99, "nina", 160.0))
    found = relative(store)
    assert found["nina/99.wav"]["words_per_minute"] == 10.0
    assert found["nina/0.wav"]["words_per_minute"] == 0.0
    assert found["omar/0.wav"] == {}


def test_only_scored_messages_of_a_known_rep_count(store: Store) -> None:
    nobody = [message(n, None, 150.0) for n in range(MIN_MESSAGES)]
    unclear = [
        replace(message(n, "nina", 150.0), status="not_scorable", reasons=("too unclear",))
        for n in range(MIN_MESSAGES)
    ]
    keep(store, *nobody, *unclear)
    assert not any(relative(store).values())


def test_what_was_not_measured_is_not_compared(store: Store) -> None:
    keep(
        store,
        *(message(n, "nina", 150.0) for n in range(MIN_MESSAGES)),
        message(50, "nina", None),
        replace(message(51, "nina", 150.0), delivery=Delivery()),
    )
    found = relative(store)
    assert set(found["nina/50.wav"]) == {"level_dbfs"}
    assert found["nina/51.wav"] == {}


def test_fields_keep_the_order_of_the_contract(store: Store) -> None:
    keep(store, message(0, "nina", 150.0))
    (audit,) = store.audits()
    names = list(audit.payload)
    assert names.index("delivery") + 1 == names.index("relative_to_rep")
    assert names.index("outcomes") + 1 == names.index("same_audio_as")
