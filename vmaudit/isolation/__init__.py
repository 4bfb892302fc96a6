"""Where the rep's own message is: ring, greeting, beep, message, menu, tail; how the call went.

    steady tones ──> signals (ring, beep, DTMF, hang-up) ─┐
    voice activity ──> what stands out ───────────────────┴──> what is worth hearing
                                                                        │ words
    voices, phrases of greetings, callers and mailboxes ────────────────┴──> spans, outcomes

``docs/isolation.md`` gives the method and its measured figures.
"""

from vmaudit.isolation.isolate import Isolated, isolate, worth_hearing
from vmaudit.isolation.scene import Scene, survey

__all__ = ["Isolated", "Scene", "isolate", "survey", "worth_hearing"]
