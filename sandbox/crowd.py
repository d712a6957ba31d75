"""A company of any size, always the same for a size and a seed, with the odd cases that the pages allow for.

The demo's company is in it, with its cast and its roster; everybody else works in branches beside it, and nothing is
filled in for them in the roster. How many of each hundred are odd
in which way stands in `ODD`; a re-invited person has a new userid, the old unionid, and hasn't accepted yet (assumed:
the pages don't say which of the ids changes).
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from random import Random

from sandbox.company import demo
from sandbox.world import Company, Department, Group, User

MOST = 100_000
ODD: Mapping[str, int] = {
    "no_mobile": 50, "no_manager": 40, "no_hired": 30, "inactive": 25, "five_departments": 200, "emoji": 300,
    "long_name": 500, "namesake": 20, "reinvited": 250, "no_email": 10, "no_job_number": 60,
}  # fmt: skip
"""One in so many."""
_TEAM, _TEAMS, _SECTIONS = 12, 8, 8  # people in a team, teams in a section, sections in a branch
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢"
    "姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常"
)
_DOUBLE = ("欧阳", "上官", "司马", "诸葛", "端木", "令狐")
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建文志国新立春梅海燕晓东雪峰宇浩然子涵梓轩欣怡佳琪思远嘉雨晨"
)
_TITLES = ("工程师", "高级工程师", "专员", "主管", "客户经理", "产品经理", "会计", "操作工", "质检员", "司机")
_EMOJI = ("🌟", "🐼", "👩‍💻", "🇨🇳", "🏳️‍🌈")
_FIRST_ID = 10_000


def crowd(people: int, seed: int = 1) -> Company:
    """Give a company of so many people, the demo's among them."""
    if not 1 <= people <= MOST:
        raise ValueError(f"people must be from 1 to {MOST}")
    core = demo()
    chance = Random(seed)
    departments, teams = _departments(max(0, people - len(core.users)))
    users = tuple(_users(people - len(core.users), teams, chance))
    for department, first in zip(teams, users[::_TEAM], strict=False):
        department.managers.append(first.userid)
    groups = (Group(f"cidCrowd{n:06d}==", one.name, _members(users, n)) for n, one in enumerate(teams[:20]))
    return Company((*core.departments, *departments), (*core.users, *users), (*core.groups, *groups), core.hrm)


def _members(users: tuple[User, ...], team: int) -> tuple[str, ...]:
    return tuple(one.userid for one in users[team * _TEAM : (team + 1) * _TEAM])


def _departments(people: int) -> tuple[list[Department], list[Department]]:
    """Give branches, sections and teams, and the teams again."""
    departments: list[Department] = []
    teams: list[Department] = []
    next_id = _FIRST_ID

    def add(name: str, parent: int) -> Department:
        nonlocal next_id
        department = Department(next_id, name, parent, order=next_id)
        next_id += 1
        departments.append(department)
        return department

    branch = section = None
    for number in range((people + _TEAM - 1) // _TEAM):
        if number % (_TEAMS * _SECTIONS) == 0:
            branch = add(f"第{number // (_TEAMS * _SECTIONS) + 1}分公司", 1)
        if number % _TEAMS == 0 and branch is not None:
            section = add(f"{number // _TEAMS % _SECTIONS + 1}部", branch.dept_id)
        if section is not None:
            teams.append(add(f"{number % _TEAMS + 1}组", section.dept_id))
    return departments, teams


def _users(people: int, teams: list[Department], chance: Random) -> Iterator[User]:
    for number in range(1, people + 1):
        odd = {what for what, one_in in ODD.items() if chance.random() * one_in < 1}
        team = teams[(number - 1) // _TEAM]
        head = number - (number - 1) % _TEAM
        dept_ids = [team.dept_id]
        if "five_departments" in odd:
            dept_ids += [one.dept_id for one in chance.sample(teams, min(4, len(teams))) if one is not team]
        userid = f"p{number:06d}"
        yield User(
            userid=f"{userid}r" if "reinvited" in odd else userid,
            name=_name(number, odd, chance),
            dept_ids=dept_ids,
            unionid=f"union-{userid}",
            mobile="" if "no_mobile" in odd else f"139{number:08d}",
            title=chance.choice(_TITLES),
            job_number="" if "no_job_number" in odd else f"N{number:06d}",
            email="" if "no_email" in odd else f"{userid}@qinghe.example",
            hired=None if "no_hired" in odd else date(2003, 1, 6) + timedelta(days=chance.randrange(8700)),
            manager="" if "no_manager" in odd or number == head else f"p{head:06d}",
            work_place=chance.choice(("上海", "成都", "深圳", "")),
            active=not odd & {"inactive", "reinvited"},
        )


def _name(number: int, odd: set[str], chance: Random) -> str:
    if "namesake" in odd:
        return "张伟"
    surname = chance.choice(_DOUBLE) if number % 97 == 0 else chance.choice(_SURNAMES)
    name = surname + "".join(chance.choices(_GIVEN, k=chance.choice((1, 2, 2))))
    if "emoji" in odd:
        return name + chance.choice(_EMOJI)
    return (
        (name + "（外包·派驻华东区重点客户联合项目组）" * 5)[:80] if "long_name" in odd else name
    )  # A/0055: 80 at most
