"""Labels for all parts of a recording, in time order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from vmaudit.isolation.scene import Scene
from vmaudit.isolation.signals import SignalKind
from vmaudit.records import Interval, SegmentKind, Span

__all__ = ["label"]

_LABELS: Mapping[SignalKind, SegmentKind] = {"ring": "ring", "beep": "beep"}
_MAX_RING_GAP_S = 5.0  # North American ringback pauses for 4 s
_MIN_TAIL_S = 0.1


def label(
    scene: Scene, message: Span | None, menu: Interval | None, *, before_s: float
) -> tuple[Span, ...]:
    """Name what lies before ``before_s`` (ring, greeting, beep), the message, menu and tail."""
    spans = list(_before(scene, before_s))
    end_s = before_s
    if message is not None:
        spans.append(message)
        end_s = message.end_s
    if menu is not None:
        spans.append(Span("menu", max(menu.start_s, end_s), menu.end_s))
        if menu.start_s - end_s >= _MIN_TAIL_S:
            spans.insert(-1, Span("tail", end_s, menu.start_s))
        end_s = menu.end_s
    if scene.duration_s - end_s >= _MIN_TAIL_S:
        spans.append(Span("tail", end_s, scene.duration_s))
    return tuple(spans)


def _before(scene: Scene, end_s: float) -> tuple[Span, ...]:
    """Ring, greeting and beep up to ``end_s``.

    Bursts of ringing are one span, and so is a greeting with its pauses.
    """
    voices: Sequence[Interval] = scene.voiced if scene.other is None else scene.other
    parts = [Span("greeting", i.start_s, min(i.end_s, end_s)) for i in voices if i.start_s < end_s]
    for signal in scene.signals:
        if signal.end_s <= end_s and signal.kind in _LABELS:
            parts.append(
                Span(_LABELS[signal.kind], signal.start_s, signal.end_s, signal.confidence)
            )
    spans: list[Span] = []
    for part in sorted(parts, key=lambda part: part.start_s):
        if spans and _continues(spans[-1], part):
            spans[-1] = replace(spans[-1], end_s=max(spans[-1].end_s, part.end_s))
        else:
            spans.append(part)
    return tuple(spans)


def _continues(span: Span, part: Span) -> bool:
    if span.kind == "ring":
        return part.kind == "ring" and part.start_s - span.end_s <= _MAX_RING_GAP_S
    return span.kind == part.kind == "greeting"
