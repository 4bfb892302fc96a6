"""What the words of a call give away about who speaks: greeting, menu, caller, conversation.

English only. The phrases are those that greetings and mailboxes are made of ("leave a message
after the tone", "to send this message press one"); docs/isolation.md tells how they are used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = [
    "answers_the_phone",
    "asks_to_leave_a_message",
    "begins_a_message",
    "comes_from_a_mailbox",
    "greets_back",
    "introduces",
    "is_a_mere_hello",
    "mailbox_ran_out",
    "plain",
    "says_a_number",
    "speaks_to_a_caller",
    "states_a_purpose",
    "takes_leave",
]


def _any_of(*phrases: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(phrases) + r")\b")


_DETAILS = (
    r"(?:(?:an?|me|us|him|her|them|your|my|the|it|you|and|or|brief|short|quick|detailed|name|number"
    r"|phone|telephone|contact|info|information) )*"
)
_CANNOT = r"(?:can ?not|can ?t|unable to|not able to|couldn ?t|won ?t be able to)"
_WILL = r"(?:ill|i will|we ll|well|we will|he ll|she ll|someone will|somebody will)"
_PERSON = r"(?:person|party|customer|subscriber|number)"
# "I'll leave it up front": whoever leaves something himself is a caller.
_LEAVING = ("i", "ill", "i will", "we", "we will", "let me", "gonna", "wanted to")
_NOT_I = "".join(rf"(?<!\b{who} )" for who in _LEAVING)
_DIGIT = r"(?:one|two|three|four|five|six|seven|eight|nine|zero|pound|star|hash|the|\d)"
_THIS_IS = r"(?:this is|my name is|its|it is|it s)"
_CALLING = r"(?:im calling|i am calling|i m calling|calling)"
_ANSWER = r"(?:hello|yes|yeah|yep|speaking|hi|hey|good (?:morning|afternoon|evening))"

_GREETING = _any_of(
    r"you(?: ha)?(?:ve)? (?:just )?reached(?! out)",
    r"you(?:ve| have) (?:called|dialed)",
    r"reached the (?:voice ?mail|desk|mail ?box|office|home|residence|cell ?phone|line)",
    rf"{_NOT_I}leave {_DETAILS}(?:message|msg|voice ?mail|name|number|details)",
    rf"{_NOT_I}leave (?:me |us |him |her )?(?:one|it|word|something|the|please)",
    r"leave please",
    r"(?:on|away on|out on) (?:holiday|vacation|leave)",
    r"(?:i m|i am|im|we re|we are)"
    r" (?:in (?:the field|closings|meetings|a meeting|court|class|surgery)"
    r"|with (?:a|another) (?:customer|client|patient|student))",
    r"for anything (?:urgent|else)",
    r"(?:never|don ?t|rarely|hardly ever) (?:check|listen to) (?:my |this |these )?voice ?mails?",
    r"talk to the machine",
    r"otherwise leave",
    r"reach me on my",
    r"try my (?:cell|mobile|office)",
    r"(?:after|at|wait for|following) the (?:sound of the )?(?:tone|beep)",
    rf"{_CANNOT} (?:come|get|make it|take|answer|pick up|talk)(?: to| up)?"
    r"(?: the| your| my)? (?:phone|call)",
    rf"{_CANNOT} (?:talk|answer|take (?:your|the) call|pick up)",
    r"(?:is|am|are|im|were|not) (?:not |currently )+(?:available|here|in|home|able)",
    r"(?:is|am|im|currently) unavailable",
    r"no one is available",
    r"away from (?:my|the|our) (?:desk|phone|office)",
    r"(?:missed|missing) your call",
    r"(?:on|with) (?:the other line|another (?:call|line|customer|client|patient))",
    r"out of (?:the )?office",
    r"(?:please )?record your (?:message|name)",
    r"(?:finish(?:ed)?|done) recording",
    r"hang up or press",
    r"more options",
    r"(?:forwarded|transferred) to (?:an? )?(?:automat|voice|the voice)\w*",
    r"automat(?:ic|ed) voice",
    r"voice ?mail (?:of|for|box|system|service)",
    r"voice message system",
    r"mail ?box (?:of|for|belonging|is full|that is full)",
    r"(?:not|isn ?t) accepting (?:calls|messages)",
    rf"{_PERSON} (?:you are|you re|you were|youre|you have|that you)"
    r" (?:trying|calling|called|dialed|dialled)",
    r"wireless customer",
    r"(?:can ?not|can ?t) accept",
    r"try (?:your call )?again later",
    r"if (?:this|it) is an? (?:emergency|urgent)\w*",
    r"(?:our|normal|regular|business|office) hours are",
    r"you know what to do",
    r"do your thing",
    r"thank(?:s| you) for calling(?! back)",
    rf"{_WILL} (?:get back to you|return your call|get right back|give you a call back"
    r"|call you (?:right )?back) (?:as|when|soon|shortly|within|just|at)",
)
_MENU = _any_of(
    r"to (?:send|re ?send|deliver) (?:this|your|the) message",
    r"(?:to )?re ?record",
    r"to (?:listen to|hear|review|play|erase|delete|cancel|mark|replay|save|continue recording)",
    rf"press (?:or say )?{_DIGIT}",
    r"your message (?:has been|was|will be|is being) \w+",
    r"message (?:sent|saved|delivered|recorded|erased|deleted)",
    r"(?:maximum|max) (?:recording|message|length|time|allowed)\w*",
    r"reached the (?:end|maximum|limit|time limit)",
    r"mail ?box is (?:now )?full",
    r"(?:no more|out of) (?:recording|message) (?:space|time)",
    r"time limit",
    r"are you still there",
    r"(?:did not|didn ?t) hear anything",
    r"if you are satisfied",
    r"main menu",
    r"thank you for using",
    r"if you(?:d| would)? like to make a call",
    r"hang up and (?:try|dial)",
    r"(?:delivery|message) options",
    r"for more options",
)
_RAN_OUT = _any_of(
    r"(?:maximum|max) \w+",
    r"reached the (?:end|maximum|limit|time limit)",
    r"(?:mail ?box|voice ?mail|message) (?:box )?is (?:now )?full",
    r"(?:no more|out of) (?:recording|message) (?:space|time)",
    r"time limit",
)
_OPENING = re.compile(
    r"^(?:(?:um|uh|oh|okay|ok|so|and|well|yes|yeah|hey|hi|hello|howdy|alright|good|morning"
    r"|afternoon|evening|there|mister|mr|ms|mrs|miss|doctor|dr) )*"
    r"(?:hi|hey|hello|howdy|good (?:morning|afternoon|evening)|yeah"
    rf"|(?:\w+ ){{0,2}}(?:{_THIS_IS}|{_CALLING}))\b"
)
_PURPOSE = _any_of(
    r"(?:i ?m|i am|was|just|reason (?:i ?m|i am)|reason for my)"
    r" (?:calling|call|giving you a call|following up|reaching out|checking in|returning)",
    r"calling (?:about|from|for|to|with|on behalf|because|in regards?|regarding|you)",
    r"(?:you|your) (?:request|inquir|quote|estimate|asked|filled|reached out)\w*",
    r"(?:sorry (?:i|that i|to have) missed you|trying to (?:reach|catch) you)",
    r"(?:call|text|ring) me (?:back|at|when|on|any)",
    r"give me a (?:call|ring|shout)",
    r"i ?(?:ve|have|had)? (?:got|emailed|sent|put|ran|spoke|looked)\b",
    r"we (?:spoke|talked|met)",
)
_INTRODUCTION = _any_of(
    rf"{_THIS_IS} (?:\w+ ){{1,3}}(?:with|from|at|over at|here at|calling)",
    r"my (?:number|cell|direct line) is",
    r"my name ?s? is",
)
_ANSWERING = re.compile(
    rf"^(?:{_ANSWER}|this is \w+(?: \w+)?|\w+ speaking)"
    rf"(?: (?:{_ANSWER}|this is \w+(?: \w+)?))*"
    r"(?: how can i help(?: you)?)?$"
)
_GREETING_BACK = re.compile(r"(?:(?:yes|yeah|oh|um|uh) )*(?:hi|hello|hey)\b")
_SPEAKING = re.compile(r"(?:this is )?(?:\w+ )?speaking")
_CONVERSATION = _any_of(
    r"who(?: i)?s (?:this|calling|that)",
    r"who am i speaking",
    r"is this (?!a |an |the |your |still |something |about )\w+",
    r"(?:can|may|could) i speak (?:to|with)",
    r"how can i help",
    r"what(?: i)?s (?:this|it|that) (?:about|regarding|for|in regards)",
    r"i ?m not interested",
    r"no thanks?(?: you)?",
    r"take me off",
    r"did i catch you",
    r"do you have a (?:minute|moment|second)",
    r"is now a (?:good|bad) time",
    r"(?:go ahead|sure go|sounds good|got it|all right then)",
    r"(?:he|she) (?:is|isn ?t|s) (?:not )?(?:here|in|available)",
    r"what can i do for you",
    r"how are you (?:doing )?today",
)
_HELLO = frozenset(
    [
        *("hello", "hi", "hey", "oh", "uh", "um", "er", "ah", "hm", "hmm", "huh", "yeah", "yes"),
        *("yep", "ok", "okay", "sorry", "never", "mind", "nevermind", "anybody", "anyone", "there"),
        *("is", "it", "you", "bye", "goodbye", "wrong", "number", "oops", "shoot", "no", "well"),
    ]
)
_DIGITS = frozenset(
    ["zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "double"]
)
_LEAVE = frozenset(
    [
        *("goodbye", "bye", "good", "thank", "thanks", "you", "cheers", "cheer", "up", "have", "a"),
        *("nice", "great", "day", "gracias", "very", "much", "and", "so", "one"),
    ]
)
_MAX_HELLO_WORDS = 8
_APOSTROPHES = str.maketrans("", "", "'\u2019")


def plain(words: Iterable[str]) -> str:
    """Return words in lower case without punctuation, one space between them."""
    text = " ".join(words).lower().translate(_APOSTROPHES)
    return " ".join(re.sub(r"[^\w\s]", " ", text).split())


def asks_to_leave_a_message(text: str) -> bool:
    """Whether ``plain`` text has a phrase of greetings."""
    return _GREETING.search(text) is not None


def comes_from_a_mailbox(text: str) -> bool:
    """Whether ``plain`` text has a phrase that a mailbox says after a message."""
    return _MENU.search(text) is not None


def mailbox_ran_out(text: str) -> bool:
    """Whether a mailbox says that it took no more."""
    return _RAN_OUT.search(text) is not None


def begins_a_message(text: str) -> bool:
    """Whether ``plain`` text begins as a caller does."""
    return _OPENING.match(text) is not None


def states_a_purpose(text: str) -> bool:
    """Whether ``plain`` text says what only a caller says."""
    return _PURPOSE.search(text) is not None


def introduces(text: str) -> bool:
    """Whether ``plain`` text says who is speaking and for whom, as callers and offices do."""
    return _INTRODUCTION.search(text) is not None


def answers_the_phone(text: str) -> bool:
    """Whether ``plain`` text is all that somebody says who picks up."""
    return _ANSWERING.match(text) is not None


def greets_back(text: str) -> bool:
    """Whether ``plain`` text begins as one does who was answered."""
    return _GREETING_BACK.match(text) is not None


def speaks_to_a_caller(text: str) -> bool:
    """Whether ``plain`` text has a phrase that takes two to talk."""
    return _CONVERSATION.search(text) is not None or _SPEAKING.fullmatch(text) is not None


def says_a_number(text: str) -> bool:
    """Whether ``plain`` text holds digits, or half of its words are digits spelt out."""
    words = text.split()
    spelt = sum(word in _DIGITS for word in words)
    return any(character.isdigit() for character in text) or 0 < len(words) <= 2 * spelt


def takes_leave(text: str) -> bool:
    """Whether nothing but thanks and goodbye is said."""
    return bool(text) and set(text.split()) <= _LEAVE


def is_a_mere_hello(text: str) -> bool:
    """Whether nothing but a greeting or a false start is said, in at most eight words."""
    words = text.split()
    return 0 < len(words) <= _MAX_HELLO_WORDS and set(words) <= _HELLO
