"""What the desk tools say on the command line and over the API."""

from collections.abc import Mapping

from ui.texts.text import Text

SAID: Mapping[str, Text] = {
    "desk_draft_empty": Text(
        "草稿里没有文字；请给出要校核的内容", "The draft holds no text; give what is to be checked"
    ),
    "desk_draft_long": Text(
        "草稿有 {count} 个字，上限是 {limit} 个；请分几次校核（或调高 ZHENGCE_MAX_DRAFT_CHARS）",
        "The draft has {count} characters, the limit is {limit}; check it in parts (or raise ZHENGCE_MAX_DRAFT_CHARS)",
    ),
    "desk_term_empty": Text(
        "没有要查的词；请给出一个词、地名、单位或项目", "There is no term; give a word, a place, a body or a project"
    ),
    "desk_term_long": Text(
        "要查的词有 {count} 个字，上限是 {limit} 个；请只写名称，整段文字请用校核",
        "The term has {count} characters, the limit is {limit}; give a name only, and check whole paragraphs instead",
    ),
    "desk_description_empty": Text(
        "企业自述是空的；请写行业、规模、来自哪里、需要什么",
        "The description is empty; say the sector, the size, from where and what is needed",
    ),
    "desk_description_long": Text(
        "企业自述有 {count} 个字，上限是 {limit} 个；请缩短（或调高 ZHENGCE_MAX_QUESTION_CHARS）",
        "The description has {count} characters, the limit is {limit}; shorten it (or raise ZHENGCE_MAX_QUESTION_CHARS)",
    ),
    "desk_garbled": Text(
        "文字里有无法显示的字符（孤立的代理码位）；请去掉",
        "There are characters that are no text (lone surrogates); remove them",
    ),
    "desk_many_documents": Text(
        "{name} 里有 {count} 份文件（{titles}），看不出比哪一份；请拆成单独的文件",
        "{name} holds {count} documents ({titles}); put the one to compare into a file of its own",
    ),
    "desk_file_large": Text(
        "{name} 超过 {limit} MB；请拆成小文件（或调高 ZHENGCE_MAX_UPLOAD_BYTES）",
        "{name} has more than {limit} MB; split it (or raise ZHENGCE_MAX_UPLOAD_BYTES)",
    ),
    "desk_file_unreadable": Text("读不了 {name}：{reason}", "Cannot read {name}: {reason}"),
    "desk_files_busy": Text("正在读的文件太多，请稍后再试", "Too many files are being read; try again later"),
    "desk_no_file": Text("{name} 不是文件；请给出一个文件或 -", "{name} is no file; give a file or -"),
    "desk_upload_form": Text(
        "请求里应有一个文件，放在表单（multipart/form-data）的 file 里",
        "Send one file, as file in a form (multipart/form-data)",
    ),
    "desk_quoted": Text("{mark} {label} 《{title}》：{quote}", "{mark} {label} 《{title}》: {quote}"),
    "desk_sides": Text("旧版 {old}\n新版 {new}", "old {old}\nnew {new}"),
    "desk_line": Text("{about}：{text}", "{about}: {text}"),
    "desk_written": Text("已写入 {path}", "Written to {path}"),
    "desk_unwritable": Text("写不了 {path}：{reason}", "Cannot write {path}: {reason}"),
    "desk_suffix": Text(
        "--output 的后缀应为 {known}，写的是 {name}", "the suffix of --output must be one of {known}, not {name}"
    ),
}
