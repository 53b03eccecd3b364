"""Reasons as sentences and as a page: titles are data, and nothing is said that is not known."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from reelgraph.cli.reasons import explanation_lines, why_not_lines
from reelgraph.cli.reasons_page import reasons_page
from reelgraph.errors import InputError
from reelgraph.explore.reasons_page import write_page
from reelgraph.explore.svg import Text, wrapped
from reelgraph.results.sentences import month, sentence

MARCH_1998 = 889_000_000
HITCHCOCK = {"name": "Alfred Hitchcock", "here": "DIRECTED", "there": "DIRECTED"}


def reason(**values: Any) -> dict[str, Any]:
    found = {"itemId": 7, "title": "Vertigo", "year": 1958, "contribution": 0.541, "rating": 5.0}
    known = {"ratingScale": 5.0, "timestamp": MARCH_1998, "seq": 3, "shared": [HITCHCOCK]}
    return {**found, **known, **values}


def recommendation(*evidence: dict[str, Any]) -> dict[str, Any]:
    return {
        **{"itemId": 9, "title": "Rear Window", "year": 1954, "rank": 2, "score": 4.33},
        "evidence": list(evidence),
    }


def test_a_reason_is_a_sentence() -> None:
    assert str(sentence(reason(), 4.33)) == (
        "Because you rated Vertigo 5 in March 1998 (+0.54 of 4.33), "
        "also directed by Alfred Hitchcock"
    )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"timestamp": None, "shared": []}, "Because you rated Vertigo 5 (+0.54 of 4.33)"),
        (
            {"rating": None, "shared": []},
            "Because Vertigo is in your history of March 1998 (+0.54 of 4.33)",
        ),
        (
            {"contribution": -0.1, "rating": 0.5, "shared": []},
            "Although you rated Vertigo 0.5 in March 1998 (-0.10 of 4.33)",
        ),
        (
            {"rating": None, "timestamp": None, "title": None, "shared": []},
            "Because 7 is in your history (+0.54 of 4.33)",
        ),
    ],
)
def test_what_is_not_known_is_left_out(values: dict[str, Any], said: str) -> None:
    assert str(sentence(reason(**values), 4.33)) == said


def test_what_is_shared_is_said_by_kind() -> None:
    shared = [
        *({"name": name, "here": "ACTED_IN", "there": "ACTED_IN"} for name in "ABCDE"),
        {"name": None, "here": "HAS_SEQUEL", "there": None},
        {"name": "F", "here": "DIRECTED", "there": "ACTED_IN"},
        {"name": "Drama", "here": "HAS_GENRE", "there": "HAS_GENRE"},
    ]
    assert str(sentence(reason(shared=shared), 4.33)).endswith(
        "(+0.54 of 4.33), also with A, B, C and 2 more, of the same series, of the same genre: "
        "Drama"
    )


def test_months_are_those_of_utc() -> None:
    assert [month(0), month(951_782_399), month(951_868_800)] == [
        "January 1970",
        "February 2000",
        "March 2000",
    ]
    assert month(10**18) is None


def test_the_first_reason_is_a_sentence_in_the_terminal() -> None:
    text = " ".join("\n".join(explanation_lines(recommendation(reason(), reason()))).split())
    assert text.count("Because you rated Vertigo 5 in March 1998 (+0.54 of 4.33)") == 1


def page(*evidence: dict[str, Any], audit: str = "passed") -> str:
    return reasons_page(recommendation(*evidence), "<u>1", audit).html()


def test_the_page_has_the_sentences_and_needs_nothing_else() -> None:
    text = page(reason(), reason(title="Heat & <script>alert(1)</script>", year=None))
    assert "Because you rated <cite>Vertigo</cite> 5 in March 1998 (+0.54 of 4.33)" in text
    assert "<script" not in text and "Heat &amp; &lt;script&gt;" in text and "<u>" not in text
    assert not re.search(r"(?:src|href|url\(|@import|https?:)", text)
    assert "prefers-color-scheme: dark" in text and "@media print" in text


def test_both_pictures_are_well_formed_and_described() -> None:
    text = page(reason(title="\"A\" <b> & 'c'"), reason(contribution=-0.2, shared=[]))
    for svg in re.findall(r"<svg.*?</svg>", text):
        root = ElementTree.fromstring(svg)
        title, description = root[0], root[1]
        assert title.tag == "title" and "Rear Window (1954)" in (title.text or "")
        assert "-0.20" in (description.text or "") and "Alfred Hitchcock" in (
            description.text or ""
        )
        assert root.attrib["aria-labelledby"].split() == [
            title.attrib["id"],
            description.attrib["id"],
        ]
    assert text.count("<svg") == 2


def test_a_page_without_evidence_says_so_and_one_that_leaks_warns() -> None:
    assert "The model gives no evidence." in page()
    assert "LEAKS" in page(reason(), audit="LEAKS") and "LEAKS" not in page(reason())
    assert "not audited" in page(reason(), audit="not audited")


def test_long_titles_are_cut_where_they_do_not_fit() -> None:
    lines = wrapped(Text("How I Learned to Stop Worrying and Love the Bomb", 14, 2), 120)
    assert len(lines) == 2 and lines[1].endswith("…")
    assert wrapped(Text("Donaudampfschifffahrtsgesellschaft", 14), 100)[0].endswith("…")
    assert wrapped(Text("", 14), 100) == []


def test_a_file_of_somebody_else_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "why.html"
    made = reasons_page(recommendation(reason()), 1, "passed")
    write_page(path, made)
    write_page(path, made)
    path.write_text("<p>mine</p>")
    with pytest.raises(InputError, match="is there and is not a page"):
        write_page(path, made)
    assert path.read_text() == "<p>mine</p>"
    with pytest.raises(InputError, match="cannot write"):
        write_page(path / "below.html", made)


def test_why_not_in_words() -> None:
    near = {**reason(), "similarity": 0.61}
    found = {**recommendation(), "rank": 57, "score": 1.2, "stored": 20, "lastScore": 2.5}
    text = "\n".join(why_not_lines({**found, "nearest": [near], "rated": False}))
    assert "number 57 of all items" in text and "ends at 2.500: 1.300 more" in text
    assert "Vertigo (1958), rated 5 of 5" in text and "same director: Alfred Hitchcock" in text
    unknown = {**found, "rank": None, "score": None, "nearest": [], "rated": True}
    text = "\n".join(why_not_lines(unknown))
    assert "no vector" in text and "the user has rated it since" in text and "nearest" not in text
