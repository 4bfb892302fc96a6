"""What was said: what is asked for, callback numbers, and later signals."""

from vmaudit.content.asks import find_asks
from vmaudit.content.callback import find_callback
from vmaudit.content.plan import numbering_plan
from vmaudit.content.sayings import find_statements

__all__ = ["find_asks", "find_callback", "find_statements", "numbering_plan"]
