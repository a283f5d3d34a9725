"""The terms of a charter that are asked for as a table. Pure."""

# Kinds of conflict as the floor above names them; the charter keeps them as plain strings.
AUTHORITY_KINDS = {
    "existing_customer": "The account is a customer already",
    "open_opportunity": "We have an open opportunity there",
    "named_account": "It is a named account",
    "protected": "Another partner is protected there",
    "earlier_claim": "Another partner claimed it earlier",
    "possible_account": "It may be the same company as one we know",
    "customer_choice": "The customer chose in writing",
    "engagement": "The rules of engagement say otherwise",
    "coverage": "It is outside the partner's coverage",
    "late": "It was registered late",
    "appeal": "The partner appeals against a decision",
    "change": "An approved registration is changed",
    "rep_opportunity": "We opened an opportunity under protection",
    "source_changed": "The source of a deal was changed",
    "route_around": "A protected deal was closed without the partner",
    "competing": "The partner sells a competing product",
    "exclusivity": "Somebody has exclusive rights",
    "raised": "Somebody raised it by hand",
}
# Terms of the charter's clocks: name, least, most, label, help. One left empty stays as it is.
CLOCK_FIELDS = (
    ("answer_days", 1, 90, "Days a partner has to answer a question", "Unanswered, the claim is declined."),
    ("appeal_days", 0, 90, "Appeal window", "0: there are no appeals."),
    ("keepalive_days", 0, 365, "Status update every (days)", "0: nobody is asked."),
    ("extension_days", 0, 365, "Days an extension adds", "0: there are none."),
    (
        "extensions_by_rule",
        0,
        12,
        "Extensions granted at once",
        "While the partner keeps you up to date. Further ones need a person.",
    ),
    (
        "notice_days",
        0,
        365,
        "Days before a win in which a claim comes too late",
        "It never counts as sourced.",
    ),
)
