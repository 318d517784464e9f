"""What every door says: help pages, wrong usage, settings, files, results."""

from collections.abc import Mapping

from ui.texts.text import Text

SAID: Mapping[str, Text] = {
    "broken": Text(
        "服务遇到了问题，这次没能完成；请稍后再试。", "The service ran into a problem; please try again later."
    ),
    "locked": Text("文档正在更新，请稍后再试", "the documents are being updated; try again later"),
    "usage": Text("用法：", "Usage: "),
    "options": Text("选项", "Options"),
    "arguments": Text("参数", "Arguments"),
    "commands": Text("命令", "Commands"),
    "default": Text("[默认：{}]", "[default: {}]"),
    "required": Text("[必填]", "[required]"),
    "error": Text("错误：{message}", "Error: {message}"),
    "see_help": Text("{message}。用法见 {command} --help", "{message}. See {command} --help"),
    "no_such_option": Text("没有选项 {name}", "There is no option {name}"),
    "no_such_option_near": Text("没有选项 {name}，是不是 {near}", "There is no option {name}; did you mean {near}"),
    "no_such_command": Text("没有命令 {name}，可用的有：{known}", "There is no command {name}; there are: {known}"),
    "no_such_command_near": Text("没有命令 {name}，是不是 {near}", "There is no command {name}; did you mean {near}"),
    "missing": Text("缺少参数 {name}", "{name} is missing"),
    "bad_value": Text("参数 {name} 的值无效", "{name} has a value that is not valid"),
    "no_value": Text("选项 {name} 缺少值", "{name} needs a value"),
    "too_many": Text(
        "参数太多，含空格的内容请加引号", "There are too many arguments; put quotes around text with spaces"
    ),
    "usage_error": Text("命令写法有误（{detail}）", "The command is not well formed ({detail})"),
    "unexpected": Text(
        "程序内部错误（{name}）；加 --debug 可看详情", "Internal error ({name}); add --debug to see the details"
    ),
    "env_unknown": Text(
        "环境变量 {name} 不是已知的设置，最接近的是 {near}；请改名或取消它",
        "The environment variable {name} is not a known setting; the nearest is {near}; rename or unset it",
    ),
    "key_unknown": Text(
        "配置文件 {path} 里的 {name} 不是已知的设置，最接近的是 {near}；请改名或删去",
        "The key {name} in {path} is not a known setting; the nearest is {near}; rename or remove it",
    ),
    "setting_bad": Text(
        "设置 {name}（来自{origin}）无效：{reason}", "The setting {name} (from {origin}) is not valid: {reason}"
    ),
    "origin_env": Text("环境变量 {name}", "the environment variable {name}"),
    "origin_file": Text("配置文件 {path}", "the file {path}"),
    "origin_flag": Text("命令行", "the command line"),
    "config_missing": Text(
        "读不到配置文件 {path}：{reason}；请检查 --config 或 ZHENGCE_CONFIG",
        "Cannot read the settings file {path}: {reason}; check --config or ZHENGCE_CONFIG",
    ),
    "config_syntax": Text(
        "配置文件 {path} 不是有效的 TOML：{reason}", "The settings file {path} is not valid TOML: {reason}"
    ),
    "key_unreadable": Text(
        "读不到密钥文件 {path}：{reason}；请检查 ZHENGCE_LLM_API_KEY_FILE",
        "Cannot read the key file {path}: {reason}; check ZHENGCE_LLM_API_KEY_FILE",
    ),
    "host_bad": Text(
        "应为主机名，如 example.cn、*.example.cn，不带协议和端口",
        "write host names such as example.org or *.example.org, without scheme and port",
    ),
    "origin_bad": Text(
        "应为网站地址，如 https://example.cn，不带路径", "write origins such as https://example.org, without a path"
    ),
    "network_bad": Text(
        "应为 IP 地址或网段，如 10.0.0.1、10.0.0.0/8", "write addresses or networks such as 10.0.0.1 or 10.0.0.0/8"
    ),
    "store_missing": Text(
        "只支持 chroma、chroma+http://主机:端口、milvus:http://主机:端口、milvus:文件.db，不支持所设置的 {value}；"
        "请改为其中之一，口令写在 ZHENGCE_STORE_TOKEN 里",
        "write chroma, chroma+http://HOST:PORT, milvus:http://HOST:PORT or milvus:FILE.db, not this {value}; "
        "a password belongs in ZHENGCE_STORE_TOKEN",
    ),
    "no_file": Text("文件不存在", "there is no such file"),
    "no_permission": Text("没有权限", "permission denied"),
    "in_use": Text("端口已被占用", "the port is in use"),
    "disk_full": Text("磁盘已满", "the disk is full"),
    "read_only": Text("磁盘是只读的", "the disk is read-only"),
    "is_folder": Text("这是文件夹", "it is a folder"),
    "file_unreadable": Text("读不到文件 {path}：{reason}", "Cannot read {path}: {reason}"),
    "file_unwritable": Text("写不了文件 {path}：{reason}", "Cannot write {path}: {reason}"),
    "folder_missing": Text(
        "输出文件所在的文件夹 {path} 不存在；请先建立它",
        "The folder {path} of the output does not exist; make it first",
    ),
    "same_file": Text(
        "输入和输出是同一个文件 {path}；请换一个输出文件", "{path} is both input and output; choose another output"
    ),
    "line_bad": Text("第 {number} 行无效：{reason}", "Line {number} is not valid: {reason}"),
    "line_long": Text("超过 {limit} 字节", "it is longer than {limit} bytes"),
    "not_utf8": Text("不是 UTF-8 文字", "it is not UTF-8 text"),
    "json_invalid": Text("不是有效的 JSON", "it is not valid JSON"),
    "missing_field": Text("缺少 {field}", "{field} is missing"),
    "string_type": Text("{field} 应为文字", "{field} must be text"),
    "list_type": Text("{field} 应为数组", "{field} must be an array"),
    "object_type": Text("{field} 应为对象", "{field} must be an object"),
    "literal_error": Text("{field} 只能是 {expected}", "{field} must be {expected}"),
    "int_parsing": Text("{field} 应为整数", "{field} must be a whole number"),
    "extra_forbidden": Text("没有 {field} 这一项", "There is no field {field}"),
    "enum": Text("{field} 只能是 {expected}", "{field} must be {expected}"),
    "date_bound": Text(
        "{field} 应为日期，如 2024、2024-05、2024-05-06", "{field} must be a date: 2024, 2024-05 or 2024-05-06"
    ),
    "too_long": Text("{field} 最多 {max_length} 项", "{field} takes at most {max_length} items"),
    "string_too_long": Text("{field} 太长", "{field} is too long"),
    "less_than_equal": Text("{field} 不能大于 {le}", "{field} must not be above {le}"),
    "greater_than_equal": Text("{field} 不能小于 {ge}", "{field} must not be below {ge}"),
    "field_bad": Text("{field} 的值无效", "{field} is not valid"),
    "whole": Text("内容", "the content"),
    "ingest_total": Text(
        "文档 {documents} · 单元 {units} · 向量块 {chunks} · 跳过 {skipped} · 失败 {failed} · {seconds:.1f} 秒",
        "documents {documents} · units {units} · chunks {chunks} · skipped {skipped} · failed {failed} · {seconds:.1f} s",
    ),
    "ingest_progress": Text("导入", "Ingesting"),
    "reindex_begins": Text(
        "正在从已收录的文档重建索引（更换了向量模型、升级了版本或向量丢失时需要）；文档不动，中断了再运行就接着做",
        "Making the index anew from the documents, as another model, an upgrade or lost vectors ask for; the documents "
        "stay as they are, and what is stopped goes on at the next run",
    ),
    "reindex_progress": Text("重建索引", "Reindexing"),
    "reindex_documents": Text("整理文档", "documents"),
    "reindex_vectors": Text("计算向量", "vectors"),
    "reindex_done": Text(
        "索引已重建：{documents} 份文档，{vectors} 个向量，用时 {seconds} 秒",
        "The index is made anew: {documents} documents, {vectors} vectors, {seconds} s",
    ),
    "ray_watch": Text(
        "--ray 不能与 --watch 同用；请去掉其中一个", "--ray and --watch do not go together; leave out one of them"
    ),
    "ray_missing": Text(
        "--ray-embedders 要与 --ray 同用；请加上 --ray local 或集群地址",
        "--ray-embedders goes with --ray; add --ray local or the address of a cluster",
    ),
    "status_added": Text("已收录", "added"),
    "status_replaced": Text("已更新", "replaced"),
    "status_unchanged": Text("没有变化", "unchanged"),
    "status_failed": Text("失败", "failed"),
    "status_quarantined": Text("已隔离", "quarantined"),
    "status_pruned": Text("已移除", "pruned"),
    "nothing_found": Text("没有找到可以导入的文件", "No files to ingest were found"),
    "ingest_more": Text("……另有 {count} 个文件，全部见 --json", "… {count} more files, see --json for all"),
    "column_documents": Text("文档", "Documents"),
    "column_chunks": Text("向量块", "Chunks"),
    "column_seconds": Text("秒", "Seconds"),
    "column_file": Text("文件", "File"),
    "column_status": Text("结果", "Result"),
    "column_reason": Text("原因", "Reason"),
    "column_id": Text("编号", "Id"),
    "column_title": Text("标题", "Title"),
    "column_kind": Text("种类", "Kind"),
    "column_issuer": Text("发布机关", "Issuer"),
    "column_standing": Text("效力", "Standing"),
    "standing_current": Text("现行", "current"),
    "standing_superseded": Text("已有新版", "superseded"),
    "standing_repealed": Text("已废止", "repealed"),
    "standing_duplicate": Text("重复", "duplicate"),
    "standing_expired": Text("有效期已满", "expired"),
    "column_region": Text("地区", "Region"),
    "column_date": Text("日期", "Date"),
    "column_units": Text("单元", "Units"),
    "column_characters": Text("字数", "Characters"),
    "column_label": Text("名称", "Label"),
    "column_locator": Text("位置", "Locator"),
    "column_text": Text("原文", "Text"),
    "no_documents": Text(
        "还没有导入任何文档；先运行 zhengce ingest 文件或文件夹",
        "Nothing is indexed yet; run zhengce ingest FILE_OR_FOLDER first",
    ),
    "no_data_dir": Text(
        "数据目录 {path} 不存在；请检查 --data，或先运行 zhengce ingest 文件或文件夹",
        "The data folder {path} does not exist; check --data, or run zhengce ingest FILE_OR_FOLDER first",
    ),
    "stopping": Text("服务正在停止，请稍后再试", "The service is being stopped; try again in a moment"),
}
