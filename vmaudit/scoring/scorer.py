"""The trained scorer: reading a message, and keeping it in a file that cannot run code."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args
from zipfile import ZIP_DEFLATED

import numpy as np
from scipy import sparse

from vmaudit.errors import ModelError
from vmaudit.records import Interval
from vmaudit.scoring.heads import LEVELS, Head, Levels, Vector
from vmaudit.scoring.inputs import INPUTS, HeadName, Message, read_inputs
from vmaudit.scoring.wording import Token, as_text, read_wording

if TYPE_CHECKING:  # it costs a second, and reading a scorer imports it in any case
    from sklearn.feature_extraction.text import TfidfVectorizer

__all__ = ["FORMAT", "Reading", "Scorer", "load_scorer", "shipped_scorer", "tokens_of"]

FORMAT = 1  # of the file; raise it when inputs or wording change their meaning
SHIPPED = "scorer.skops"


@dataclass(frozen=True)
class Reading:
    """One message as the heads see it. ``wording``: its row of n-gram weights, ``(1, n)``."""

    message: Message
    tokens: tuple[Token, ...]
    wording: sparse.csr_matrix
    inputs: Mapping[str, float]


@dataclass(frozen=True)
class Scorer:
    """The vocabulary, and a head each for value, clarity and callback.

    ``version`` is the sha256 of the file it was read from.
    """

    vectoriser: TfidfVectorizer
    heads: Mapping[HeadName, Head]
    version: str = "unsaved"

    def read(self, message: Message) -> Reading:
        """Read one message."""
        tokens = tokens_of(message)
        row = self.vectoriser.transform([as_text(tokens)])
        return Reading(message, tuple(tokens), row, read_inputs(message))

    def logits(self, reading: Reading) -> dict[HeadName, Vector]:
        """Each head's log-odds."""
        return {
            name: head.logits(reading.wording, reading.inputs) for name, head in self.heads.items()
        }

    def levels_of(self, wording: str, inputs: Mapping[str, float]) -> dict[HeadName, Levels]:
        """The chances of each head's levels, from a message that was read before."""
        row = self.vectoriser.transform([wording])
        return {name: head.levels(head.logits(row, inputs)) for name, head in self.heads.items()}

    def save(self, path: Path) -> None:
        """Write the scorer as a skops file, whole or not at all. Raises ``ModelError``."""
        content = {
            "format": FORMAT,
            "vectoriser": self.vectoriser,
            "heads": {name: dataclasses.asdict(head) for name, head in self.heads.items()},
        }
        partial = path.with_name(f".{path.name}.partial")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                partial.write_bytes(_skops_io().dumps(content, compression=ZIP_DEFLATED))
                partial.replace(path)
            finally:
                partial.unlink(missing_ok=True)
        except OSError as error:
            raise ModelError(f"cannot write the scorer {path}: {error}") from error


def tokens_of(message: Message) -> list[Token]:
    """The wording of a message; its numbers and what the prospect asked for are classes."""
    asked = message.signals.get("mentions_interest")
    return read_wording(
        message.words,
        numbers=message.callback.statement_times,
        asked=[Interval(e.start_s, e.end_s) for e in asked.evidence] if asked else (),
        prospect=message.prospect,
    )


def load_scorer(path: Path) -> Scorer:
    """Read a scorer. Nothing in the file is run. Raises ``ModelError``."""
    try:
        content = path.read_bytes()
        loaded = _skops_io().loads(content)  # with no type trusted beyond numpy's and sklearn's
        if loaded["format"] != FORMAT:
            raise ModelError(f"{path} has format {loaded['format']}; this vmaudit reads {FORMAT}")
        ngrams = _ngrams(loaded["vectoriser"])
        heads = {name: _head(name, loaded["heads"][name], ngrams) for name in get_args(HeadName)}
        return Scorer(loaded["vectoriser"], heads, hashlib.sha256(content).hexdigest())
    except ModelError:
        raise
    except OSError as error:
        raise ModelError(f"cannot read the scorer {path}: {error}") from error
    except Exception as error:  # whatever a damaged archive makes of skops
        raise ModelError(f"{path} is no scorer: {error}") from error


@cache
def shipped_scorer() -> Scorer:
    """The scorer that comes with the program. Raises ``ModelError``."""
    with as_file(files("vmaudit.models") / SHIPPED) as path:
        return load_scorer(path)


def _ngrams(vectoriser: TfidfVectorizer) -> int:
    """How many n-grams a vocabulary has. Raises ``ValueError`` for one that reads no message."""
    columns = vectoriser.transform([" ".join(vectoriser.vocabulary_)])
    ngrams = len(vectoriser.vocabulary_)
    if columns.shape != (1, ngrams) or not np.isfinite(vectoriser.idf_).all():
        raise ValueError("its vocabulary and the weights of that are not of one size, and finite")
    return ngrams


def _head(name: str, found: Mapping[str, Any], ngrams: int) -> Head:
    """Read one head. Raises ``ValueError`` where it does not fit the vocabulary and the inputs."""
    unknown = sorted(set(found["inputs"]) - INPUTS.keys())
    if unknown:
        raise ModelError(f"the scorer asks for inputs that are not known: {', '.join(unknown)}")
    head = Head(**{**found, "inputs": tuple(found["inputs"])})
    each = LEVELS - 1
    shapes: dict[str, tuple[tuple[int, ...], ...]] = {
        "wording_weights": ((each, 0), (each, ngrams)),
        "input_weights": ((each, len(head.inputs)),),
        "intercepts": ((each,),),
    }
    for field, allowed in shapes.items():
        weights = getattr(head, field)
        if weights.shape not in allowed or not np.isfinite(weights).all():
            wanted = " or ".join(map(str, allowed))
            raise ValueError(f"{name}: {field} must be finite, of shape {wanted}")
    if not isinstance(head.yes_from, int) or head.yes_from not in range(1, LEVELS):
        raise ValueError(f"{name}: yes_from must be 1, 2 or 3, not {head.yes_from}")
    return head


def _skops_io() -> Any:
    """Import skops late: it costs a second."""
    return import_module("skops.io")
