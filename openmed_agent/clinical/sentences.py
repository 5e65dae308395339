"""Split clinical text into sentences.

Notes mix prose, wrapped prose, lists, tables and telegram style, so two questions are asked apart: does a
sentence end at this line break, and does one end at this mark inside a line.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from openmed_agent.clinical.assertion_words import word_set
from openmed_agent.text.spans import Span

# A period after one of these never ends a sentence.
_OPEN_ABBREVIATIONS = word_set(
    "dr drs mr mrs ms prof rev hon st mt pt pts vs approx eg ie cf fig dept lt col sgt capt resp ref al"
)
# A period after one of these ends a sentence only before a capital or a digit that opens a new statement.
_LOOSE_ABBREVIATIONS = word_set(
    "mg mcg ug gm gms kg ml cc dl oz lb lbs tab tabs cap caps inj susp soln oint supp sig disp qty min "
    "mins hr hrs sec wk wks mo mos yr yrs temp wt ht abd ext neuro neg pos hx dx tx rx sx fx bx jr sr "
    "md do np pa rn phd etc inc ltd co no nos vol ave blvd jan feb mar apr jun jul aug sep sept oct "
    "nov dec mon tue wed thu fri"
)
# Words that continue an order after an abbreviation although they are written in capitals.
_ORDER_WORDS = word_set("bid tid qid qd qod qhs qam qpm prn po iv im sc sq sl pr daily hs ac pc")
# A single letter after one of these is a name of something, not an initial.
_LETTERED = word_set("vitamin hepatitis hep type grade class stage group factor influenza flu protein plan part lead")
_UNFINISHED = word_set(
    "and or of the a an with without no to for from in on at by as than that which who is was are were "
    "has had his her their denies reports including"
)
_LIST_ITEM = re.compile(r"[ \t]{0,40}(?:[-*•·‣◦▪●○–—>]{1,2}[ \t]|\(?\d{1,2}[.)][ \t]|\(?[A-Za-z]\)[ \t]|\[[ xX]?\])")
_NUMBERED = re.compile(r"[ \t]{0,40}\(?(\d{1,2})([.)])[ \t]")
_LABEL = re.compile(r"[ \t]{0,40}[*_#]{0,6}[A-Z][\w/&'’() -]{0,48}:")
# A line that opens with an amount or a frequency goes on with the order of the line above it.
_REST_OF_ORDER = re.compile(
    r"(?:\d[\d.,/]{0,8}[ \t]?(?:mg|mcg|g|ml|units?|tabs?|tablets?|caps?|capsules?|mEq|puffs?|drops?)\b|"
    r"(?:once|twice|thrice|three times|four times|daily|nightly|weekly|every|by mouth|at bedtime|"
    r"po|iv|bid|tid|qid|qhs|qam|qpm|prn|as needed|with meals|subcutaneously)\b)",
    re.IGNORECASE,
)
_DOSE = re.compile(r"\d[ \t]?(?:mg|mcg|g|ml|mL|units?|tabs?|mEq|puffs?)\b")
_MARK = re.compile(r"[.!?]+[\"'”’)\]]{0,3}(?=\s|$)|(?<=[a-z]{2})\.(?=[A-Z][a-z])|(?<=\s)\(?\d{1,2}[.)](?=[ \t])")
_OPENS_SENTENCE = re.compile(r"[ \t]{1,4}[A-Z][A-Za-z'’]{0,30}(?![\w'’]|[ \t]?:)[ \t,]")
_LAST_WORD = re.compile(r"[^\s(\[\"“]{1,24}$")
_NEXT_WORD = re.compile(r"\s*([^\s]{0,24})")
_WRAP_WIDTH = 45  # narrower paragraphs are lists, not wrapped prose
_CAPITAL_WRAP_WIDTH = 60
_WRAP_SLACK = 12  # a wrapped line may end this short of the widest of its paragraph


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    text: str

    @property
    def blank(self) -> bool:
        return not self.text.strip()

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def split_sentences(text: str) -> tuple[Span, ...]:
    """Return the sentences of a clinical text in order, trimmed of blanks.

    Every character that is not white space lies in exactly one sentence. Semicolons stay inside; a list item,
    a table row and a title line are sentences of their own; wrapped prose continues over its line breaks.
    """
    lines = _lines(text)
    cuts = [0]
    for paragraph in _paragraphs(lines):
        width = max(len(line.text.rstrip()) for line in paragraph)
        for index, line in enumerate(paragraph):
            if index == 0 or not _continues(paragraph[index - 1], line, width=width):
                cuts.append(line.start)
            cuts.extend(line.start + cut for cut in _cuts_inside(line.text))
    cuts.append(len(text))
    return tuple(_trimmed(text, cuts))


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    start = 0
    for piece in text.splitlines(keepends=True):
        lines.append(_Line(start, piece))
        start += len(piece)
    return lines


def _paragraphs(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    paragraph: list[_Line] = []
    for line in lines:
        if not line.blank:
            paragraph.append(line)
        elif paragraph:
            yield paragraph
            paragraph = []
    if paragraph:
        yield paragraph


def _trimmed(text: str, cuts: Sequence[int]) -> Iterator[Span]:
    for start, end in pairwise(cuts):
        piece = text[start:end]
        body = piece.strip()
        if body:
            first = start + len(piece) - len(piece.lstrip())
            yield Span(first, first + len(body))


def _continues(before: _Line, after: _Line, *, width: int) -> bool:
    """Whether a sentence of the line before runs on into the line after, in a paragraph of that width."""
    upper, lower = before.text.rstrip(), after.text.lstrip()
    if _LIST_ITEM.match(after.text) or _LABEL.match(after.text) or _is_table_row(upper) or _is_table_row(lower):
        return False
    if upper.endswith((".", "!", "?", ":")) and not _is_open(upper):
        return False
    if upper.endswith(",") or _last_word(upper) in _UNFINISHED:
        return True
    if _REST_OF_ORDER.match(lower) and len(upper) >= _WRAP_WIDTH:
        return True
    if _DOSE.search(upper) and _DOSE.search(lower):
        return False
    hanging = bool(_LIST_ITEM.match(before.text)) and _indent(after.text) > _indent(before.text)
    if hanging and lower[0].islower():
        return True
    reach = len(upper) + 1 + len(lower.split(None, 1)[0])
    if lower[0].islower():
        return reach > width - _WRAP_SLACK and width >= _WRAP_WIDTH
    return reach > width and width >= _CAPITAL_WRAP_WIDTH and not upper.isupper()


def _is_open(line: str) -> bool:
    return line.endswith(".") and _last_word(line[:-1]) in _OPEN_ABBREVIATIONS


def _is_table_row(line: str) -> bool:
    return "\t" in line.strip() or "|" in line


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _last_word(line: str) -> str:
    found = _LAST_WORD.search(line[-25:])
    return found.group().lower() if found else ""


def _cuts_inside(line: str) -> Iterator[int]:
    """Offsets in the line where a new sentence starts."""
    numbered = _NUMBERED.match(line)
    expected, closer = (int(numbered.group(1)) + 1, numbered.group(2)) if numbered else (0, "")
    item = _LIST_ITEM.match(line)
    for mark in _MARK.finditer(line, item.end() if item else 0):
        number = mark.group().lstrip("(")[:-1]
        if not number.isdigit():
            if _ends_sentence(line, mark, expected=expected):
                yield mark.end()
        elif int(number) == expected and mark.group()[-1] == closer:
            yield mark.start()
            expected += 1
        elif int(number) == 1 and line[max(0, mark.start() - 4) : mark.start()].rstrip().endswith(
            (":", ".", ";", "-", "–")
        ):
            expected, closer = 2, mark.group()[-1]
        elif mark.group()[-1] == "." and _OPENS_SENTENCE.match(line, mark.end()):
            yield mark.end()


def _ends_sentence(line: str, mark: re.Match[str], *, expected: int) -> bool:
    following = _NEXT_WORD.match(line, mark.end())
    after = following.group(1) if following else ""
    if not after or mark.group()[0] != ".":
        return True
    word = _last_word(line[max(0, mark.start() - 25) : mark.start()])
    plain = word.replace(".", "")
    if plain in _OPEN_ABBREVIATIONS or (expected and word == str(expected - 1)):
        return False
    if re.sub(r"[^a-z]", "", after.lower()) in _ORDER_WORDS:
        return False
    if (plain == "no" and after[0].isdigit()) or (plain == "prn" and after.isupper()):  # "TYLENOL P.R.N. FOR PAIN"
        return False
    if len(word) == 1 and word.isalpha() and line[mark.start() - 1].isupper():
        return _letter_ends_sentence(line, mark.start())
    if after[0].islower():
        return len(plain) > 2 and "." not in word and plain not in _LOOSE_ABBREVIATIONS and plain.isalpha()  # noqa: PLR2004
    return not (plain in _LOOSE_ABBREVIATIONS and after[0].isdigit())


def _letter_ends_sentence(line: str, at: int) -> bool:
    """Whether a single capital before a period is a word (hepatitis C.) and not an initial (J. Doe)."""
    before = line[max(0, at - 26) : at - 1].split()
    return bool(before) and before[-1].lower() in _LETTERED
