"""Reading a sentence that hires somebody: 周敏下周一入职研发部, with as much more as was said. Pure."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from handlers.sentences.dates import scan
from handlers.sentences.text import DIGITS, number, plain
from hr_core.lifecycle.rules import Contract
from hr_core.onboarding.model import Employment
from hr_core.people.identity import read_mobile_number

_NUMERAL = rf"[0-9{''.join(DIGITS)}十廿]{{1,3}}"
_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_NAME = rf"[{_CJK}](?:[{_CJK}]|[·•](?=[{_CJK}])){{1,11}}"
_MOBILE = re.compile(r"(?<![0-9])(?:\+?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]){8}(?![0-9])")
_MANAGER = re.compile(
    rf"(?:直属)?(?:主管|上级|领导)(?:是|为|:)? ?(?P<name>{_NAME})|(?:汇报给|向)(?P<to>{_NAME}?)(?:汇报|[,;. ]|$)"
)
_CONTRACT = re.compile(
    rf"(?:合同(?:期限?)?(?:是|为|:)? ?(?P<n>{_NUMERAL})(?P<unit>年|个?月)"
    rf"|(?P<n2>{_NUMERAL})(?P<unit2>年|个?月)(?:期)?的?(?:固定期限)?(?:劳动)?合同)"
)
_OPEN_ENDED = re.compile(r"无固定期限?|长期合同")
_BY_TASK = re.compile(r"以?完成(?:一定)?(?:工作)?任务(?:为期限)?")
_PROBATION = re.compile(rf"试用期?(?:是|为|:)? ?(?P<n>{_NUMERAL})个?月|(?P<n2>{_NUMERAL})个月(?:的)?试用")
_NO_PROBATION = re.compile(r"(?:没有|无|不设|不要|免)试用期?|试用期?(?:是|为|:)?(?:没有|无|0)(?![0-9])")
_EMPLOYMENT = (
    (re.compile(r"实习"), Employment.INTERN),
    (re.compile(r"兼职|非全日制|小时工"), Employment.PART_TIME),
    (re.compile(r"全职"), Employment.FULL_TIME),
)
_POSITION = re.compile(r"(?:职位|岗位|职务|担任|任|做|当)(?:是|为|:)? ?(?P<title>[^,;:!?]{2,40})")
_TITLE = re.compile(
    rf"(?:^|[,;]) *(?P<title>[{_CJK}A-Za-z0-9]{{1,18}}(?:师|员|经理|总监|助理|顾问|会计|出纳)) *(?=[,;]|$)"
)
_ABOUT = re.compile(
    r"进度|流程|材料|怎么|如何|怎样|什么|哪|几|多少|吗|么|呢|\?|我的入职|同意|拒绝|取消|撤|重试|跳过|停止|查询|查看|已经|入职了|入职日期"
)
_FILLER = re.compile(
    r"^(?:请|麻烦|帮|我|忙|给|让|为|安排|办理?|一下|登记|新?(?:员工|同事|人)|我们|公司|有|个|叫|名字|姓名|是|:"
    r"|录用|招了|[ ,;.!])+"
)
_TAIL_OF_NAME = re.compile(r"(?:(?:定|计划|预计|准备|打算|将要?|要|会|来|去|到|在|于|从|就|是|的)+|[ ,;:])+$")
_HEAD_OF_PLACE = re.compile(r"^(?:了|到|去|进|在|加入|我们|公司|的|[ ,;:])+")
ALONE = frozenset({"办理入职", "办入职", "新员工入职", "入职登记", "录入新员工", "入职办理"})
"""Said alone, these begin a hire about which nothing is known yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HireSentence:
    """What was said. `place` is the department in the writer's words, where none of the known ones was named."""

    name: str | None = None
    mobile: str | None = None
    department: str | None = None
    place: str | None = None
    position: str | None = None
    manager: str | None = None
    first_day: date | None = None
    employment: Employment | None = None
    contract: Contract | None = None
    months: int | None = None
    probation: int | None = None


def hires_somebody(text: str) -> bool:
    """Tell whether a text asks for a hire; a question about one doesn't."""
    spelled = plain(text).strip(" .!;")
    if spelled in ALONE:
        return True
    if "入职" not in spelled or _ABOUT.search(spelled) or len(spelled) > 300:
        return False
    return read_hire_sentence(text, today=date(2000, 1, 3)).name is not None


def read_hire_sentence(text: str, *, today: date, departments: Collection[str] = ()) -> HireSentence:
    """Read one message, as much as it says. `departments` are the names that are known."""
    spelled = plain(text)
    days = [group for group in scan(spelled, today).groups if group.readable and group.first is not None]
    head, word, _ = spelled.partition("入职")
    without = _without(spelled, ((group.start, group.end) for group in days))
    before = without[: len(head)] if word else ""
    after = without[len(head) + len(word) :] if word else without
    department = _longest(spelled, departments)
    contract, months = read_contract(spelled)
    return HireSentence(
        name=_as_written(_name(before, department), spelled, text),
        mobile=read_mobile(spelled),
        department=department,
        place=None if department else _place(before, after),
        position=_as_written(_position(spelled, after, department), spelled, text),
        manager=_as_written(_manager(spelled), spelled, text),
        first_day=days[0].first if days else None,
        employment=next((kind for pattern, kind in _EMPLOYMENT if pattern.search(spelled)), None),
        contract=contract,
        months=months,
        probation=read_probation(spelled),
    )


def read_mobile(text: str) -> str | None:
    """Find a mobile number; gives its digits."""
    found = _MOBILE.search(plain(text))
    return read_mobile_number(found[0]) if found else None


def read_contract(text: str) -> tuple[Contract | None, int | None]:
    """Find what the contract is, and the months of a fixed one."""
    spelled = plain(text)
    if _OPEN_ENDED.search(spelled):
        return Contract.OPEN_ENDED, None
    if _BY_TASK.search(spelled):
        return Contract.TASK, None
    found = _CONTRACT.search(spelled)
    if found is None:
        return None, None
    count, unit = found["n"] or found["n2"], found["unit"] or found["unit2"]
    return Contract.FIXED, number(count) * (12 if unit == "年" else 1)


def read_probation(text: str) -> int | None:
    """Find the months of probation; 0 where it was said that there is none."""
    spelled = plain(text)
    if _NO_PROBATION.search(spelled):
        return 0
    found = _PROBATION.search(spelled)
    return number(found["n"] or found["n2"]) if found else None


def _as_written(found: str | None, spelled: str, text: str) -> str | None:
    """Give a piece in the writer's own characters: somebody's name is theirs."""
    at = spelled.find(found) if found else -1
    return text[at : at + len(found)] if found and at >= 0 else found


def _name(before: str, department: str | None) -> str | None:
    """Give who stands before 入职: what is left when politeness, the day and the department are taken away."""
    told = _MOBILE.sub(" ", before.replace(department, " ") if department else before)
    return next((name for piece in reversed(re.split(r"[,;]", told)) if (name := _name_in(piece))), None)


def _name_in(piece: str) -> str | None:
    for _ in range(4):
        head = _FILLER.sub("", piece.strip())
        shorter = _TAIL_OF_NAME.sub("", head)
        shorter = shorter if len(shorter) > 1 else head  # 张会 is a name, 周敏会 is 周敏 and a verb.
        if shorter == piece:
            break
        piece = shorter
    first = piece.split()[0] if piece.split() else ""
    return first if re.fullmatch(_NAME, first) and len(first) <= 12 else None


def _place(before: str, after: str) -> str | None:
    """Give what stands where a department stands: behind 入职, or between 到 and 入职."""
    found = re.search(rf"(?:到|去|进|加入)(?P<place>[{_CJK}A-Za-z0-9]{{2,20}}) *$", before)
    if found:
        return found["place"]
    first = re.split(r"[,;:. ]", _HEAD_OF_PLACE.sub("", after).strip())[0]
    return first if re.fullmatch(rf"[{_CJK}A-Za-z0-9]{{2,20}}", first) and first[-1] in "部组室处科心队" else None


def _position(spelled: str, after: str, department: str | None) -> str | None:
    labelled = _POSITION.search(spelled)
    if labelled:
        return labelled["title"].strip()
    if department and department in after:
        rest = re.split(r"[,;:!?]", after.partition(department)[2])[0].strip(" 的")
        if 2 <= len(rest) <= 40 and not _CONTRACT.search(rest) and not _PROBATION.search(rest):
            return _MOBILE.sub("", rest).strip() or None
    titled = _TITLE.search(after)
    return titled["title"] if titled else None


def _manager(spelled: str) -> str | None:
    found = _MANAGER.search(spelled)
    return (found["name"] or found["to"]) if found else None


def _longest(spelled: str, names: Iterable[str]) -> str | None:
    return max((name for name in names if len(name) > 1 and plain(name) in spelled), key=len, default=None)


def _without(spelled: str, extents: Iterable[tuple[int, int]]) -> str:
    letters = list(spelled)
    for start, end in extents:
        letters[start:end] = " " * (end - start)
    return "".join(letters)
