"""Whether a text is Chinese, by its script."""

import re
from typing import Final

_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_KANA: Final = re.compile(r"[\u3041-\u309f\u30a1-\u30fa]")
_LATIN: Final = re.compile(r"[A-Za-z]")
_LATIN_PER_HAN: Final = 2  # a Chinese note is full of units and short forms
_KANA_SHARE: Final = 10


def is_chinese(text: str) -> bool:
    """Return whether Han characters carry the text; with more than a trace of kana it is Japanese."""
    han = len(_HAN.findall(text))
    if not han:
        return False
    return len(_LATIN.findall(text)) <= _LATIN_PER_HAN * han and _KANA_SHARE * len(_KANA.findall(text)) <= han
