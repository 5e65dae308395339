"""Read listings of words, the form in which the rule tables are kept."""


def word_set(listed: str) -> frozenset[str]:
    """Return the blank-separated words of a listing."""
    return frozenset(listed.split())
