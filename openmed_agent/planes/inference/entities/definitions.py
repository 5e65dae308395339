"""Short forms that a text defines itself: "renal artery stenosis (RAS)" makes every later RAS the same thing.

The check that letters of the short form occur in order in the long one follows A. Schwartz and M. Hearst, "A simple
algorithm for identifying abbreviation definitions in biomedical text", PSB 2003; the long form is a mention here.
"""

import re
from collections.abc import Iterator, Sequence

from openmed_agent.planes.inference.entities.matching import Mention
from openmed_agent.planes.inference.entities.normal import Tokens

_SHORT_FORM = re.compile(r"\s{0,2}[(\[]([A-Za-z][A-Za-z0-9]{1,8})[)\];,]")


def defined_mentions(tokens: Tokens, mentions: Sequence[Mention]) -> Iterator[Mention]:
    """Yield every place where a short form stands that one of ``mentions`` defined."""
    forms = set(_defined_forms(tokens, mentions))
    if not forms:
        return
    for index in range(len(tokens)):
        raw = tokens.raw(index)
        if raw in forms or raw.removesuffix("s") in forms:
            yield Mention(index, index, 0.8, ("defined",))


def _defined_forms(tokens: Tokens, mentions: Sequence[Mention]) -> Iterator[str]:
    for mention in mentions:
        match = _SHORT_FORM.match(tokens.text, tokens.ends[mention.last])
        if match and _stands_for(match.group(1), tokens, mention):
            yield match.group(1)


def _stands_for(form: str, tokens: Tokens, mention: Mention) -> bool:
    """Return whether a form with at least two capitals abbreviates the mention."""
    if sum(character.isupper() for character in form) <= 1:
        return False
    long_form = tokens.text[tokens.starts[mention.first] : tokens.ends[mention.last]].lower()
    letters = iter(long_form)
    return long_form[0] == form[0].lower() and all(
        letter in letters for letter in form.lower().rstrip("s") if letter.isalnum()
    )
