"""The address book written to, its roles, and the groups' old call (A/0055 ff, A/0077 ff, A/0086 ff, A/0740)."""

from collections.abc import Mapping

from tests.sandbox.clients.old.call import Old, many

_WRONG = (400002, 40035)
_USER = {"name": "新来的", "mobile": "13911112222", "dept_id_list": "200"}
_NO_ROLE = ("an unknown role", {"role_id": 1}, 33011)

CALLS: Mapping[str, Old] = {
    "whom an administrator manages": Old(
        "A/0070", "/topapi/user/get_admin_scope", {"userid": "admin"}, "userid", {"userid": ["admin"]},
        codes=(40036, *_WRONG), also=[("nobody", {"userid": "nobody"}, 60121)],
    ),
    "add a user": Old(
        "A/0055", "/topapi/v2/user/create", _USER, "name mobile dept_id_list",
        {"dept_id_list": {"id": 200}, "hide_mobile": "perhaps", "hired_date": "last year", "extension": "none"},
        {
            "userid": "u" * 65, "name": "长" * 81, "telephone": "1" * 51, "job_number": "1" * 51, "title": "长" * 201,
            "email": "e" * 51, "org_email": "e" * 101, "work_place": "长" * 101, "remark": "长" * 2001,
            "dept_id_list": many(101, "200"),
        },
        _WRONG,
        [
            ("a userid that is taken", {"userid": "lin"}, 60102),
            ("a mobile that is taken", {"mobile": "$mobile"}, 60104),
            ("a mobile in words", {"mobile": "电话"}, 60103),
            ("an unknown department", {"dept_id_list": "999"}, 60003),
        ],
    ),
    "change a user": Old(
        "A/0057", "/topapi/v2/user/update", {"userid": "lin", "remark": "x"}, "userid",
        {"userid": ["lin"], "hide_mobile": "perhaps", "dept_order_list": "first", "hired_date": "last year"},
        {
            "name": "长" * 81, "telephone": "1" * 51, "job_number": "1" * 51, "title": "长" * 201, "email": "e" * 51,
            "work_place": "长" * 101, "remark": "长" * 2001,
        },
        (33012, *_WRONG),
        [
            ("nobody", {"userid": "nobody"}, 60121, 33012),
            ("a way to update that isn't", {"ext_attrs_update_mode": 2}, *_WRONG),
            ("a language in small letters", {"language": "zh_cn"}, *_WRONG),
            ("a title, where positions are managed", {"title": "架构师"}, 12150),
            ("an unknown manager", {"manager_userid": "nobody"}),
        ],
    ),
    "delete a user": Old(
        "A/0058", "/topapi/v2/user/delete", {"userid": "chen"}, "userid", {"userid": {"userid": "chen"}},
        codes=(33012, *_WRONG), also=[("nobody", {"userid": "nobody"}, 33012, 60121)],
    ),
    "add a department": Old(
        "A/0077", "/topapi/v2/department/create", {"name": "测试部", "parent_id": 1}, "name parent_id",
        {"parent_id": "研发部", "order": "first", "hide_dept": "perhaps"}, {"name": "长" * 65}, (40035,),
        [
            ("an unknown parent", {"parent_id": 999}, 60004),
            ("51 who may see it", {"hide_dept": True, "user_permits": many(51)}, 600109),
            ("51 departments that may", {"hide_dept": True, "dept_permits": many(51, "200")}, 600109),
        ],
    ),
    "change a department": Old(
        "A/0078", "/topapi/v2/department/update", {"dept_id": 300, "name": "销售一部"}, "dept_id",
        {"dept_id": "销售部", "parent_id": "上级"}, {"code": "c" * 31}, (40009, *_WRONG),
        [
            ("an unknown one", {"dept_id": 999}, 60003, 40009),
            ("an unknown parent", {"parent_id": 999}, 60004),
            ("below itself", {"parent_id": 300}, 60010),
            ("the top moved", {"dept_id": 1, "parent_id": 200}, 60018),
            ("a name of 65 characters", {"name": "长" * 65}, 60001),
            ("an order in words", {"order": "first"}, 40011),
            ("51 who may see it", {"user_permits": many(51)}, 60109),
        ],
    ),
    "delete a department": Old(
        "A/0079", "/topapi/v2/department/delete", {"dept_id": "$empty"}, "dept_id", {"dept_id": "销售部"},
        codes=_WRONG, also=[("an unknown one", {"dept_id": 999}, 60003), ("one with people", {"dept_id": 200})],
    ),
    # roles
    "roles": Old(
        "A/0089", "/topapi/role/list", {"size": 20, "offset": 0}, over={"size": 201}, codes=(40069,),
        also=[
            ("a size in words", {"size": "all"}, 40069),
            ("a size of none", {"size": 0}, 40069),
            ("a negative offset", {"offset": -1}, 40068),
            ("an offset in words", {"offset": "first"}, 40068),
        ],
    ),
    "who has a role": Old(
        "A/0096", "/topapi/role/simplelist", {"role_id": "$role", "size": 20, "offset": 0}, "role_id",
        {"role_id": "人事"}, codes=(33011, *_WRONG),
        also=[
            _NO_ROLE, ("101 a page", {"size": 101}, 40069), ("a negative offset", {"offset": -1}, 40068),
        ],
    ),
    "role": Old(
        "A/0090", "/topapi/role/getrole", {"roleId": "$role"}, "roleId", {"roleId": "人事"}, codes=(33011, *_WRONG),
        also=[("an unknown role", {"roleId": 1}, 33011)],
    ),
    "role group": Old(
        "A/0092", "/topapi/role/getrolegroup", {"group_id": "$role_group"}, "group_id", {"group_id": "岗位"},
        codes=_WRONG, also=[("an unknown one", {"group_id": 1}, 400002)],
    ),
    "add a role group": Old(
        "A/0091", "/role/add_role_group", {"name": "职务二"}, "name", {"name": ["职务"]}, codes=_WRONG,
    ),
    "add a role": Old(
        "A/0086", "/role/add_role", {"roleName": "新角色", "groupId": "$role_group"}, "roleName groupId",
        {"roleName": ["x"], "groupId": "岗位"}, codes=(34018, 34020, *_WRONG),
        also=[
            ("a name that is taken", {"roleName": "沙盒角色"}, 34021),
            ("an unknown group", {"groupId": 1}, 34020),
        ],
    ),
    "rename a role": Old(
        "A/0088", "/role/update_role", {"roleId": "$role", "roleName": "改名"}, "roleId roleName",
        {"roleId": "人事", "roleName": {"x": 1}}, codes=(660000, 33011, *_WRONG),
        also=[("an unknown role", {"roleId": 1}, 33011)],
    ),
    "delete a role": Old(
        "A/0087", "/topapi/role/deleterole", {"role_id": "$spare_role"}, "role_id", {"role_id": "人事"},
        codes=(33011, *_WRONG), also=[_NO_ROLE, ("one of the system's", {"role_id": "$system_role"}, 23004)],
    ),
    "give roles": Old(
        "A/0093", "/topapi/role/addrolesforemps", {"roleIds": "$roles", "userIds": "lin,wang"}, "roleIds userIds",
        {"roleIds": {"x": 1}, "userIds": {"x": 1}}, {"roleIds": many(21, "$roles"), "userIds": many(21)},
        (33011, 33012, *_WRONG),
        [("an unknown role", {"roleIds": "1"}, 33011), ("nobody", {"userIds": "nobody"}, 33012)],
    ),
    "take roles": Old(
        "A/0094", "/topapi/role/removerolesforemps", {"roleIds": "$roles", "userIds": "lin"}, "roleIds userIds",
        {"roleIds": {"x": 1}, "userIds": {"x": 1}}, {"roleIds": many(21, "1"), "userIds": many(101)},
        (33011, 33012, *_WRONG),
        [("an unknown role", {"roleIds": "1"}, 33011), ("nobody", {"userIds": "nobody"}, 33012)],
    ),
    "bound a role": Old(
        "A/0095", "/topapi/role/scope/update", {"userid": "li", "role_id": "$role", "dept_ids": "200"},
        "userid role_id", {"role_id": "人事", "userid": ["li"], "dept_ids": {"x": 1}}, {"dept_ids": many(51, "200")},
        (34018, 60301, 40003, *_WRONG),
        [
            ("an unknown role", {"role_id": 1}, 60301),
            ("nobody", {"userid": "nobody"}, 40003, 46004),
            ("an unknown department", {"dept_ids": "999"}, 60003),
        ],
    ),
    "group": Old(
        "A/0740", "/chat/get", {"chatid": "$chat"}, "chatid", codes=(49000,), method="GET",
        also=[("an unknown one", {"chatid": "chatx"}, 40016), ("a conversation's id", {"chatid": "$cid"}, 40016)],
    ),
}  # fmt: skip
