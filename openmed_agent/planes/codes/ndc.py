"""National Drug Codes: the forms in which they are written, and the one in which RxNorm keeps them.

A label has three segments of ten digits in all (4-4-2, 5-3-2 or 5-4-1: labeler, product, package). CMS's form, which
RxNorm keeps, fills each up to 5-4-2. The first two segments alone name a product in any package. Ten digits without
hyphens could be three codes, so they are none.
"""

import re
from typing import Final

_ELEVEN: Final = re.compile(r"\d{11}", re.ASCII)
_PACKAGE: Final = re.compile(r"(\d{4,5})-(\d{3,4})-(\d{1,2})", re.ASCII)
_PRODUCT: Final = re.compile(r"(\d{4,5})-(\d{3,4})", re.ASCII)
_PACKAGE_SIZES: Final = frozenset({(4, 4, 2), (5, 3, 2), (5, 4, 1), (5, 4, 2)})
_PRODUCT_SIZES: Final = frozenset({(4, 4), (5, 3), (5, 4)})
FORMS: Final = "An NDC is written 0781-1506-10, 60429-324-77, 11523-7020-1, as 11 digits, or without its package."


def normal_ndc(text: str) -> str | None:
    """Return the 11 digits of an NDC, the first 9 of one without package, or None where it has no form of an NDC."""
    written = text.strip()
    if _ELEVEN.fullmatch(written):
        return written
    for pattern, sizes in ((_PACKAGE, _PACKAGE_SIZES), (_PRODUCT, _PRODUCT_SIZES)):
        found = pattern.fullmatch(written)
        if found is not None and tuple(map(len, found.groups())) in sizes:
            return "".join(part.zfill(size) for part, size in zip(found.groups(), (5, 4, 2), strict=False))
    return None
