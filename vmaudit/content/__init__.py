"""What was said: callback numbers, and later signals."""

from vmaudit.content.callback import find_callback

__all__ = ["find_callback"]
