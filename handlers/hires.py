"""A hire while it is being told: from a sentence, from answers one at a time, or from a form."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal

from handlers.sentences import read_dates
from handlers.sentences.hire import HireSentence, read_contract, read_hire_sentence, read_mobile, read_probation
from hr_core.errors import HRError
from hr_core.lifecycle.rules import Contract
from hr_core.onboarding.model import Employment, HireWish, Terms
from hr_core.onboarding.rules import probation_limit
from hr_core.onboarding.service import Former
from hr_core.people.identity import read_mobile_number
from hr_core.people.model import Directory
from hr_core.people.rules import department_path

Missing = Literal["name", "rehire", "mobile", "department", "position", "first_day", "contract", "probation"]
MOST_NAME, MOST_POSITION, MOST_MONTHS = 40, 80, 600
USUAL = frozenset({"默认", "默认的", "按默认", "就默认"})
YES, NO = (
    frozenset({"是", "是的", "对", "同一个人", "再次入职"}),
    frozenset({"不是", "不", "不同", "新员工", "不是同一个人"}),
)
USUAL_MONTHS = 36


class HireIncomplete(HRError):
    """A form, or an answer, lacks a field or says something that isn't one."""

    code = "onboarding.error.incomplete"

    def __init__(self, field: str) -> None:
        super().__init__(field=field)


class NotAMobile(HRError):
    """That isn't a mobile number of the mainland."""

    code = "onboarding.error.mobile"


class NoSuchDepartment(HRError):
    """No department, or several, are called so."""

    code = "onboarding.error.department"

    def __init__(self, name: str, several: list[str]) -> None:
        super().__init__(name=name, several=several)


class NoSuchManager(HRError):
    """Nobody, or several people, are called so."""

    code = "onboarding.error.manager"

    def __init__(self, name: str, total: int) -> None:
        super().__init__(name=name, total=total)


class RehireUnsaid(HRError):
    """Somebody of that name or mobile left: HR has to say whether it is the same person."""

    code = "onboarding.error.rehire"


@dataclass(frozen=True, slots=True)
class HireDraft:
    """What is known so far. `former` are those who may be the same person, `rehire` what HR said to that."""

    name: str = ""
    mobile: str = ""
    department: int | None = None
    position: str | None = None
    manager: int | None = None
    first_day: date | None = None
    employment: Employment = Employment.FULL_TIME
    contract: Contract | None = None
    months: int | None = None
    probation: int | None = None
    former: tuple[int, ...] = ()
    rehire: bool | None = None

    @property
    def missing(self) -> Missing | None:  # noqa: PLR0911 - a table of fields reads best as one
        """Name the next field to ask for."""
        if not self.name:
            return "name"
        if not self.mobile:
            return "mobile"
        if self.former and self.rehire is None:
            return "rehire"
        if self.department is None:
            return "department"
        if self.first_day is None:
            return "first_day"
        if self.position is None:
            return "position"
        if self.contract is None or (self.contract is Contract.FIXED and not self.months):
            return "contract"
        return "probation" if self.probation is None and self.limit else None

    @property
    def terms(self) -> Terms:
        """What the contract says so far."""
        return Terms(self.employment, self.contract or Contract.FIXED, self.months, self.probation or 0)

    @property
    def limit(self) -> int:
        """The longest probation the law allows."""
        return probation_limit(self.terms, rehire=bool(self.rehire))

    def wish(self, directory: Directory) -> HireWish:
        """Give the hire; only a complete draft has one. Without a manager it is the head of the department."""
        if self.missing is not None or self.department is None or self.first_day is None:
            raise HireIncomplete(self.missing or "department")
        manager = self.manager if self.manager is not None else head_of(directory, self.department)
        former = self.former[0] if self.rehire and self.former else None
        return HireWish(
            self.name, self.mobile, self.department, self.first_day, self.terms, self.position or "", manager, former
        )

    def state(self) -> dict[str, Any]:
        """Give plain values, to keep."""
        kept = {name: value for name, value in asdict(self).items() if value is not None and value != ""}
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in kept.items()}

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> "HireDraft":
        """Read kept values back."""
        known = {name: state[name] for name in cls.__slots__ if state.get(name) is not None}
        if "first_day" in known:
            known["first_day"] = date.fromisoformat(known["first_day"])
        if "employment" in known:
            known["employment"] = Employment(known["employment"])
        if "contract" in known:
            known["contract"] = Contract(known["contract"])
        known["former"] = tuple(known.get("former", ()))
        return cls(**known)

    def known_of(self, former: tuple[Former, ...]) -> "HireDraft":
        """Note who may be the same person; an answer to that is kept while they are the same people."""
        found = tuple(one.employee for one in former)
        return replace(self, former=found, rehire=self.rehire if found == self.former and found else None)

    def answered(self, text: str, today: date, directory: Directory) -> "HireDraft | None":
        """Take an answer: to the missing field, or to any that it names; None when the text is neither."""
        said = text.strip(" 。！!，,")
        told = self._asked(said, today, directory)
        if told is not None:
            return told
        draft = with_sentence(self, read_hire_sentence(text, today=today, departments=_names(directory)), directory)
        return draft if draft != self else None

    def _asked(self, said: str, today: date, directory: Directory) -> "HireDraft | None":  # noqa: PLR0911
        match self.missing:
            case "name":
                read = read_hire_sentence(f"{said}入职", today=today, departments=_names(directory)).name
                return replace(self, name=read) if read and len(said) <= 12 else None
            case "rehire":
                return replace(self, rehire=said in YES) if said in YES | NO else None
            case "mobile":
                mobile = read_mobile(said)
                if mobile is None and sum(map(str.isdigit, said)) > 5:
                    raise NotAMobile
                return replace(self, mobile=mobile) if mobile else None
            case "department":
                return replace(self, department=find_department(directory, said))
            case "first_day":
                first = read_dates(said, today=today).start
                return replace(self, first_day=first) if first else None
            case "position":
                return replace(self, position="" if said in {"无", "没有", "不填", "跳过"} else said[:MOST_POSITION])
            case "contract" if said in USUAL:
                return replace(self, contract=Contract.FIXED, months=USUAL_MONTHS)
            case "contract":
                contract, months = read_contract(said if "合同" in said else f"合同{said}")
                return replace(self, contract=contract, months=months) if contract else None
            case "probation":
                found = read_probation(said if "试用" in said else f"试用期{said.removesuffix('个月')}个月")
                return replace(self, probation=found) if found is not None else None
        return None


def draft_from_sentence(text: str, today: date, directory: Directory) -> HireDraft:
    """Read a sentence as far as it goes."""
    return with_sentence(HireDraft(), read_hire_sentence(text, today=today, departments=_names(directory)), directory)


def with_sentence(draft: HireDraft, told: HireSentence, directory: Directory) -> HireDraft:
    """Take over what a sentence says; raises for a department or a manager that can't be found."""
    place = told.department or told.place
    department = find_department(directory, place) if place else draft.department
    manager = find_person(directory, told.manager) if told.manager else draft.manager
    contract = told.contract or draft.contract
    return replace(
        draft,
        name=draft.name or told.name or "",
        mobile=told.mobile or draft.mobile,
        department=department,
        position=told.position if told.position is not None else draft.position,
        manager=manager,
        first_day=told.first_day or draft.first_day,
        employment=told.employment or draft.employment,
        contract=contract,
        months=told.months if told.contract else draft.months,
        probation=told.probation if told.probation is not None else draft.probation,
    )


def draft_from_form(form: Mapping[str, Any], directory: Directory) -> HireDraft:
    """Read what a form carries; nothing in it is trusted. Raises what is wrong with it, naming the field."""
    value = {name: _chosen(form.get(name)) for name in FIELDS}
    for name in ("name", "mobile", "department", "first_day", "contract", "probation"):
        if not value[name]:
            raise HireIncomplete(name)
    mobile = read_mobile_number(value["mobile"])
    if mobile is None:
        raise NotAMobile
    kind, _, months = value["contract"].partition(":")
    if kind not in set(Contract) or (kind == Contract.FIXED) != (months.isdigit() and 0 < int(months) <= MOST_MONTHS):
        raise HireIncomplete("contract")
    if value["employment"] and value["employment"] not in set(Employment):
        raise HireIncomplete("employment")
    if not value["probation"].isdigit() or len(value["probation"]) > 2:
        raise HireIncomplete("probation")
    if len(value["name"]) > MOST_NAME:
        raise HireIncomplete("name")
    try:
        first_day = date.fromisoformat(value["first_day"][:10])
    except ValueError:
        raise HireIncomplete("first_day") from None
    return HireDraft(
        name=value["name"],
        mobile=mobile,
        department=_chosen_department(directory, value["department"]),
        position=value["position"][:MOST_POSITION],
        manager=find_person(directory, value["manager"]) if value["manager"] else None,
        first_day=first_day,
        employment=Employment(value["employment"] or Employment.FULL_TIME),
        contract=Contract(kind),
        months=int(months) if months else None,
        probation=int(value["probation"]),
        rehire={"rehire": True, "new": False}.get(value["rehire"]),
    )


FIELDS = (
    "name", "mobile", "department", "position", "manager", "first_day", "employment", "contract", "probation", "rehire",
)  # fmt: skip


def form_state(form: Mapping[str, Any]) -> dict[str, Any]:
    """Give a sent form's values as they were typed, so that nothing has to be typed twice."""
    return {"typed": {name: value for name in FIELDS if (value := _chosen(form.get(name)))}}


def find_department(directory: Directory, name: str) -> int:
    """Find a department by its name or the end of it; raises `NoSuchDepartment`."""
    wanted = name.strip()
    exact = [one.id for one in directory.departments.values() if one.name == wanted]
    close = exact or [one.id for one in directory.departments.values() if wanted and wanted in one.name]
    if len(close) != 1:
        raise NoSuchDepartment(name, [path_of(directory, one) for one in close[:5]])
    return close[0]


def find_person(directory: Directory, name: str) -> int:
    """Find a colleague by name or userid; raises `NoSuchManager`."""
    wanted = name.strip()
    found = [one.id for one in directory.people.values() if wanted in {one.name, one.key}]
    if len(found) != 1:
        raise NoSuchManager(name, len(found))
    return found[0]


def head_of(directory: Directory, department: int) -> int | None:
    """Give the head of a department, or of the next above that has one."""
    for own in department_path(directory, department):
        if heads := directory.heads_of(own):
            return heads[0]
    return None


def path_of(directory: Directory, department: int) -> str:
    """Give a department's name with those above it, without the company's."""
    path = department_path(directory, department)
    return "/".join(directory.departments[one].name for one in reversed(path[:-1] or path))


def _names(directory: Directory) -> list[str]:
    return [one.name for one in directory.departments.values()]


def _chosen(value: object) -> str:
    """Give a field's value: a SELECT tells `{index, value}`, everything else tells itself."""
    if isinstance(value, Mapping):
        value = value.get("value")
    return str(value).strip() if isinstance(value, str | int) else ""


def _chosen_department(directory: Directory, value: str) -> int:
    by_key = next((one.id for one in directory.departments.values() if one.key == value), None)
    return by_key if by_key is not None else find_department(directory, value)
