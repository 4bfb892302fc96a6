"""Where the rep's own message is: ring, greeting, beep, message, tail.

    steady tones ──> signals (ring, beep, DTMF, hang-up) ─┐
    voice activity ──> what stands out ───────────────────┴──> spans and the message

``docs/isolation.md`` gives the method and its measured figures.
"""

from vmaudit.isolation.isolate import isolate, mute_tones

__all__ = ["isolate", "mute_tones"]
