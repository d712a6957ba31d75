"""What people say about when, and how it is read on Tuesday 2026-11-24."""

from datetime import date

import pytest

from handlers.sentences import DateReading, read_dates

TODAY = date(2026, 11, 24)

# A reading is `start half .. end half`, `start half +days`, `day half?` for half of it, `+days` for a length alone;
# after a question mark stands what could not be read.
TABLE = """
12.3年假                  12-03 AM .. 12-03 PM
12.1-12.3年假             12-01 AM .. 12-03 PM
# relative days
今天                      11-24 AM .. 11-24 PM
明天                      11-25 AM .. 11-25 PM
后天                      11-26 AM .. 11-26 PM
大后天                    11-27 AM .. 11-27 PM
昨天                      11-23 AM .. 11-23 PM
前天                      11-22 AM .. 11-22 PM
大前天                    11-21 AM .. 11-21 PM
今日                      11-24 AM .. 11-24 PM
明日                      11-25 AM .. 11-25 PM
大大后天                  ? 大大后天
下周三，上午              12-02 AM .. 12-02 AM
明天、下午                11-25 PM .. 11-25 PM
明天上午，下午            11-25 AM .. 11-25 PM
12月7号8号                12-07 AM .. 12-08 PM
12月7号9号                ? 12月7号9号
# weekdays
周二                      11-24 AM .. 11-24 PM
周三                      11-25 AM .. 11-25 PM
周一                      11-30 AM .. 11-30 PM
这周一                    11-23 AM .. 11-23 PM
这周五                    11-27 AM .. 11-27 PM
本周四                    11-26 AM .. 11-26 PM
这个周五                  11-27 AM .. 11-27 PM
下周一                    11-30 AM .. 11-30 PM
下个周一                  11-30 AM .. 11-30 PM
下下周二                  12-08 AM .. 12-08 PM
上周五                    11-20 AM .. 11-20 PM
星期天                    11-29 AM .. 11-29 PM
周日                      11-29 AM .. 11-29 PM
周天                      11-29 AM .. 11-29 PM
礼拜三                    11-25 AM .. 11-25 PM
礼拜天                    11-29 AM .. 11-29 PM
星期3                     11-25 AM .. 11-25 PM
周末                      11-28 AM .. 11-29 PM
下周末                    12-05 AM .. 12-06 PM
每周三                    ? 每周三
周三四                    ? 周三四
周一天                    ? 周一天
下周三天                  ? 下周三天
下周                      ? 下周
# dates
12月3日                   12-03 AM .. 12-03 PM
12月3号                   12-03 AM .. 12-03 PM
十二月三号                12-03 AM .. 12-03 PM
十二月三十一日            12-31 AM .. 12-31 PM
12月3                     12-03 AM .. 12-03 PM
12 月 3 日                12-03 AM .. 12-03 PM
3号                       12-03 AM .. 12-03 PM
三号                      12-03 AM .. 12-03 PM
二十八号                  11-28 AM .. 11-28 PM
20号                      11-20 AM .. 11-20 PM
16号                      12-16 AM .. 12-16 PM
24号                      11-24 AM .. 11-24 PM
31号                      ? 31号
三十二号                  ? 三十二号
3日                       ? 3日
本月28号                  11-28 AM .. 11-28 PM
下月3号                   12-03 AM .. 12-03 PM
下个月十五号              12-15 AM .. 12-15 PM
2026-12-03                12-03 AM .. 12-03 PM
2026-1-3                  01-03 AM .. 01-03 PM
2026/12/3                 12-03 AM .. 12-03 PM
2026.12.3                 12-03 AM .. 12-03 PM
2026年12月3日             12-03 AM .. 12-03 PM
26年12月3日               12-03 AM .. 12-03 PM
二〇二六年十二月三日      12-03 AM .. 12-03 PM
20261203                  12-03 AM .. 12-03 PM
12/3                      12-03 AM .. 12-03 PM
12.3                      12-03 AM .. 12-03 PM
12.03                     12-03 AM .. 12-03 PM
明年1月5日                2027-01-05 AM .. 2027-01-05 PM
今年12月31日              12-31 AM .. 12-31 PM
去年12月3日               2025-12-03 AM .. 2025-12-03 PM
1月5日                    2027-01-05 AM .. 2027-01-05 PM
9月30日                   09-30 AM .. 09-30 PM
9月20日                   2027-09-20 AM .. 2027-09-20 PM
10月20日                  10-20 AM .. 10-20 PM
2月28日                   2027-02-28 AM .. 2027-02-28 PM
2月29日                   ? 2月29日
2028年2月29日             2028-02-29 AM .. 2028-02-29 PM
# what no calendar has
13月45日                  ? 13月45日
2月30日                   ? 2月30日
12月32号                  ? 12月32号
2026-02-30                ? 2026-02-30
2026-13-01                ? 2026-13-01
13/45                     ? 13/45
0月3日                    ? 0月3日
20261345                  ? 20261345
1999年1月1日              ? 1999年1月1日
# halves
明天上午                  11-25 AM .. 11-25 AM
明天下午                  11-25 PM .. 11-25 PM
明天早上                  11-25 AM .. 11-25 AM
明早                      11-25 AM .. 11-25 AM
明天全天                  11-25 AM .. 11-25 PM
明天一天                  11-25 AM .. 11-25 PM
明天一整天                11-25 AM .. 11-25 PM
明天半天                  11-25 half?
明天上半天                11-25 AM .. 11-25 AM
明天下半天                11-25 PM .. 11-25 PM
明天上下午                11-25 AM .. 11-25 PM
明天下午半天              11-25 PM .. 11-25 PM
明天晚上                  ? 明天晚上
今晚                      ? 今晚
明天中午                  ? 明天中午
上午                      AM .. AM
下午                      PM .. PM
明天的下午                11-25 PM .. 11-25 PM
明天上午半天              11-25 AM .. 11-25 AM
# lengths
明天两天                  11-25 AM +2
三天                      +3
3天                       +3
两天                      +2
一天                      +1
半天                      +0.5
三天半                    +3.5
3天半                     +3.5
一天半                    +1.5
0.5天                     +0.5
1.5天                     +1.5
2.0天                     +2
一点五天                  +1.5
十二天                    +12
三个工作日                +3
5个自然日                 ? 5个自然日
两个半天                  ? 两个半天
两三天                    ? 两三天
3-5天                     ? 3-5天
三到五天                  ? 三到五天
十几天                    ? 十几天
0天                       ? 0天
1.25天                    ? 1.25天
2小时                     ? 2小时
半个月                    ? 半个月
一周                      ? 一周
两个星期                  ? 两个星期
三天后                    ? 三天后
三天内                    ? 三天内
100天                     +100
9999天                    ? 9999天
# ranges: the end inherits week, month and year
下周三到周五              12-02 AM .. 12-04 PM
周三到周五                11-25 AM .. 11-27 PM
周三至周五                11-25 AM .. 11-27 PM
周三-周五                 11-25 AM .. 11-27 PM
周三~周五                 11-25 AM .. 11-27 PM
周三—周五                 11-25 AM .. 11-27 PM
周三到五                  11-25 AM .. 11-27 PM
周五到周一                11-27 AM .. 11-30 PM
下周五到下周二            ? 下周五到下周二
下周五到周二              12-04 AM .. 12-08 PM
周五到周五                ? 周五到周五
下周一到下下周五          11-30 AM .. 12-11 PM
10月12号到15号            10-12 AM .. 10-15 PM
12月3日至5日              12-03 AM .. 12-05 PM
12月3-5日                 12-03 AM .. 12-05 PM
12月3、4日                12-03 AM .. 12-04 PM
12月3到5号                12-03 AM .. 12-05 PM
3-5号                     12-03 AM .. 12-05 PM
三号到五号                12-03 AM .. 12-05 PM
28号到3号                 11-28 AM .. 12-03 PM
12月30日到1月3日          12-30 AM .. 2027-01-03 PM
12月5日到12月3日          ? 12月5日到12月3日
12月5号到3号              ? 12月5号到3号
2026-12-05到2026-12-03    ? 2026-12-05到2026-12-03
2026-12-03~2026-12-05     12-03 AM .. 12-05 PM
2026-12-03—2026-12-05     12-03 AM .. 12-05 PM
11.26-11.28               11-26 AM .. 11-28 PM
11/26到11/28              11-26 AM .. 11-28 PM
1.5到1.7                  ? 1.7
1.5                       ? 1.5
明天到后天                11-25 AM .. 11-26 PM
明天到周五                11-25 AM .. 11-27 PM
今天到下周一              11-24 AM .. 11-30 PM
昨天到今天                11-23 AM .. 11-24 PM
明天到12月1日             11-25 AM .. 12-01 PM
# lists of neighbours
明天和后天                11-25 AM .. 11-26 PM
明天、后天                11-25 AM .. 11-26 PM
明天，后天                11-25 AM .. 11-26 PM
明天后天                  11-25 AM .. 11-26 PM
周四周五                  11-26 AM .. 11-27 PM
周四和周五                11-26 AM .. 11-27 PM
周三、周四、周五          11-25 AM .. 11-27 PM
周三和周五                ? 周三和周五
明后天                    11-25 AM .. 11-26 PM
明后两天                  11-25 AM .. 11-26 PM
今明两天                  11-24 AM .. 11-25 PM
明天上午和下午            11-25 AM .. 11-25 PM
明天下午和后天上午        11-25 PM .. 11-26 AM
明天上午和后天上午        ? 明天上午和后天上午
明天和后天上午            ? 明天和后天上午
# ranges with halves
明天下午到后天上午        11-25 PM .. 11-26 AM
明天下午到后天            11-25 PM .. 11-26 PM
明天到后天上午            11-25 AM .. 11-26 AM
明天上午到下午            11-25 AM .. 11-25 PM
明天下午到上午            ? 明天下午到上午
下周一下午到下周三上午    11-30 PM .. 12-02 AM
12月3日上午到12月4日下午  12-03 AM .. 12-04 PM
上午到下午                AM .. PM
# hours lie in halves
明天下午两点到四点        11-25 PM .. 11-25 PM
下午两点到四点            PM .. PM
明天14:00到18:00          11-25 PM .. 11-25 PM
明天9:00-12:00            11-25 AM .. 11-25 AM
明天9点到18点             11-25 AM .. 11-25 PM
明天9点到6点              11-25 AM .. 11-25 PM
明天上午9点到11点         11-25 AM .. 11-25 AM
明天上午10点到下午3点     11-25 AM .. 11-25 PM
明天8:30-17:30            11-25 AM .. 11-25 PM
明天三点                  11-25 half?
明天三点到五点            11-25 half?
明天下午3点               11-25 PM .. 11-25 PM
明天25点                  ? 明天25点
明天12点到18点            11-25 PM .. 11-25 PM
# a beginning and a length
从明天起三天              11-25 AM +3
明天起三天                11-25 AM +3
从明天开始三天            11-25 AM +3
明天下午开始1.5天         11-25 PM +1.5
从明天起                  ? 明天起
从明天到国庆              ? 明天到国庆
到周五                    ? 周五
明天下午一天              11-25 PM +1
明天到后天两天            11-25 AM .. 11-26 PM
明天到后天三天            ? 明天到后天三天
12月3日到9日5天           12-03 AM .. 12-09 PM
# a day said twice
12月3日(周四)             12-03 AM .. 12-03 PM
12月3日（星期四）上午     12-03 AM .. 12-03 AM
12月3日周五               ? 12月3日周五
明天(25号)                11-25 AM .. 11-25 PM
明天周三                  11-25 AM .. 11-25 PM
明天周五                  ? 明天周五
# other spellings
下週一                    11-30 AM .. 11-30 PM
後天                      11-26 AM .. 11-26 PM
明天開始三天              11-25 AM +3
兩天                      +2
星期三下午                11-25 PM .. 11-25 PM
禮拜五                    11-27 AM .. 11-27 PM
１２月３日                12-03 AM .. 12-03 PM
下周三　下午              12-02 PM .. 12-02 PM
两点到四点                ? 两点到四点
# no certain day
国庆                      ? 国庆
元旦                      ? 元旦
五一                      ? 五一
春节                      ? 春节
月底                      ? 月底
12月底                    ? 12月底
年底                      ? 年底
下个月                    ? 下个月
明年
正月初三                  ? 正月初三
改天                      ? 改天
这两天                    ? 这两天
过几天                    ? 过几天
周五前                    ? 周五前
周五之前                  ? 周五之前
周五以后                  ? 周五以后
# nothing about time
你好
早上好
3号楼
12号线
38.5度
v1.2.3
192.168.1.1
13812345678
第3天
有一天
两周一次
24/7                      ? 24/7
5/100
周杰伦
八月十五                  ? 八月十五
一点也不
-
"""


def shown(reading: DateReading) -> str:
    def day(value: date) -> str:
        return f"{value:%m-%d}" if value.year == TODAY.year else value.isoformat()

    told = ""
    if reading.start is None:
        halves = f"{reading.start_half} .. {reading.end_half}" if reading.start_half else ""
        told = f"{halves} +{reading.days}".strip() if reading.days else halves
    elif reading.end is None:
        told = f"{day(reading.start)} {reading.start_half} +{reading.days}"
    elif reading.start_half is None:
        assert (reading.end, reading.end_half, str(reading.days)) == (reading.start, None, "0.5")
        told = f"{day(reading.start)} half?"
    else:
        told = f"{day(reading.start)} {reading.start_half} .. {day(reading.end)} {reading.end_half}"
    return f"{told} ? {'、'.join(reading.unread)}".strip() if reading.unread else told


def rows() -> list[tuple[str, str]]:
    lines = [line for line in TABLE.splitlines() if line and not line.startswith("#")]
    pairs = [line.partition("  ") for line in lines]
    return [(phrase, reading.strip()) for phrase, _, reading in pairs]


@pytest.mark.parametrize(("phrase", "reading"), rows())
def test_a_phrase_is_read_so(phrase: str, reading: str) -> None:
    assert shown(read_dates(phrase, TODAY)) == reading


def test_the_table_repeats_no_phrase() -> None:
    phrases = [phrase for phrase, _ in rows()]

    assert len(set(phrases)) == len(phrases) >= 250


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2026, 12, 31), date(2024, 2, 29), date(2027, 3, 1)])
def test_tomorrow_is_tomorrow_on_any_day(today: date) -> None:
    reading = read_dates("明天", today)

    assert reading.start == reading.end == date.fromordinal(today.toordinal() + 1)


def test_a_month_day_just_past_stays_past_and_one_long_past_is_next_years() -> None:
    assert read_dates("12月3日", date(2027, 1, 5)).start == date(2027, 12, 3)
    assert read_dates("12月3日", date(2026, 12, 5)).start == date(2026, 12, 3)


def test_the_last_days_of_december_reach_into_january() -> None:
    reading = read_dates("30号到2号", date(2026, 12, 28))

    assert (reading.start, reading.end) == (date(2026, 12, 30), date(2027, 1, 2))
