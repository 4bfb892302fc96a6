"""What was said: callback numbers, and later signals."""

from vmaudit.content.callback import find_callback
from vmaudit.content.plan import numbering_plan

__all__ = ["find_callback", "numbering_plan"]
