"""What reports say of the child and of payment, in words: ICCAM's categories. Names of firms stay as they are."""

from typing import Final

from router.console.language import N_

AGE: Final = {
    "not_categorised": N_("age not categorised"),
    "infant": N_("infant"),
    "pre_pubescent": N_("before puberty"),
    "pubescent": N_("in puberty"),
}

GENDER: Final = {
    "not_determined": N_("not determined"),
    "female": N_("female"),
    "male": N_("male"),
    "both": N_("both sexes"),
}

PAYMENT: Final = {
    "not_determined": N_("not determined"),
    "amex": "American Express",
    "diners": "Diners Club",
    "mastercard": "Mastercard",
    "paypal": "PayPal",
    "visa": "Visa",
    "western_union": "Western Union",
    "other": N_("another means"),
    "none": N_("no payment"),
    "sms": N_("by text message"),
    "email": N_("by e-mail"),
    "liberty_reserve": "Liberty Reserve",
    "bitcoin": "Bitcoin",
}

#: By what lists of them are narrowed and put in order: what of the desk is due, and which comes first.
DUE: Final = {"overdue": N_("Overdue"), "today": N_("Due today")}
ORDER: Final = {"risk": N_("by risk, then age"), "due": N_("by due date"), "age": N_("by age")}
