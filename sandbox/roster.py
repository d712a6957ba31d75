"""The roster of the made-up companies: nobody's data, the same at every start, some of it spread over the years."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sandbox.world import CHINA, Department, User
from sandbox.world.hrm import LEAVING, PROBATION, REGULAR, Dismissal, Employee, Hrm, Job, Position, Rank, Sections

_PROBATION_MONTHS, _CONTRACT_YEARS = 3, 3
_RANKS = ("P4", "P5", "P6", "P7", "M1", "M2", "M3")
_VOLUNTARY = {"1": "家庭原因", "2": "个人原因", "3": "发展原因"}
_PASSIVE = {
    "4": "合同到期不续签",
    "5": "协议解除",
    "6": "无法胜任工作",
    "7": "经济性裁员",
    "8": "严重违法违纪",
    "9": "其他",
}


def filled(departments: Sequence[Department], users: Sequence[User]) -> Hrm:
    """Give everybody a record. Remarks on the contacts tell who is on probation and who is leaving when."""
    heads = {one for department in departments for one in department.managers}
    hrm = Hrm(
        ranks=[Rank(_id(f"rank {name}"), name, grade) for grade, name in enumerate(_RANKS, 4)],
        jobs=[Job(_id(f"job {name}"), name) for name in ("管理", "专业")],
        voluntary_reasons=dict(_VOLUNTARY),
        passive_reasons=dict(_PASSIVE),
    )
    hrm.positions = _positions(hrm, users, heads)
    for number, user in enumerate(users):
        hrm.employees[user.userid] = _employee(number, user, head=user.userid in heads)
        if user.remark.startswith("离职"):
            last = date.fromisoformat(user.remark[-10:])
            hrm.dismissals[user.userid] = Dismissal(user.userid, _ms(last), REGULAR, voluntary=["2"], memo="个人发展")
    return hrm


def _positions(hrm: Hrm, users: Sequence[User], heads: set[str]) -> list[Position]:
    """Give a position per title; one that a single department has belongs to that one."""
    where: defaultdict[str, list[int]] = defaultdict(list)
    for user in users:
        where[user.title] += [one for one in user.dept_ids if one not in where[user.title]]
    leading = {user.title for user in users if user.userid in heads}
    return [
        Position(_id(f"position {title}"), title, hrm.jobs[title not in leading].id, depts if len(depts) == 1 else [])
        for title, depts in where.items()
    ]


def _employee(number: int, user: User, *, head: bool) -> Employee:
    hired = user.hired or date(2020, 1, 1)
    probation = user.remark == "试用期"
    status = PROBATION if probation else LEAVING if user.remark.startswith("离职") else REGULAR
    began = date(hired.year - number % 4, 7, 1) if number % 4 else hired
    born = date(began.year - 23, number % 12 + 1, number % 28 + 1)
    rank = _RANKS[4 + number % 3] if head else _RANKS[number % 4]
    sections: Sections = {
        "sys01": [
            {
                "sys01-employeeType": "1",
                "sys01-probationPeriodType": str(_PROBATION_MONTHS),
                "sys01-regularTime": (hired + timedelta(days=91)).isoformat(),
                "sys01-positionLevel": rank,
            }
        ],
        "sys02": [
            {
                "sys02-realName": user.name,
                "sys02-certNo": f"000000{born:%Y%m%d}{number:03d}X",  # no place has this code
                "sys02-birthTime": born.isoformat(),
                "sys02-sexType": str(number % 2),
                "sys02-nationType": "1",
                "sys02-marriage": str(1 + number % 2),
                "sys02-joinWorkingTime": began.isoformat(),
                "sys02-residenceType": str(1 + number % 4),
                "sys02-address": f"上海市青禾路{number + 1}号",
            }
        ],
        "sys09": [{"sys09-personalSi": f"SI{number:08d}", "sys09-personalHf": f"HF{number:08d}"}],
        "sys03": [{"sys03-highestEdu": str(2 + number % 4), "sys03-graduateSchool": "青禾大学"}],
        "sys04": [{"sys04-bankAccountNo": f"0000{number:012d}", "sys04-accountBank": "青禾银行上海分行"}],
        "sys05": [_contract(hired, user.work_place)],
        "sys06": [{"sys06-urgentContactsName": f"{user.name}的家人", "sys06-urgentContactsPhone": f"139{number:08d}"}],
        "sys07": [_child(user, child) for child in range(number % 3)],
    }  # fmt: skip
    return Employee(user.userid, status, sections)


def _contract(hired: date, place: str) -> dict[str, str]:
    """Give three years' contracts up to the one that runs at the end of 2026; outside Shanghai with its own company."""
    renewed = max(0, (2026 - hired.year) // _CONTRACT_YEARS)
    start = _years_later(hired, renewed * _CONTRACT_YEARS)
    first, now = (
        _years_later(hired, years) - timedelta(days=1) for years in (_CONTRACT_YEARS, (renewed + 1) * _CONTRACT_YEARS)
    )
    return {
        "sys05-contractCompanyName": f"青禾科技（{place}）有限公司" if place != "上海" else "青禾科技有限公司",
        "sys05-contractType": "1",
        "sys05-firstContractStartTime": hired.isoformat(),
        "sys05-firstContractEndTime": first.isoformat(),
        "sys05-nowContractStartTime": start.isoformat(),
        "sys05-nowContractEndTime": now.isoformat(),
        "sys05-contractPeriodType": "3",
        "sys05-contractRenewCount": str(renewed),
    }


def _years_later(day: date, years: int) -> date:
    """Give the same day of another year; 1 March where 29 February has none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _child(parent: User, number: int) -> dict[str, str]:
    return {
        "sys07-haveChild": "1",
        "sys07-childName": f"{parent.name[0]}宝",
        "sys07-childSex": str(number),
        "sys07-childBirthDate": f"{2015 + number}-06-01",
    }


def _id(name: str) -> str:
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def _ms(day: date) -> int:
    return int(datetime.combine(day, time(), CHINA).timestamp() * 1000)
