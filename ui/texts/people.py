"""What is said of users, keys, feedback and the audit log."""

from collections.abc import Mapping

from ui.texts.text import Text

SAID: Mapping[str, Text] = {
    "sign_in_wait": Text("尝试次数过多，请 {minutes} 分钟后再试", "Too many attempts; try again in {minutes} minutes"),
    "sign_in_busy": Text("登录的人太多，请稍后再试", "Too many people are signing in; try again later"),
    "no_keys": Text(
        "接口需要密钥，但还没有密钥；请先运行 zhengce keys create 名称 --scope ask",
        "keys are required, but there are none yet; run zhengce keys create NAME --scope ask",
    ),
    "keys_no_name": Text("keys {action} 需要名称、编号或开头", "keys {action} needs a name, an id or a beginning"),
    "keys_created": Text(
        "密钥 {name}（编号 {id}，权限 {scopes}）：\n{secret}\n请现在就保存：它只显示这一次。",
        "The key {name} (id {id}, may {scopes}):\n{secret}\nKeep it now: it is not shown again.",
    ),
    "keys_revoked": Text("已作废密钥 {name}（{beginning}…）", "Revoked the key {name} ({beginning}…)"),
    "keys_state_valid": Text("有效", "valid"),
    "keys_state_expired": Text("已过期", "expired"),
    "keys_state_revoked": Text("已作废", "revoked"),
    "column_key": Text("密钥", "Key"),
    "column_key_name": Text("名称", "Name"),
    "column_scopes": Text("权限", "May"),
    "column_per_minute": Text("每分钟", "Per minute"),
    "column_per_day": Text("每天", "Per day"),
    "column_expires": Text("到期", "Expires"),
    "column_used": Text("上次使用", "Last used"),
    "column_state": Text("状态", "State"),
    "no_users": Text(
        "需要登录，但还没有用户；请先运行 zhengce users add 用户名 --role admin",
        "sign-in is required, but there are no users yet; run zhengce users add NAME --role admin",
    ),
    "users_no_name": Text("users {action} 需要用户名", "users {action} needs the name of a user"),
    "users_added": Text("已添加用户 {name}（{role}）", "Added the user {name} ({role})"),
    "users_role_set": Text("{name} 的角色已改为 {role}", "The role of {name} is now {role}"),
    "users_removed": Text("已删除用户 {name}", "Removed the user {name}"),
    "users_forgotten": Text(
        "已删除 {name} 的数据：对话 {conversations} 个，评价 {feedback} 条；审计日志里已去名",
        "Deleted what was kept of {name}: {conversations} conversations, {feedback} ratings; the audit log is anonymised",
    ),
    "users_nothing_kept": Text(
        "没有 {name} 的数据；用 zhengce users list 或 audit list 查看有谁",
        "Nothing is kept of {name}; see zhengce users list or audit list",
    ),
    "audit_since_bad": Text(
        "--since {value} 不是日期；写成 2026-05-06 或 2026-05-06T08:00",
        "--since {value} is no date; write 2026-05-06 or 2026-05-06T08:00",
    ),
    "audit_whole": Text(
        "审计日志完好：{rows} 行，其中 {forgotten} 行已去名",
        "The audit log is whole: {rows} rows, {forgotten} of them anonymised",
    ),
    "audit_broken": Text(
        "审计日志被改动过：共 {rows} 行，从第 {number} 行起不可信；请与备份比对",
        "The audit log was tampered with: {rows} rows, not to be trusted from row {number} on; compare it with a backup",
    ),
    "audit_forgotten": Text("（已去名）", "(anonymised)"),
    "column_number": Text("序号", "Number"),
    "column_whose": Text("谁", "Who"),
    "column_action": Text("做了什么", "Action"),
    "column_details": Text("详情", "Details"),
    "users_password_set": Text(
        "已更改 {name} 的密码，原有登录已失效", "Changed the password of {name}; their sessions are over"
    ),
    "users_password": Text("密码：", "Password: "),
    "users_password_again": Text("再输入一次：", "Once more: "),
    "users_password_differs": Text("两次输入的密码不同；请重新运行", "The two passwords differ; run it again"),
    "users_no_terminal": Text(
        "没有终端，无法询问密码；请用 --password-stdin 从标准输入传入",
        "There is no terminal to ask for the password; pass it to --password-stdin",
    ),
    "column_name": Text("用户名", "Name"),
    "column_role": Text("角色", "Role"),
    "column_since": Text("添加时间", "Added"),
    "column_when": Text("时间", "When"),
    "column_who": Text("读者", "Reader"),
    "column_rating": Text("评价", "Rating"),
    "column_comment": Text("意见", "Comment"),
    "column_question": Text("问题", "Question"),
    "rating_up": Text("有用", "good"),
    "rating_down": Text("有问题", "bad"),
    "reason_citation": Text("引用不对", "wrong citation"),
    "reason_answer": Text("回答不对", "wrong answer"),
    "reason_missing": Text("内容不全", "incomplete"),
    "reason_other": Text("其他", "other"),
}
