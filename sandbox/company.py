"""Who works here: the demo's company of about sixty people, and a tiny one for tests. Always the same.

The cast has fixed userids: lin (employee), wang (her manager), li (HR), zhao (payroll), chen (another department),
gao (general manager), admin (operator).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from sandbox.roster import filled
from sandbox.shifts import clocked
from sandbox.world import Company, Department, Group, User

NAME = "青禾科技有限公司"
HR_GROUP = "cidHRtongzhi0qinghe0001=="
TEAM_GROUP = "cidHouduanzu0qinghe0002=="
EVERYONE_GROUP = "cidQuanyuan0qinghe00003=="

# Level, id, name, place if not Shanghai; below it userid, name, title, hire date. A department's first heads it.
_DEMO = """
1 1 青禾科技有限公司
  gao 高远 总经理 2003-06-02
2 100 总经办
  sunyue 孙悦 总经理助理 2016-09-05
2 200 产品研发中心
  zhouning 周宁 研发总监 2006-04-10
3 201 后端组
  wang 王磊 后端负责人 2014-07-01
  lin 林晓 后端工程师 2022-03-14
  hejun 何俊 高级后端工程师 2015-11-16
  luoyi 罗毅 后端工程师 2019-08-12
  xiaohan 肖涵 后端工程师 2023-05-08
  tangwei 唐薇 后端工程师 2026-02-23
  fengze 冯泽 初级后端工程师 2026-10-12 试用期
3 202 前端组
  xujing 徐静 前端负责人 2013-03-18
  yangfan 杨帆 前端工程师 2018-06-25
  songyu 宋宇 前端工程师 2021-07-05
  panxin 潘欣 前端工程师 2024-04-15
3 203 测试组
  dengchao 邓超 测试负责人 2011-10-10
  caolin 曹琳 测试工程师 2017-02-13
  yuanye 袁野 测试工程师 2022-09-19
  shenqi 沈琪 测试工程师 2025-12-08
3 204 产品组
  jiangnan 江楠 产品负责人 2012-05-21
  fanrui 范睿 产品经理 2018-10-29
  duanmu 端木清 产品经理 2020-03-02
  weina 魏娜 交互设计师 2023-11-13
2 300 市场销售中心
  hanbing 韩冰 销售总监 2005-03-07
3 301 华东销售组
  qinfeng 秦峰 华东销售经理 2010-08-16
  chen 陈浩 客户经理 2020-06-15
  xieting 谢婷 客户经理 2016-04-11
  zouliang 邹亮 客户经理 2019-12-02
  baixue 白雪 销售助理 2025-07-14
3 302 华南销售组 广州
  liangchao 梁超 华南销售经理 2009-02-23
  huangying 黄莹 客户经理 2014-09-22
  wenbo 温博 客户经理 2021-04-06
  ouyang 欧阳慧 客户经理 2024-08-05
3 303 市场组
  guxin 顾昕 市场经理 2015-05-11
  daimeng 戴梦 品牌专员 2019-03-25
  zhongyi 钟艺 活动专员 2022-12-05
  mengjie 孟洁 内容专员 2026-04-20
2 400 人力资源部
  li 李静 人力资源总监 2008-09-01
3 401 招聘组
  qianduo 钱朵 招聘经理 2017-05-15
  luhan 陆涵 招聘专员 2021-10-18
  yinyue 尹悦 招聘专员 2026-09-07 试用期
3 402 薪酬组
  zhao 赵敏 薪酬经理 2013-11-04
  xiongwei 熊伟 薪酬专员 2020-08-24
2 500 财务部
  tianhe 田禾 财务总监 2004-11-15
3 501 会计组
  shiyan 石岩 主办会计 2012-02-06
  mayu 马玉 会计 2018-01-08
  dongjia 董佳 会计 2024-10-21
3 502 资金组
  liuqing 柳青 资金主管 2014-12-15
  kangning 康宁 出纳 2022-06-06
  weiqiang 韦强 财务分析师 2021-03-29
2 600 运营中心
  cuiyang 崔阳 运营总监 2007-07-16
3 601 客户服务组
  pengyu 彭羽 客服主管 2011-04-25
  huolan 霍兰 客服专员 2016-11-28
  jinxin 金鑫 客服专员 2020-11-09
  ruanyu 阮玉 客服专员 2023-02-20
  lvping 吕萍 客服专员 2019-06-17 离职交接中，最后工作日 2026-11-30
3 602 行政组
  taoran 陶然 行政主管 2013-08-19
  zhuqi 祝琪 行政专员 2021-01-11
  zengli 曾莉 前台 2025-03-17
3 603 IT组
  admin 马骁 IT 运维工程师 2017-09-11
  niuben 牛犇 IT 工程师 2023-08-28
"""

_TINY = """
1 1 青禾科技有限公司
  gao 高远 总经理 2003-06-02
2 200 研发部
  wang 王磊 研发负责人 2014-07-01
  lin 林晓 后端工程师 2022-03-14
2 300 销售部 广州
  qinfeng 秦峰 销售经理 2010-08-16
  chen 陈浩 客户经理 2020-06-15
2 400 人力资源部
  li 李静 人力资源总监 2008-09-01
  zhao 赵敏 薪酬经理 2013-11-04
2 600 IT部
  niuben 牛犇 IT 主管 2012-08-28
  admin 马骁 IT 运维工程师 2017-09-11
"""

# Nobody filled in the line manager of these: the department's head stands in.
_NO_MANAGER_SET = frozenset({601})


def demo() -> Company:
    """Give the demo's company."""
    departments, users = _read(_DEMO)
    team = tuple(user.userid for user in users if 201 in user.dept_ids)
    return Company(departments, users, _groups(users, team), filled(departments, users), clocked(departments, users))


def tiny() -> Company:
    """Give a company of nine: the cast and two heads."""
    departments, users = _read(_TINY)
    return Company(
        departments, users, _groups(users, ("wang", "lin")), filled(departments, users), clocked(departments, users)
    )


def _groups(users: Sequence[User], team: tuple[str, ...]) -> tuple[Group, ...]:
    return (
        Group(HR_GROUP, "HR通知", ("li", "zhao", "gao", "wang")),
        Group(TEAM_GROUP, "后端组", team),
        Group(EVERYONE_GROUP, "青禾全员群", tuple(user.userid for user in users)),
    )


def _read(table: str) -> tuple[tuple[Department, ...], tuple[User, ...]]:
    departments: list[Department] = []
    rows: list[tuple[int, list[str]]] = []
    parents: dict[int, int] = {}
    places: dict[int, str] = {}
    for line in table.strip().splitlines():
        if line.startswith(" "):
            rows.append((departments[-1].dept_id, line.split()))
            if not departments[-1].managers:
                departments[-1].managers.append(line.split()[0])
            continue
        level, dept_id, name, *place = line.split()
        parents[int(level)] = int(dept_id)
        places[int(dept_id)] = place[0] if place else "上海"
        departments.append(Department(int(dept_id), name, parents.get(int(level) - 1), order=len(departments)))
    by_id = {one.dept_id: one for one in departments}
    return tuple(departments), tuple(_users(rows, by_id, places))


def _users(
    rows: Sequence[tuple[int, list[str]]], departments: Mapping[int, Department], places: Mapping[int, str]
) -> Iterator[User]:
    hired = {words[0]: next(word for word in words if word[:2] in {"19", "20"}) for _, words in rows}
    seniority = sorted(hired, key=lambda userid: (hired[userid], userid))
    for number, (dept_id, words) in enumerate(rows, 1):
        userid, name, *title = words
        day = next(index for index, word in enumerate(title) if word[:2] in {"19", "20"})
        yield User(
            userid=userid,
            name=name,
            dept_ids=[dept_id],
            mobile=f"138{number:08d}",
            title=" ".join(title[:day]),
            job_number=f"QH{seniority.index(userid) + 1:04d}",
            email=f"{userid}@qinghe.example",
            hired=date.fromisoformat(title[day]),
            manager="" if dept_id in _NO_MANAGER_SET else _manager(userid, departments[dept_id], departments),
            work_place=places[dept_id],
            remark=" ".join(title[day + 1 :]),
            admin=userid == "admin",
            boss=userid == "gao",
        )


def _manager(userid: str, department: Department, departments: Mapping[int, Department]) -> str:
    """Give the head above: of one's own department, or of the next above for a head."""
    at: Department | None = department
    while at is not None:
        if at.managers and at.managers[0] != userid:
            return at.managers[0]
        at = departments.get(at.parent_id) if at.parent_id is not None else None
    return ""
