"""Words that names of columns and files are made of, and what they say."""

from __future__ import annotations

from ..naming import singular, words


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


USERS = _set(
    "user customer member reviewer reader listener account visitor client buyer viewer player "
    "subscriber student borrower uid rater profile consumer shopper guest patron learner judge"
)
ITEMS = _set(
    "item movie film product artist book song track album game article business restaurant "
    "recipe anime manga comic show series episode podcast video clip course hotel place venue poi "
    "sku asin isbn tconst beer wine paper app appid story stock iid mid news joke post page "
    "document doc dish food drug gid shop store question program listing ad"
)
#: words that are an id by themselves
OWN_IDS = _set("uid iid mid asin isbn sku tconst nconst appid gid")
IDS = OWN_IDS | _set("id key no number code pk fk uuid guid hash index idx ref")
#: whose numbering an id is from; they say nothing about what it means
SCHEMES = _set("tmdb imdb omdb mbid wikidata goodreads external internal raw")
NAMES = _set("title name")
NOT_ITEMS = _set("invoice order transaction session basket event row index receipt")
RATINGS = _set("rating star score grade overall rate")
COUNTS = _set(
    "play playcount count counter click view weight quantity qty listen n hour minute playtime "
    "duration freq frequency total num time purchase visit amount watch number"
)
#: a number about the user or the item, or a sum over rows: never an id
MEASURES = _set(
    "num count counter avg average mean median sum total min max n of vote voted like age gender "
    "price cost budget gross revenue length duration percent pct ratio quantity qty amount year "
    "review feedback"
)
TIMES = _set("timestamp time date datetime ts at when created day")
#: when something of the item or user was, not when it was used
NOT_TIMES = _set(
    "release released birth born birthday published publication joined since registered "
    "registration signup expiry submitted founded"
)
PEOPLE = {
    "actor": "ACTED_IN",
    "actress": "ACTED_IN",
    "cast": "ACTED_IN",
    "starring": "ACTED_IN",
    "acted": "ACTED_IN",
    "director": "DIRECTED",
    "directed": "DIRECTED",
    "writer": "WROTE",
    "wrote": "WROTE",
    "author": "WROTE",
    "screenwriter": "WROTE",
    "producer": "PRODUCED",
    "produced": "PRODUCED",
    "composer": "COMPOSED",
    "composed": "COMPOSED",
}
PERSONS = frozenset(PEOPLE) | _set("person people nconst crew creator celebrity member staff")
KNOWLEDGE = _set(
    "genre tag category brand publisher country language label studio keyword subject topic style "
    "mood maker manufacturer supplier colour color cuisine city state region company production "
    "developer theme platform department network series franchise collection"
) | frozenset(PEOPLE)
#: columns of a file of pairs that say how the two belong together
ROLES = _set("role character job part position billing order ordering credit instrument")
_SPLIT = USERS | ITEMS | PERSONS | KNOWLEDGE
_SAME = {"ids": "id", "people": "person"}
_ENDINGS = ("ids", "id", "name", "title", "no", "number", "key", "code")


def meaning(name: str) -> frozenset[str]:
    """The words of a name, singular; ``movieid`` is movie and id, ``m.movieId`` too."""
    found: set[str] = set()
    for word in without_letters(words(name)):
        ending = next(
            (end for end in _ENDINGS if word.endswith(end) and word.removesuffix(end) in _SPLIT),
            "",
        )
        parts = [word.removesuffix(ending), ending] if ending and word not in _SPLIT else [word]
        found.update(_SAME.get(part) or singular(part) for part in parts)
    return frozenset(found)


def without_letters(parts: list[str]) -> list[str]:
    """Without single letters, such as the variable in ``m.movieId``; n is a number."""
    return [part for part in parts if len(part) > 1 or part == "n" or part.isdigit()] or parts


def meant_nodes(name: str) -> frozenset[str]:
    """What a name means beside being an id or a name: ``person_tmdbId`` is person."""
    return meaning(name) - IDS - SCHEMES - NAMES | (meaning(name) & OWN_IDS)
