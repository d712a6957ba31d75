"""What a phone shows of a card's values, right and wrong."""

from typing import Any

import pytest

from sandbox.page import cards
from sandbox.page.charts import draw
from tests.sandbox.page.examples import APPROVAL, REPORT


def _view(template: str, **values: Any) -> cards.CardView:
    return cards.view("track", template, values, lambda _: None)


@pytest.mark.parametrize(
    ("status", "tone"),
    [
        ("待审批", "wait"),
        ("已同意", "yes"),
        ("已拒绝", "no"),
        ("已撤回", "gone"),
        ("已取消", "gone"),
        ("处理中", "info"),
    ],
)
def test_status_words_have_their_colour(status: str, tone: str) -> None:
    assert _view("notice", status=status).tone == tone


def test_a_form_with_a_status_shows_no_fields() -> None:
    form = {"fields": [{"name": "a", "label": "a", "type": "TEXT"}]}
    assert len(_view("form", form=form, status="").fields) == 1
    assert _view("form", form=form, status="已同意").fields == ()


def test_an_object_where_words_belong_shows_as_the_platform_shows_it() -> None:
    view = _view(
        "notice", fields=[{"label": "天数", "text": {"n": 1}}, {"label": "共", "text": 3}, "x"], buttons={"id": 1}
    )
    assert view.rows == (("天数", "[Object Object]"), ("共", "3"))
    assert view.buttons == ()


def test_disabled_is_a_bool_not_a_word() -> None:
    buttons = [
        {"id": "a", "text": "甲", "disabled": True},
        {"id": "b", "text": "乙", "disabled": "true", "color": "pink"},
    ]
    assert [(b.disabled, b.colour) for b in _view("notice", buttons=buttons).buttons] == [
        (True, "blue"),
        (False, "blue"),
    ]


def test_the_comment_is_asked_for_only_when_told() -> None:
    assert _view("notice", ask_comment=True).asks_comment
    assert not _view("notice").asks_comment


def test_a_table_shows_each_kind_of_cell() -> None:
    table = _view("report", table=REPORT["table"]).table
    assert table is not None
    name, rate, act = table.rows[0]
    assert (name.text, rate.text, rate.classes) == ("研发部", "96.1%", "center ink-green")
    assert (act.text, act.button, act.request) == ("明细", "gray", "0.2")
    assert [head.width for head in table.heads] == ["40%", "30%", "30%"]


def test_a_cell_of_the_wrong_type_shows_nothing_or_the_object() -> None:
    meta = [{"alias": "a", "dataType": "STRING"}, {"alias": "b", "dataType": "OBJECT"}]
    table = _view("report", table={"meta": meta, "data": [{"a": {"value": 1}, "b": "words"}, "x"]}).table
    assert table is not None
    assert [[cell.text for cell in row] for row in table.rows] == [["[Object Object]", ""]]


def test_a_tapped_cell_sends_its_row_and_column() -> None:
    table = REPORT["table"]
    assert cards.cell_of(table, "0.2") == {"row": table["data"][0], "column": table["meta"][2]}
    for wrong in ("", "1.0", "0.9", "a.b", "-1.0"):
        assert cards.cell_of(table, wrong) is None


@pytest.mark.parametrize("kind", ["lineChart", "histogram", "pieChart"])
def test_a_chart_draws_and_tells_its_figures(kind: str) -> None:
    chart = draw({"type": kind, "data": [{"x": "1月", "y": 12}, {"x": "2月", "y": 3.5}]})
    assert chart is not None
    assert chart.rows[0][:2] == ("1月", "12") and chart.rows[1][:2] == ("2月", "3.5")
    assert "1月 " in chart.summary and "style" not in chart.svg
    assert ("<rect" if kind == "histogram" else "<path") in chart.svg


@pytest.mark.parametrize("config", [{}, {"stack": True}, {"rotate": True}, {"stack": True, "rotate": True}])
def test_every_bar_lies_inside_the_picture(config: dict[str, Any]) -> None:
    chart = draw({**REPORT["chart"], "config": config})
    assert chart is not None
    bars = [part.split('"') for part in chart.svg.split("<rect ")[1:]]
    assert len(bars) == 6
    for bar in bars:
        x, y, width, height = (float(bar[i]) for i in (3, 5, 7, 9))
        assert x >= 0 and y >= 0 and x + width <= 320 and y + height <= 196


def test_a_pies_shares_are_told_as_wanted() -> None:
    data = [{"x": "年假", "y": 3}, {"x": "病假", "y": 1}]
    said = {
        style: [words for _, _, words in chart.legend]
        for style in ("default", "percentage", "num")
        if (chart := draw({"type": "pieChart", "data": data, "config": {"pieChartStyle": {"legend": style}}}))
    }
    assert said == {
        "default": ["年假", "病假"],
        "percentage": ["年假 75%", "病假 25%"],
        "num": ["年假 3", "病假 1"],
    }


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        {"type": "radar", "data": [{"x": "a", "y": 1}]},
        {"type": "histogram", "data": []},
        {"type": "histogram", "data": [{"x": "a", "y": "12"}]},
        {"type": "histogram", "data": [{"x": "a", "y": True}]},
        {"type": "pieChart", "data": [{"x": "a", "y": -1}]},
        {"type": "pieChart", "data": [{"x": "a", "y": 0}]},
    ],
)
def test_a_chart_of_the_wrong_shape_draws_nothing(broken: Any) -> None:
    assert draw(broken) is None


def test_figures_that_are_all_nought_still_draw() -> None:
    for kind in ("lineChart", "histogram"):
        assert draw({"type": kind, "data": [{"x": "a", "y": 0}, {"x": "b", "y": 0}]}) is not None


def test_the_notice_shows_what_it_was_given() -> None:
    view = _view("notice", **{**APPROVAL, "ask_comment": True})
    assert view.rows[0] == ("申请人", "林晓")
    assert [(b.id, b.colour) for b in view.buttons] == [("approve", "blue"), ("reject", "red")]
