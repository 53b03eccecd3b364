"""Charts as one HTML page that needs nothing else, and as PNG files beside it."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence
from html import escape
from importlib.resources import files

from .chart import Chart, Missing

PAGE = "report.html"
_MARK = re.compile(r"\{\{(\w+)\}\}")


def report_files(
    heading: str, lead: str, charts: Sequence[Chart | Missing], generator: str
) -> dict[str, bytes]:
    """The page and a PNG per chart, by name; the page holds the same pictures.

    :param lead: what the charts are about, in a sentence or two.
    :param generator: the command that made it.
    """
    drawn = {one.name: _png(one) for one in charts if isinstance(one, Chart)}
    words = {
        "generator": escape(generator),
        "heading": escape(heading),
        "lead": escape(lead),
        "contents": "\n".join(
            f'<li><a href="#{_anchor(one)}">{escape(one.heading)}</a></li>'
            for one in charts
            if isinstance(one, Chart)
        ),
        "sections": "\n".join(_section(one, drawn) for one in charts),
    }
    template = (files(__package__) / PAGE).read_text(encoding="utf-8")
    page = _MARK.sub(lambda mark: words[mark[1]], template)
    return {PAGE: page.encode(), **{f"{name}.png": content for name, content in drawn.items()}}


def _png(chart: Chart) -> bytes:
    buffer = io.BytesIO()
    # without a version, the same data are the same bytes
    chart.figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _anchor(chart: Chart) -> str:
    """What links point to: a name without what a link or an attribute cannot have."""
    return re.sub(r"[^\w-]+", "-", chart.name)


def _section(chart: Chart | Missing, drawn: dict[str, bytes]) -> str:
    heading = f"<h2>{escape(chart.heading)}</h2>"
    if isinstance(chart, Missing):
        return f'<section>{heading}<p class="soft">Not drawn: {escape(chart.why)}.</p></section>'
    content = base64.b64encode(drawn[chart.name]).decode()
    text = escape(chart.text)
    return (
        f'<section id="{_anchor(chart)}">{heading}<figure>'
        f'<img src="data:image/png;base64,{content}" alt="{escape(chart.heading)}. {text}">'
        f"<figcaption>{text}</figcaption></figure></section>"
    )
