"""Titles as people write them."""

from __future__ import annotations

import re

_ARTICLES = "The|A|An|La|Le|Les|L'|Il|Das|Der|Die|El|Los|O"
_ARTICLE_LAST = re.compile(rf"^(?P<rest>.+), (?P<article>{_ARTICLES})$")
_IN_BRACKETS = re.compile(r"^(?P<title>.+?) \((?P<other>[^()]+)\)$")
# the year may be the first of a range, and '(V)' or '(TV)' may follow: made for video or television
_YEAR_LAST = re.compile(
    r"^(?P<title>.+?) *\((?P<year>\d{4})(?: ?[-–] ?(?:\d{4})?)?\)(?: \(T?V\))?$"
)


def readable(title: str) -> str:
    """'Usual Suspects, The' → 'The Usual Suspects', also inside a bracketed second title."""
    title = title.strip()
    both = _IN_BRACKETS.match(title)
    if both:
        return f"{_article_first(both['title'])} ({_article_first(both['other'])})"
    return _article_first(title)


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
