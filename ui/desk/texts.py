"""Every text of the desk tools' files: Chinese first, English beside it. What the page says too it says in the same words."""

from collections.abc import Mapping

from ui.page.desk.texts import DESK
from ui.texts import Lang, Text

FILES: Mapping[str, Text] = {
    "no_format": Text(
        "这种结果不能存为 {suffix} 文件；请改用 {formats}", "This result has no {suffix} file; use {formats} instead"
    ),
    # columns
    "number": Text("序号", "No."),
    "title": Text("文件", "Document"),
    "issuer": Text("发文机关", "Issuer"),
    "date": Text("日期", "Date"),
    "label": Text("条目", "Unit"),
    "path": Text("所在标题", "Under"),
    "page": Text("页", "Page"),
    "quote": Text("原文", "Text"),
    "differences": Text("不同之处", "Differences"),
    "relation": Text("关系", "Relation"),
    "relation_exact": Text("提到这个词", "Mentions it"),
    "relation_related": Text("意思相近", "Means it"),
    "task": Text("任务", "Task"),
    "news": Text("报道", "Report"),
    "paragraph": Text("段落", "Paragraph"),
    "level": Text("印证程度", "Strength"),
    "level_none": Text("没有报道", "not reported"),
    "score": Text("分值", "Score"),
    "words": Text("共同提到", "Both mention"),
    # between
    "path_join": Text(" › ", " › "),
    "difference_join": Text("；", "; "),
    "too_long": Text("……（太长，此处从略）", "… (too long for a cell)"),
    # a chart
    "bars": Text("图示", "Chart"),
    "bars_of": Text("以“{unit}”计的目标", "Targets in {unit}"),
    "bars_first": Text("（前 {count} 项）", " (the first {count})"),
    # a marked-up draft
    "checked": Text("校核结果", "Checked draft"),
    "author": Text("政策校核", "Policy check"),
    "initials": Text("校", "PC"),
    "made": Text("校核于 {at}。共 {count} 句：{counts}。", "Checked {at}. {count} sentence(s): {counts}."),
    "counted": Text("{verdict} {count}", "{verdict} {count}"),
    "difference": Text("稿件“{draft}”，原文“{source}”", "draft “{draft}”, source “{source}”"),
    "source_lacks": Text("稿件多出“{draft}”", "the draft adds “{draft}”"),
    "draft_lacks": Text("稿件缺少“{source}”", "the draft lacks “{source}”"),
    "from": Text("出处：《{title}》{label}", "Source: 《{title}》 {label}"),
    "nearest": Text("最接近的是：《{title}》{label}", "Nearest: 《{title}》 {label}"),
    "quoted": Text("原文：“{quote}”", "Text: “{quote}”"),
    "docx_unreadable": Text(
        "这份 Word 稿件打不开；请用 Word 另存后重试，或导出表格",
        "This Word draft cannot be opened; save it again in Word",
    ),
    "elsewhere": Text("此处无法批注的句子：“{text}”", "A sentence where no comment can stand: “{text}”"),
}


def tell(key: str, lang: Lang = "zh", **values: object) -> str:
    """Return the text ``key`` in ``lang`` with its variables filled in. Raises KeyError where one is missing."""
    text = (FILES[key] if key in FILES else DESK[key]).in_(lang)
    return text.format(**values) if values else text
