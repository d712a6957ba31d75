"""Whole sentences about leave: whether they ask for any, which type, when and why. Today is Tuesday 2026-11-24."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.sentences import read_dates, read_leave_sentence
from tests.handlers.test_sentences_dates import TODAY, shown

# sentence, type, dates as in the table of dates, reason
ASKING = [
    ("请假", None, "", ""),
    ("我想请假", None, "", ""),
    ("想请个假", None, "", ""),
    ("我要休年假", "annual", "", ""),
    ("我想请明天下午半天年假", "annual", "11-25 PM .. 11-25 PM", ""),
    ("请明天上午的事假", "personal", "11-25 AM .. 11-25 AM", ""),
    ("下周三到周五休年假", "annual", "12-02 AM .. 12-04 PM", ""),
    ("明天病假", "sick", "11-25 AM .. 11-25 PM", ""),
    ("年假，12月3日", "annual", "12-03 AM .. 12-03 PM", ""),
    ("请假明天", None, "11-25 AM .. 11-25 PM", ""),
    ("申请年假 12/3-12/5", "annual", "12-03 AM .. 12-05 PM", ""),
    ("请假 明天-后天 事假 搬家", "personal", "11-25 AM .. 11-26 PM", "搬家"),
    ("明天请假到周五", None, "11-25 AM .. 11-27 PM", ""),
    ("从下周一开始休到周五", None, "11-30 AM .. 12-04 PM", ""),
    ("从明天请到后天，事假", "personal", "11-25 AM .. 11-26 PM", ""),
    ("请三天年假，从明天开始", "annual", "11-25 AM +3", ""),
    ("从明天起休三天年假", "annual", "11-25 AM +3", ""),
    ("我想请2天年假，从12月3日开始", "annual", "12-03 AM +2", ""),
    ("请0.5天事假，明天下午", "personal", "11-25 PM .. 11-25 PM", ""),
    ("明天想休息", None, "11-25 AM .. 11-25 PM", ""),
    ("想休息一天", None, "+1", ""),
    ("帮我请明天的假", None, "11-25 AM .. 11-25 PM", ""),
    ("后天有事，请假一天", "personal", "11-26 AM .. 11-26 PM", "后天有事"),
    ("本周五下午有私事请半天", "personal", "11-27 PM .. 11-27 PM", "有私事"),
    ("身体不舒服，想请半天病假", "sick", "+0.5", "身体不舒服"),
    ("不舒服，想请明天半天", "sick", "11-25 half?", "不舒服"),
    ("发烧了，今天请假", "sick", "11-24 AM .. 11-24 PM", "发烧了"),
    ("明天去医院看病，请半天假", "sick", "11-25 half?", "明天去医院看病"),
    ("陪孩子看病请假一天", None, "+1", "陪孩子看病"),
    ("孩子发烧，明天请假", None, "11-25 AM .. 11-25 PM", "孩子发烧"),
    ("家里有事，请明天上午假", "personal", "11-25 AM .. 11-25 AM", "家里有事"),
    ("发烧了，请一天年假", "annual", "+1", "发烧了"),
    ("请婚假三天，家里有事", None, "+3", "家里有事"),
    ("请年假和病假", None, "", ""),
    ("明天请假一天，因为孩子发烧要去医院，谢谢", None, "11-25 AM .. 11-25 PM", "孩子发烧要去医院"),
    ("因为明天家里有事，想请一天事假", "personal", "11-25 AM .. 11-25 PM", "明天家里有事"),
    ("由于身体原因，申请今天下午病假半天", "sick", "11-24 PM .. 11-24 PM", "身体原因"),
    ("请假，原因：搬家，时间：明天下午", None, "11-25 PM .. 11-25 PM", "搬家"),
    ("因为后天要考试请假一天", None, "11-26 AM .. 11-26 PM", "后天要考试"),
    ("领导您好，我明天下午想请假半天去办签证，望批准", None, "11-25 PM .. 11-25 PM", "去办签证"),
    ("不好意思，明天请一天假", None, "11-25 AM .. 11-25 PM", ""),
    ("我昨天发烧了，今天想请病假", "sick", "11-24 AM .. 11-24 PM", "我昨天发烧了"),
    ("昨天发烧今天想请病假", "sick", "11-24 AM .. 11-24 PM", "发烧"),
    ("昨天晚上没睡好，今天上午请假", None, "11-24 AM .. 11-24 AM", "昨天晚上没睡好"),
    ("明天上午要开会，下午请半天假", None, "11-25 PM .. 11-25 PM", "明天上午要开会"),
    ("已经发烧三天了，明天请病假", "sick", "11-25 AM .. 11-25 PM", "已经发烧三天了"),
    ("拉肚子一个星期了，明天请病假", "sick", "11-25 AM .. 11-25 PM", "拉肚子一个星期了"),
    ("明天请假，后天回来上班", None, "11-25 AM .. 11-25 PM", "后天回来上班"),
    ("我朋友结婚，12月5号请假一天", None, "12-05 AM .. 12-05 PM", "我朋友结婚"),
    ("小明想请假", None, "", ""),
    ("能不能请明天下午的年假", "annual", "11-25 PM .. 11-25 PM", ""),
    ("今天请病假可以吗", "sick", "11-24 AM .. 11-24 PM", ""),
    ("可以请假吗", None, "", ""),
    ("我想请几天年假", "annual", "", ""),
    ("要不请一天假吧", None, "+1", ""),
    ("我不得不请假一天", None, "+1", ""),
    ("請病假 後天", "sick", "11-26 AM .. 11-26 PM", ""),
    ("請明天下午半天年假", "annual", "11-25 PM .. 11-25 PM", ""),
    ("我想請假，下週一", None, "11-30 AM .. 11-30 PM", ""),
    ("调休一天", None, "+1", ""),
    ("请长假", None, "", ""),
    ("请2月30日的年假", "annual", "? 2月30日", ""),
    ("请13月45日年假", "annual", "? 13月45日", ""),
    ("我想请下周的年假", "annual", "? 下周", ""),
    ("国庆请假", None, "? 国庆", ""),
    ("12月底请假", None, "? 12月底", ""),
    ("请三四天年假", "annual", "? 三四天", ""),
    ("请一周年假", "annual", "? 一周", ""),
    ("明天请假2小时", None, "? 2小时", ""),
    ("我要请明天和周五的年假", "annual", "? 明天和周五", ""),
    ("明天请假，后天也请假", None, "? 明天、后天", ""),
    ("从明天起请假", None, "? 明天起", ""),
    ("这周五下午和下周一上午请事假", "personal", "? 这周五下午和下周一上午", ""),
    ("年假，下周三，上午", "annual", "12-02 AM .. 12-02 AM", ""),
    ("明天请一上午", None, "11-25 AM .. 11-25 AM", ""),
    ("12月7号8号请年假", "annual", "12-07 AM .. 12-08 PM", ""),
    ("周五上午不来了", None, "11-27 AM .. 11-27 AM", ""),
    ("我明天可能不来上班了。", None, "11-25 AM .. 11-25 PM", ""),
    ("明天有事，来不了", "personal", "11-25 AM .. 11-25 PM", "明天有事"),
    ("今天身体不舒服，去不了公司了", "sick", "11-24 AM .. 11-24 PM", "今天身体不舒服"),
]

NOT_ASKING = [
    "年假还有几天",
    "年假余额",
    "我还剩几天年假",
    "病假怎么请",
    "请问年假怎么算",
    "年假可以请几天",
    "病假最多请几天",
    "病假可以按小时请吗",
    "试用期可以请年假吗",
    "请病假3天需要证明吗",
    "事假扣钱吗",
    "产假多少天",
    "我有5天年假吗",
    "请假流程",
    "请假条怎么写",
    "请假记录",
    "我的请假",
    "我的年假",
    "看看我的申请",
    "谁今天请假",
    "张三明天请假了吗",
    "同事请假了",
    "他明天请假",
    "我明天不请假",
    "我不想请假",
    "别请假了",
    "取消明天的请假",
    "撤回请假",
    "明天的假不请了",
    "我请过年假了",
    "我请了明天的假",
    "同意请假",
    "请你明天帮我看看",
    "想请教一个问题",
    "请3天内回复",
    "请查看附件",
    "你好",
    "谢谢",
    "今天天气不错",
    "今天谁不在",
    "撤回",
    "帮助",
    "明天开会",
    "想请大家吃饭",
    "邀请明天的客人",
    "张三明天不来了",
    "客户明天来不了",
    "明天不来开会了",
    "明天不来上班可以吗",
    "不来了",
    "",
]


@pytest.mark.parametrize(("sentence", "leave_type", "when", "reason"), ASKING)
def test_a_sentence_asks_for_leave(sentence: str, leave_type: str | None, when: str, reason: str) -> None:
    told = read_leave_sentence(sentence, today=TODAY)

    assert told.asks_for_leave
    assert (told.leave_type, shown(told), told.reason or "") == (leave_type, when, reason)


@pytest.mark.parametrize("sentence", NOT_ASKING)
def test_a_question_a_refusal_and_other_peoples_leave_ask_for_none(sentence: str) -> None:
    told = read_leave_sentence(sentence, today=TODAY)

    assert (told.asks_for_leave, told.reason) == (False, None)


def test_a_company_can_have_its_own_words() -> None:
    words = {"带薪假": "annual", "头疼": "sick"}

    assert read_leave_sentence("明天请带薪假", today=TODAY, type_words=words).leave_type == "annual"
    assert read_leave_sentence("头疼，明天请假", today=TODAY, type_words=words).leave_type == "sick"
    assert read_leave_sentence("明天请年假", today=TODAY, type_words=words).leave_type is None


PIECES = [
    "我",
    "想",
    "请",
    "休",
    "假",
    "年假",
    "病假",
    "事假",
    "今天",
    "明天",
    "后天",
    "大后天",
    "周三",
    "下周五",
    "这周一",
    "上周日",
    "12月3日",
    "2月30日",
    "13/45",
    "3号",
    "31号",
    "2026-12-03",
    "12.3",
    "上午",
    "下午",
    "全天",
    "半天",
    "一天",
    "两三天",
    "1.5天",
    "三天半",
    "两点",
    "14:00",
    "晚上",
    "到",
    "至",
    "-",
    "~",
    "、",
    "和",
    "从",
    "起",
    "开始",
    "因为",
    "，",
    "。",
    "(",
    ")",
    "不",
    "吗",
    "几天",
    "一下",
    "下",
    "周",
    "月",
    "号",
    "日",
    "天",
    "十",
    "一",
    "二",
]


@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=14).map("".join)), st.dates())
def test_whatever_is_said_no_end_comes_before_its_start(text: str, today: date) -> None:
    today = today.replace(year=2000 + today.year % 100)
    for told in (read_leave_sentence(text, today=today), read_dates(text, today)):
        if told.start is None or told.end is None:
            assert told.end is None
            continue
        assert told.start <= told.end
        assert (told.start_half is None) == (told.end_half is None)
        if told.start == told.end:
            assert (told.start_half, told.end_half) != ("PM", "AM")
        assert told.days is None or (told.start_half is None and told.start == told.end)


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_what_is_unread_stands_in_the_text(text: str) -> None:
    assert all(piece and piece in text for piece in read_leave_sentence(text, today=TODAY).unread)


@pytest.mark.parametrize(
    "piece",
    [
        "明天",
        "请假",
        "一下",
        "明天请假，",
        "周三到",
        "1",
        "12/",
        "半",
        "请 ",
        "不想",
        "D",
        "因为",
        "，",
        "(",
        "想要需",
        " ",
    ],
)
def test_a_very_long_text_is_read_in_the_end(piece: str) -> None:
    # A reader that is quadratic or worse would meet the suite's time limit here.
    assert read_leave_sentence(piece * (60_000 // len(piece)), today=TODAY) is not None


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("我想请婚假", "婚假"),
        ("请陪产假三天", "陪产假"),
        ("请年假和调休", None),
        ("我想请明天下午半天年假", None),
        ("请假", None),
    ],
)
def test_a_type_that_isnt_offered_keeps_its_name(text: str, other: str | None) -> None:
    assert read_leave_sentence(text, today=TODAY).other_type == other
