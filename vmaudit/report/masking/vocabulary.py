"""The English words by which masking tells numbers, amounts, addresses and names."""

from __future__ import annotations


def words_of(words: str) -> frozenset[str]:
    """The words of a list as a set."""
    return frozenset(words.split())


# What stands in the place of what is hidden.
MASKS = (NAME, NUMBER, AMOUNT, EMAIL, ADDRESS, GREETING, PATH, DETAIL) = (
    "[name]",
    "[number]",
    "[amount]",
    "[email]",
    "[address]",
    "[greeting]",
    "[path]",
    "[detail]",
)
TITLES = words_of("mr mrs ms miss mister dr doctor prof professor sir madam")
GREETINGS = words_of("hi hey hello dear")
DAYTIMES = words_of("morning afternoon evening")
FILLERS = words_of("um umm uh uhm er erm ah hm mm")
# What follows a greeting with a capital and is no name.
NO_NAMES = FILLERS | words_of(
    "a again and everyone folks for from good guys hope how i i'm is it it's its just my so the "
    "there this to we you your"
)
DIGIT_WORDS = words_of(
    "zero oh o one two three four five six seven eight nine niner ten eleven twelve thirteen "
    "fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fourty fifty sixty "
    "seventy eighty ninety nought naught double triple treble"
)
SCALES = words_of("hundred thousand million billion grand")
# What may stand between the digits of one number, words for which a digit was taken included.
BETWEEN_DIGITS = FILLERS | words_of(
    "and area ate c code dash dot ext extension for free hyphen is number point see sex that "
    "that's the then to too tree won x again"
)
MONEY = SCALES | words_of(
    "dollar dollars buck bucks cent cents pound pounds euro euros percent % k apr"
)
CURRENCIES = words_of("$ £ € ¥")
PERIODS = words_of("day week month quarter year")
CODES = words_of(
    "account acct policy loan order invoice claim ticket case reference ref confirmation member "
    "membership card vin serial license licence plate social ssn pin passcode password code "
    "routing ending"
)
STREETS = words_of("street avenue ave boulevard blvd road lane highway parkway turnpike")
PERHAPS_STREETS = words_of(
    "st rd dr drive way court ct place pl circle terrace trail square row close"
)
ROOMS = words_of("apartment apt unit suite box flat")
DOMAINS = words_of("com net org edu gov io co biz info us uk ca")
JOINS = words_of("dot period underscore dash hyphen")  # in the spoken name of a mailbox
