"""A paper as a card's markdown and as a page for a phone: values in, text out. As a file: `paper_pdf.py`."""

from functools import cache
from importlib import resources

from jinja2 import Environment, Template

from cards.markdown import plain
from cards.view import Paper, Row


def paper_markdown(paper: Paper) -> str:
    """Give the lines for a card's body: its markdown has no tables."""
    return "\n\n".join(filter(None, ["  \n".join(_line(row) for row in paper.rows), plain(paper.note)]))


def _line(row: Row) -> str:
    if row.head:
        return f"**{plain(row.label)}**"
    text = f"**{plain(row.text)}**" if row.total else plain(row.text)
    return f"{plain(row.label)}：{text}"


def page(title: str, *, paper: Paper | None = None, text: str = "", button: str = "") -> str:
    """Give a page for a phone: a paper, or words with at most one button, which posts to where the page is."""
    return _template().render(title=title, paper=paper, text=text, button=button)


STYLE = (resources.files("cards") / "paper.css").read_text("utf-8")


@cache
def _template() -> Template:
    text = resources.files("cards").joinpath("paper.html.j2").read_text("utf-8")
    return Environment(autoescape=True).from_string(text)
