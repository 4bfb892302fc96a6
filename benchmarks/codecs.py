"""The same human voicemail in different codecs must give the same words and digits.

    python benchmarks/codecs.py [--model base]

Each message's PCM version is the yardstick, or, where there is none, its version with the
most confident words. Digits count one by one: "079.56" and "079 56" are the same words.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict

from common import audit_set, auditor_for, report, text_of, word_error_rate

from vmaudit.pipeline import Audited
from vmaudit.records import Failure

SET = "azure_voicemail"
CODEC_NAMES = r"(amr_nb|amr_wb|g711_alaw|g711_mulaw|gsm610|ima_adpcm|lpcm|mpeg)"


def message_of(path: str) -> str:
    """The message a file holds: its name without codec and ending."""
    stem = path.partition("/")[2].rpartition(".")[0]
    return re.sub(rf"_?{CODEC_NAMES}_?", "", stem)


def spelled(result: Audited) -> str:
    """The transcript with every digit a word of its own."""
    text = re.sub(r"(?<=\d)[-.,]+(?=\d)", " ", text_of(result))
    return re.sub(r"(?<=\d)(?=\d)", " ", text)


def main() -> None:
    """Print each version's word error rate against its message's best version."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="base")
    model = parser.parse_args().model
    results = audit_set(SET, auditor_for(model))
    failures = [result for result in results.values() if isinstance(result, Failure)]
    messages: dict[str, dict[str, Audited]] = defaultdict(dict)
    for path, result in results.items():
        if isinstance(result, Audited):
            messages[message_of(path)][path] = result

    lines = [f"{len(results)} files, {len(failures)} failed, model {model}"]
    figures = {}
    for message, versions in sorted(messages.items()):
        yardstick = max(versions, key=lambda path: (_is_pcm(versions[path]), _sure(versions[path])))
        lines.append(f"{message}: against {yardstick}, digits {_digits(versions[yardstick])}")
        for path, result in sorted(versions.items()):
            rate = word_error_rate([(spelled(versions[yardstick]), spelled(result))])
            same = _digits(result) == _digits(versions[yardstick])
            lines.append(f"  {rate:6.3f}  digits {'same' if same else _digits(result)}  {path}")
            heard = _all_digits(result) == _all_digits(versions[yardstick])
            figures[path] = {
                "word_error_rate": round(rate, 4),
                "same_callback_digits": same,
                "same_digits_in_the_text": heard,
            }
    worst = max(figure["word_error_rate"] for figure in figures.values())
    agree = sum(figure["same_callback_digits"] for figure in figures.values())
    heard = sum(figure["same_digits_in_the_text"] for figure in figures.values())
    lines.append(
        f"worst word error rate {worst:.3f}; callback digits agree in {agree} of {len(figures)}, "
        f"all digits of the text in {heard}"
    )
    report(
        "codecs",
        lines,
        {
            "data": f"{SET}: {len(results)} files of {len(messages)} human voicemails",
            "model": model,
            "failures": len(failures),
            "files": figures,
        },
    )


def _is_pcm(result: Audited) -> bool:
    return result.heard.audio.codec.startswith("pcm_s")


def _sure(result: Audited) -> float:
    return result.heard.transcript.confidence or 0.0


def _all_digits(result: Audited) -> str:
    return re.sub(r"\D", "", text_of(result))


def _digits(result: Audited) -> list[str]:
    callback = result.audit.callback
    return sorted(number.digits for number in callback.numbers) if callback else []


if __name__ == "__main__":
    main()
