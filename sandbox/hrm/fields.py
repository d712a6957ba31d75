"""The roster's groups and fields (A/0943, A/0937, A/0938). Options of choices are assumed where no page lists them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

# A group's line: id, whether it has details, name. A field's: code without its group, type, name.
_TABLE = """
sys - 系统信息
  authRealName NONE 实人认证
sys00 - 基本信息
  name TextField 姓名
  email TextField 邮箱
  deptIds TextField 部门id列表
  mainDeptId TextField 主部门id
  dept TextField 部门
  mainDept TextField 主部门
  position TextField 职位
  mobile TextField 手机号
  jobNumber TextField 工号
  tel TextField 分机号
  workPlace TextField 办公地点
  remark TextField 备注
  confirmJoinTime DDDateField 入职时间
sys01 - 工作信息
  employeeType DDSelectField 员工类型
  employeeStatus DDSelectField 员工状态
  probationPeriodType DDSelectField 试用期
  regularTime DDDateField 转正日期
  positionLevel TextField 岗位职级
sys02 - 个人信息
  realName TextField 身份证姓名
  certNo TextField 证件号码
  birthTime DDDateField 出生日期
  sexType DDSelectField 性别
  nationType DDSelectField 民族
  certAddress TextField 身份证地址
  certEndTime DDDateWithLongField 证件有效期
  marriage DDSelectField 婚姻状况
  joinWorkingTime DDDateField 首次参加工作时间
  residenceType DDSelectField 户籍类型
  address TextField 住址
  politicalStatus DDSelectField 政治面貌
sys09 - 个人账号
  personalSi TextField 个人社保账号
  personalHf TextField 个人公积金账号
sys03 - 学历信息
  highestEdu DDSelectField 最高学历
  graduateSchool TextField 毕业院校
  graduationTime DDDateField 毕业时间
  major TextField 所学专业
sys04 - 银行卡信息
  bankAccountNo TextField 银行卡号
  accountBank TextField 开户行
sys05 - 合同信息
  contractCompanyName TextField 合同公司
  contractType DDSelectField 合同类型
  firstContractStartTime DDDateField 首次合同起始日
  firstContractEndTime DDDateField 首次合同到期日
  nowContractStartTime DDDateField 现合同起始日
  nowContractEndTime DDDateField 现合同到期日
  contractPeriodType DDSelectField 合同期限
  contractRenewCount TextField 续签次数
sys06 - 紧急联系人
  urgentContactsName TextField 紧急联系人姓名
  urgentContactsRelation TextField 联系人关系
  urgentContactsPhone TextField 联系人电话
sys07 + 家庭信息
  haveChild DDSelectField 有无子女
  childName TextField 子女姓名
  childSex DDSelectField 子女性别
  childBirthDate DDDateField 子女出生日期
sys08 - 个人材料
  forntIDcard DDPhotoField 身份证(人像面)
  rearIDcard DDPhotoField 身份证(国徽面)
  academicCertificate DDPhotoField 学历证书
  diplomaCertificate DDPhotoField 学位证书
  releaseLetter DDPhotoField 前公司离职证明
  personalPhoto DDPhotoField 员工照片
"""

_SEX = {"0": "男", "1": "女"}
OPTIONS = {
    "sys01-employeeType": {
        "0": "无类型", "1": "全职", "2": "兼职", "3": "实习", "4": "劳务派遣", "5": "退休返聘", "6": "劳务外包",
    },
    "sys01-employeeStatus": {"2": "试用期", "3": "正式", "5": "待离职", "-1": "无状态"},
    "sys01-probationPeriodType": {"0": "无试用期", **{str(one): f"{one}个月" for one in range(1, 7)}},
    "sys02-sexType": _SEX,
    "sys02-nationType": {"1": "汉族", "2": "壮族", "3": "满族", "4": "回族"},
    "sys02-marriage": {"1": "未婚", "2": "已婚"},
    "sys02-residenceType": {"1": "本地城镇", "2": "本地农村", "3": "外地城镇", "4": "外地农村"},
    "sys02-politicalStatus": {"1": "党员", "2": "团员", "3": "群众"},
    "sys03-highestEdu": {"1": "高中", "2": "大专", "3": "本科", "4": "硕士", "5": "博士"},
    "sys05-contractType": {"1": "固定期限劳动合同", "2": "无固定期限劳动合同"},
    "sys05-contractPeriodType": {"1": "1年", "3": "3年", "5": "5年", "0": "无固定期限"},
    "sys07-haveChild": {"0": "无", "1": "有"},
    "sys07-childSex": _SEX,
}  # fmt: skip
"""员工类型: A/0956; 员工状态: A/0946; 民族 1 and 户籍 1: samples of A/0940 and A/1611; the rest assumed."""


@dataclass(frozen=True, slots=True)
class RosterField:
    """One field; `code` is the whole one."""

    code: str
    type: str
    name: str

    @property
    def group(self) -> str:
        """The group's id."""
        return self.code.partition("-")[0]

    @property
    def options(self) -> dict[str, str]:
        """A choice's keys and labels."""
        return OPTIONS.get(self.code, {})

    @property
    def option_text(self) -> str:
        """The choices as the metadata carries them."""
        return json.dumps([{"label": label, "value": key} for key, label in self.options.items()], ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class RosterGroup:
    """A group; with `details` it has any number of rows."""

    id: str
    name: str
    details: bool
    fields: tuple[RosterField, ...]


def _read() -> Iterator[RosterGroup]:
    heads: list[list[str]] = []
    fields: dict[str, list[RosterField]] = {}
    for line in _TABLE.strip().splitlines():
        words = line.split()
        if not line.startswith(" "):
            heads.append(words)
            fields[words[0]] = []
        else:
            group = heads[-1][0]
            fields[group].append(RosterField(f"{group}-{words[0]}", words[1], words[2]))
    for group, details, name in heads:
        yield RosterGroup(group, name, details == "+", tuple(fields[group]))


GROUPS = {group.id: group for group in _read()}
FIELDS = {field.code: field for group in GROUPS.values() for field in group.fields}
SENSITIVE = {"sys02": "hrmPersonal", "sys04": "hrmBankCard", "sys06": "hrmUrgentContacts"}
"""Groups the console grants apart, by names of our own: the codes aren't in the documents."""
