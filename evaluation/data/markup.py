"""Text out of tags: what a reader sees in a line, and all that a part of an office file says."""

import html
import re
from bisect import bisect_right

# tags that begin no new line: what stands on both sides is read as one word
INLINE = (
    "a|abbr|b|bdi|bdo|big|cite|code|del|em|font|i|ins|kbd|mark|q|s|samp|small|span|strong|sub|sup"
    "|tspan|tt|u|var|wbr"
)
MARKED = re.compile(rf"(<!--.*?-->|</?(?:{INLINE})(?=[\s/>])[^<>]*>)|</?[A-Za-z][^<>]*>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
AS_TYPED = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
# runs of one line are not parted: a program cuts them wherever the format changes
PARAGRAPH = re.compile(r"</(?!(?:w:|a:)?(?:t|r|rPr)>)[^>]*>")
# Places and sizes of drawings and cells, and numbers that programs draw for their own use: they
# read like numbers of people, or (cell M01) like codes of places.
SIZES = (
    "r|ref|sqref|spans|s|x|y|cx|cy|l|t|b|w|h|pos|ang|dir|dist[TBLR]?|topLeftCell|activeCell|count"
    r"|lat|lon|rev|mar[LR]|indent|sz|id|w:rsid\w*|w:tplc|w14:(?:para|text)Id"
)
SAID = re.compile(
    rf"\s(?!(?:{SIZES})=[\"'][-\dA-Z:$. ]*[\"']|xmlns)"
    r"[\w:.-]+\s*=\s*(?:\"([^\"]*)\"|'([^']*)')"
)
PLACED = re.compile(
    r"<(wp14:pct\w+|(?:\w+:)?(?:posOffset|colOff|rowOff))>[-\d\s]*</\1>"
    r"|<(?:(?:c:)?(?:axId|crossAx)|w:(?:rsid\w*|nsid|tmpl|sig|panose1)|w1\d:docId)\s[^<>]*>"
)


class Joined:
    """A text without its tags, and where one was taken out of a line.

    Parameters
    ----------
    text : str
        Text with tags. Those that part lines become ``<>``, which parts cells too; line ends
        inside tags stay.
    """

    def __init__(self, text: str) -> None:
        self.joints: list[int] = []
        pieces: list[str] = []
        at = length = 0
        for match in MARKED.finditer(text):
            left = "\n" * match[0].count("\n") if "\n" in match[0] else ""
            pieces += [text[at : match.start()], left if match[1] else f"<>{left}"]
            length += match.start() - at
            if match[1]:
                self.joints.append(length)
            length += len(pieces[-1])
            at = match.end()
        self.text = "".join([*pieces, text[at:]])

    def is_joined(self, start: int, end: int) -> bool:
        """Whether what stands there was in several pieces: a tag stood inside it."""
        i = bisect_right(self.joints, start)
        return i < len(self.joints) and self.joints[i] < end


def office(text: str) -> str:
    """Every text of a part of an office file, then every attribute, each in a line of its own.

    A paragraph's runs stay together, cells and properties part.

    Parameters
    ----------
    text : str
        The part's XML.
    """
    text = PLACED.sub("", AS_TYPED.sub(lambda typed: html.escape(typed[1]), text))
    values = [*COMMENT.findall(text), *("".join(said) for said in SAID.findall(text))]
    plain = TAG.sub("", PARAGRAPH.sub("\n", COMMENT.sub("", text)))
    return html.unescape("\n".join([plain, *dict.fromkeys(values)]))
