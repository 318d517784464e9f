"""What backing up and restoring say."""

from collections.abc import Mapping

from ui.texts.text import Text

SAID: Mapping[str, Text] = {
    "backup_suffix": Text(
        "备份文件 {path} 的名称应以 .tar.zst 或 .tar.gz 结尾", "The name {path} must end in .tar.zst or .tar.gz"
    ),
    "backup_nothing": Text(
        "数据目录 {path} 里没有可以备份的内容；请检查 --data", "There is nothing to back up in {path}; check --data"
    ),
    "backup_locked": Text(
        "等了 {seconds} 秒，仍有进程在写入 {path}；请等它结束后重试",
        "Somebody has been writing to {path} for {seconds} s; try again when that is done",
    ),
    "backup_moving": Text(
        "向量库 {path} 在复制时一直在变；请稍后重试", "The vectors in {path} kept changing; try again later"
    ),
    "backup_progress": Text("备份", "Backing up"),
    "backup_done": Text("已备份到 {path}（{size}，{files} 个文件）", "Backed up to {path} ({size}, {files} files)"),
    "backup_tool": Text(
        "找不到 {tool}；请安装 PostgreSQL 客户端（Debian/Ubuntu：apt install postgresql-client）",
        "There is no {tool}; install the PostgreSQL client (Debian/Ubuntu: apt install postgresql-client)",
    ),
    "backup_tool_failed": Text("{tool} 失败：{reason}", "{tool} failed: {reason}"),
    "restore_progress": Text("恢复", "Restoring"),
    "restore_done": Text(
        "已恢复到 {path}（{created} 的备份，{documents} 份文档，{conversations} 个对话）",
        "Restored into {path} (backup of {created}, {documents} documents, {conversations} conversations)",
    ),
    "restore_aside": Text(
        "原来的文件移到了 {path}；确认无误后可删除", "What was there is now in {path}; delete it when all is well"
    ),
    "restore_damaged": Text(
        "备份 {path} 已损坏或被改动：{reason}；什么都没有恢复，请换一个备份",
        "The backup {path} is damaged or was changed: {reason}; nothing was restored, take another",
    ),
    "restore_other": Text(
        "备份 {path} 由本程序不认识的版本建立（{reason}）；请升级 zhengce",
        "The backup {path} is of a version that this program does not know ({reason}); upgrade zhengce",
    ),
    "restore_full": Text(
        "{path} 里已有数据；请换一个 --data 目录，或加 --force",
        "There are data in {path} already; choose another --data folder, or add --force",
    ),
    "restore_running": Text(
        "有服务正在使用 {path}；请先停止它再恢复", "A service is running on {path}; stop it, then restore"
    ),
    "restore_kind": Text(
        "备份里的状态数据库是 {stored}，现在设置的是 {set}；请改 ZHENGCE_DATABASE",
        "The state database in the backup is {stored}, the one that is set is {set}; change ZHENGCE_DATABASE",
    ),
    "restore_space": Text(
        "磁盘空间不够：需要 {needed}，只有 {free}", "There is not enough room on the disk: {needed} needed, {free} free"
    ),
    "damaged_archive": Text("压缩包不完整", "the archive is not whole"),
    "damaged_manifest": Text("没有有效的清单", "there is no valid manifest"),
    "damaged_path": Text("不该有的文件 {name}", "there is no place for {name}"),
    "damaged_bytes": Text("{name} 与清单不符", "{name} is not what the manifest says"),
    "damaged_missing": Text("缺少 {name}", "{name} is missing"),
    "damaged_database": Text("{name} 不是完好的数据库", "{name} is no sound database"),
}
