"""Beeps of two pitches, beeps that step, double beeps, and ringing that was cut."""

from __future__ import annotations

import pytest
from test_isolation_calls import Part, joined, pause, tone
from test_isolation_voices import SPEAKERS, Speaker, speaks

from vmaudit.isolation.signals import Signal, classify
from vmaudit.isolation.tones import steady_tones

EDGE_S = 0.025  # edges of tones are good to about 20 ms


def signals(*parts: Part) -> tuple[Signal, ...]:
    return classify(steady_tones(joined(parts)))


def found_in(*parts: Part) -> list[str]:
    return [signal.kind for signal in signals(*parts)]


@pytest.mark.parametrize("duration_s", [0.24, 0.5, 1.0])
@pytest.mark.parametrize(
    "frequencies_hz", [(853.0, 960.0), (600.0, 1000.0), (1300.0, 1900.0), (500.0, 700.0)]
)
def test_a_beep_of_two_pitches_at_once(
    frequencies_hz: tuple[float, float], duration_s: float
) -> None:
    beep = tone(*frequencies_hz, duration_s=duration_s)
    (found,) = signals(pause(0.5), beep, pause(0.5))
    assert found.kind == "beep"
    assert found.start_s == pytest.approx(0.5, abs=EDGE_S)
    assert found.end_s == pytest.approx(0.5 + duration_s, abs=EDGE_S)


@pytest.mark.parametrize("part_s", [0.12, 0.2, 0.5])
@pytest.mark.parametrize("pitches_hz", [(1300.0, 600.0), (600.0, 1300.0), (950.0, 750.0)])
def test_a_beep_that_steps(pitches_hz: tuple[float, float], part_s: float) -> None:
    first, second = (tone(pitch, duration_s=part_s) for pitch in pitches_hz)
    found = signals(pause(0.5), first, second, pause(0.5))
    assert {signal.kind for signal in found} == {"beep"}
    assert found[0].start_s == pytest.approx(0.5, abs=EDGE_S)
    assert found[-1].end_s == pytest.approx(0.5 + 2 * part_s, abs=EDGE_S)


@pytest.mark.parametrize("gap_s", [0.08, 0.15, 0.25])
def test_a_double_beep(gap_s: float) -> None:
    beep = tone(1000.0, duration_s=0.2)
    assert found_in(pause(0.5), beep, pause(gap_s), beep, pause(0.5)) == ["beep"] * 2


@pytest.mark.parametrize("frequencies_hz", [(450.0, 900.0), (600.0, 1200.0), (500.0, 1500.0)])
def test_two_harmonics_of_one_pitch_are_no_beep(frequencies_hz: tuple[float, float]) -> None:
    assert found_in(pause(0.5), tone(*frequencies_hz, duration_s=0.4), pause(0.5)) == []


@pytest.mark.parametrize(("before_s", "kind"), [(0.0, "ring"), (0.5, "beep")])
@pytest.mark.parametrize("frequency_hz", [425.0, 440.0])
def test_what_is_left_of_a_ring_at_the_start_of_a_recording(
    frequency_hz: float, before_s: float, kind: str
) -> None:
    parts = (pause(before_s), tone(frequency_hz, duration_s=0.4), pause(1.0))
    assert found_in(*parts) == [kind]


def test_a_ring_that_was_answered_is_a_ring() -> None:
    burst = tone(425.0, duration_s=1.0)
    short = tone(425.0, duration_s=0.4)
    assert found_in(pause(0.5), burst, pause(4.0), short, pause(1.0)) == ["ring"] * 2


@pytest.mark.parametrize("speaker", SPEAKERS.values(), ids=SPEAKERS)
@pytest.mark.parametrize("seed", range(3))
def test_a_voice_is_no_beep(speaker: Speaker, seed: int) -> None:
    assert found_in(Part(speaks(speaker, 5.0, seed))) == []
