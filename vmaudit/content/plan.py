"""National numbering plans: which digits make a telephone number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from vmaudit.errors import ConfigError

__all__ = ["NumberingPlan", "national_digits", "numbering_plan"]

_NANP = 1  # country code of the North American Numbering Plan
_NANP_NUMBER = re.compile("[2-9][0-9]{2}[2-9][0-9]{6}")  # NPA-NXX-XXXX
_NANP_LOCAL = re.compile("[2-9][0-9]{6}")  # NXX-XXXX, the area code left out
_NANP_GROUPS = (3, 6, 10)  # said as 3, 3 and 4 digits
_LONG_ENOUGH = 10  # digits that are taken for a number with no prefix to mark them


def national_digits(written: str, *, region: str = "US") -> str | None:
    """National significant digits of a number in any written form, or None where it is none.

    An extension and a spreadsheet's trailing ".0" are left out. Raises ``ConfigError`` for an
    unknown region.
    """
    plan = numbering_plan(region)
    try:
        parsed = phonenumbers.parse(re.sub(r"\.0$", "", written.strip()), plan.region)
    except phonenumbers.NumberParseException:
        return None
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.national_significant_number(parsed)


@dataclass(frozen=True)
class NumberingPlan:
    """What the region's numbering plan asks of spoken digits."""

    region: str
    country_code: int
    trunk: str  # prefix of a national number, "" where the plan has none
    pattern: re.Pattern[str]
    without_trunk: tuple[re.Pattern[str], ...]  # numbers that are also said without the prefix
    groups: tuple[int, ...]  # where they end in a national number, () where they vary
    max_digits: int  # as said, with the trunk prefix and country code

    def national(self, digits: str, plus: bool) -> str | None:
        """The national significant number that these digits are, or None."""
        if self.country_code == _NANP:
            return self._north_american(digits, plus)
        if plus:
            return self._international(digits)
        if len(digits) >= _LONG_ENOUGH and any(p.fullmatch(digits) for p in self.without_trunk):
            return _possible(digits, self)
        trunk = digits.startswith(self.trunk)
        return _possible(digits[len(self.trunk) :], self) if trunk else None

    def _north_american(self, digits: str, plus: bool) -> str | None:
        if plus and not digits.startswith("1"):
            return None
        number = digits.removeprefix("1")
        return _possible(number, self) if _NANP_NUMBER.fullmatch(number) else None

    def _international(self, digits: str) -> str | None:
        code = str(self.country_code)
        if not digits.startswith(code):
            return None
        rest = digits.removeprefix(code)  # "+44 (0)20 ..." holds both prefixes
        return _possible(rest, self) or _possible(rest.removeprefix(self.trunk), self)

    def local(self, digits: str, plus: bool) -> str | None:
        """The local number that these digits are; only North America has one length of it."""
        if self.country_code == _NANP and not plus and _NANP_LOCAL.fullmatch(digits):
            return digits
        return None

    def is_whole(self, digits: str) -> bool:
        """Whether digits are a whole number, national or local, or the same one twice."""
        half = digits[: len(digits) // 2]
        return any(
            self.national(one, plus=False) or self.local(one, plus=False)
            for one in ({digits, half} if half * 2 == digits else {digits})
        )


@lru_cache(maxsize=8)
def numbering_plan(region: str) -> NumberingPlan:
    """The plan of an ISO 3166 region code. Raises ``ConfigError`` where there is none."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    if metadata is None or metadata.general_desc is None or metadata.country_code is None:
        raise ConfigError(f"region must be an ISO 3166 code with a numbering plan, not {region!r}")
    general = metadata.general_desc
    prefix = len(str(metadata.country_code))
    trunk = metadata.national_prefix or ""
    return NumberingPlan(
        region=region,
        country_code=metadata.country_code,
        trunk=trunk,
        pattern=re.compile(general.national_number_pattern or "[0-9]+"),
        without_trunk=tuple(_said_without_trunk(metadata)) if trunk else (),
        groups=_NANP_GROUPS if metadata.country_code == _NANP else (),
        max_digits=max(general.possible_length) + prefix + len(trunk),
    )


def _said_without_trunk(metadata: phonenumbers.PhoneMetadata) -> Iterator[re.Pattern[str]]:
    """Patterns of the numbers that the plan writes without its trunk prefix, or may.

    Indian mobile numbers and Australian toll-free ones are such.
    """
    for written in metadata.number_format:
        rule = written.national_prefix_formatting_rule
        if rule and not written.national_prefix_optional_when_formatting:
            continue
        leading = written.leading_digits_pattern
        if leading and written.pattern:
            yield re.compile(f"(?={leading[-1]}){written.pattern}")


@lru_cache(maxsize=4096)
def _possible(number: str, plan: NumberingPlan) -> str | None:
    """``number`` where its length and leading digits fit the plan, else None.

    Fictional numbers pass: only lengths and the plan's general pattern count, not which
    exchanges are assigned.
    """
    if plan.country_code != _NANP and not plan.pattern.fullmatch(number):
        return None
    try:
        parsed = phonenumbers.parse(f"+{plan.country_code}{number}")
    except phonenumbers.NumberParseException:
        return None
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    return number if reason == phonenumbers.ValidationResult.IS_POSSIBLE else None
