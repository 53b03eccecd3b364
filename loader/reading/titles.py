"""Titles as people write them."""

from __future__ import annotations

import re

_ARTICLES = (
    "The|A|An|La|Le|Les|L'|Un|Une|Il|I|Lo|Gli|Una|El|Los|Las|O|Os|Das|Der|Die|Ein|Eine|Den|Det|"
    "De|En|Da"
)
_ARTICLE_LAST = re.compile(rf"^(?P<rest>.+), (?P<article>{_ARTICLES})$")
_IN_BRACKETS = re.compile(r"\((?P<also>a\.k\.a\. )?(?P<title>[^()]+)\)")
# the year may be the first of a range, and '(V)' or '(TV)' may follow: made for video or television
_YEAR_LAST = re.compile(
    r"^(?P<title>.+?) *\((?P<year>\d{4})(?: ?[-–] ?(?:\d{4})?)?\)(?: \(T?V\))?$"
)


def readable(title: str) -> str:
    """'Usual Suspects, The' → 'The Usual Suspects', also inside brackets with other titles."""
    main, bracket, others = title.strip().partition(" (")
    return _article_first(main) + _IN_BRACKETS.sub(_bracket, bracket + others)


def _bracket(match: re.Match[str]) -> str:
    return f"({match['also'] or ''}{_article_first(match['title'])})"


def year_in(title: str) -> tuple[str, str]:
    """Take a year off a title's end: 'Stalker (1979)' → ('Stalker', '1979'); '' for none.

    Of a range, such as 'Death Note (2006–2007)', it is the first year.
    """
    match = _YEAR_LAST.match(title.strip())
    return (match["title"], match["year"]) if match else (title, "")


def _article_first(title: str) -> str:
    match = _ARTICLE_LAST.match(title)
    if not match:
        return title
    space = "" if match["article"].endswith("'") else " "
    return f"{match['article']}{space}{match['rest']}"
