"""Every text of the desk tools on the page: Chinese first, English beside it. Templates have them as ``d``."""

from collections.abc import Mapping

from ui.texts import Lang, Text

DESK: Mapping[str, Text] = {
    "tools": Text("工具", "Tools"),
    "tab_check": Text("校核", "Check"),
    "tab_find": Text("反查", "Look up"),
    "tab_targets": Text("目标台账", "Targets"),
    "tab_diff": Text("版本对比", "Compare"),
    "tab_evidence": Text("报道印证", "Evidence"),
    "tab_match": Text("企业匹配", "Match"),
    "does_check": Text(
        "粘贴一句话、一段话或整篇稿子，逐句与来源核对：数字、名称、条目对不对，措辞是否一致。",
        "Paste a sentence, a paragraph or a whole draft: each sentence is compared with the sources.",
    ),
    "does_find": Text(
        "输入一个词、地名、机构或项目，列出提到它的全部条目，另列意思相近的。",
        "A term, place, body or project: every unit that mentions it, and apart from those what means it.",
    ),
    "does_targets": Text(
        "列出文件里每一项量化目标和有期限的任务，可排序、作图、导出。",
        "Every quantified target and dated commitment of a document, to sort, chart and export.",
    ),
    "does_diff": Text(
        "两份文件逐条对比：哪些改了措辞，哪些目标变了，哪些新增、删去、拆分、合并。",
        "Two editions, unit by unit: what was reworded, which targets changed, what came, went, was split or merged.",
    ),
    "does_evidence": Text(
        "政策任务与新闻报道互相对照，方案要求与报道内容分开引用。",
        "Tasks beside the reports that bear on them; what a policy asks and what a report tells stay apart.",
    ),
    "does_match": Text(
        "说明行业、规模、从哪里来、需要什么，列出政策里与企业有关的内容，每一条都有出处。",
        "Say what your sector, size, origin and needs are: what the policies hold for you, every line cited.",
    ),
    # what is given
    "draft": Text("稿子", "Draft"),
    "draft_hint": Text(
        "把要核对的文字粘贴到这里，也可以打开 Word、WPS、PDF 等稿件文件",
        "Paste the text to check here, or open a Word, WPS, PDF or other file",
    ),
    "draft_file": Text("打开稿件文件", "Open a draft file"),
    "draft_kinds": Text("Word、WPS、PDF、网页或文本", "Word, WPS, PDF, web page or text"),
    "too_large": Text("文件超过 10 MB，请只选要核对的部分。", "The file is over 10 MB; choose the part to check."),
    "unreadable": Text("没能打开这个文件，请重试。", "This file could not be opened; please try again."),
    "term": Text("词语", "Term"),
    "term_hint": Text("词语、地名、机构、项目或行业", "A term, place, body, project or sector"),
    "document": Text("文件", "Document"),
    "every_policy": Text("全部政策文件", "All policies"),
    "every_report": Text("全部报道", "All reports"),
    "policy": Text("政策", "Policy"),
    "report": Text("报道", "Report"),
    "old": Text("旧版", "Old"),
    "new": Text("新版", "New"),
    "choose": Text("请选择…", "Choose…"),
    "no_editions": Text(
        "没有发现同一文件的多个版本，可任选两份文件对比。",
        "No document has several editions here; any two can be compared.",
    ),
    "description": Text("企业情况", "The enterprise"),
    "description_hint": Text(
        "例如：从事什么行业、多大规模、从哪里来、需要资金、人才、场地还是审批",
        "Sector, size, from where, what is needed: money, people, sites, permits",
    ),
    "run_check": Text("开始校核", "Check"),
    "run_find": Text("查找", "Look up"),
    "run_targets": Text("列出目标", "List targets"),
    "run_diff": Text("对比", "Compare"),
    "run_evidence": Text("对照", "Show evidence"),
    "run_match": Text("匹配", "Match"),
    "try": Text("试试：", "Try: "),
    "try_draft": Text("用一段示例稿", "Use a sample draft"),
    "try_description": Text("用一家示例企业", "Use a sample enterprise"),
    "sample_description": Text(
        "外省新材料制造企业，员工八十人，属于专精特新中小企业，想迁来建设生产线，需要贷款、人才住房和快一点的审批。",
        "外省新材料制造企业，员工八十人，属于专精特新中小企业，想迁来建设生产线，需要贷款、人才住房和快一点的审批。",
    ),
    "sample_unheld": Text("我市将建设一座航天发射场。", "我市将建设一座航天发射场。"),
    "working": Text("正在对照来源…", "Reading the sources…"),
    "working_long": Text("内容较多，仍在对照，请稍候…", "There is much to read; still at it…"),
    "gave_up": Text("等了很久还没有结果，请分段处理，或稍后再试。", "No result after a long wait; work in parts, or try again later."),
    "empty_store": Text(
        "还没有收录任何文件，收录之后才能使用这些工具。", "Nothing has been ingested yet; these tools need documents."
    ),
    # what is missing
    "give_check": Text("请先输入要校核的文字。", "Please enter the text to check."),
    "give_find": Text("请先输入要查找的词语。", "Please enter a term."),
    "give_diff": Text("请选择要对比的两份不同文件。", "Please choose two different documents."),
    "give_match": Text("请先说明企业的情况。", "Please describe the enterprise."),
    "too_long": Text("文字超过 {most} 字，请分段处理。", "More than {most} characters; please work in parts."),
    # every result
    "download": Text("下载", "Download"),
    "download_as": Text("下载 {format}", "Download {format}"),
    "downloaded": Text("已下载", "Downloaded"),
    "download_failed": Text("没能下载，请重试。", "The download failed; please try again."),
    "show": Text("只看", "Show"),
    "show_all": Text("全部", "All"),
    "more": Text("这里只列出前 {shown} 条，下载的文件里有全部。", "Only the first {shown} are listed; the files hold all."),
    "source": Text("出处", "Source"),
    "open": Text("《{title}》{label}，查看原文", "《{title}》 {label}, show the text"),
    # check
    "check_count": Text("共 {count} 句，{problems} 句与原文不一致", "{count} sentences, {problems} not as in the sources"),
    "problems": Text("只看不一致的", "Differing only"),
    "verdict": Text("结论", "Verdict"),
    "verdict_verbatim": Text("与原文一致", "Verbatim"),
    "verdict_reworded": Text("意思相同、措辞不同", "Reworded"),
    "verdict_altered": Text("数字或名称不符", "Altered"),
    "verdict_misattributed": Text("出处有误", "Misattributed"),
    "verdict_not_found": Text("来源中没有", "Not found"),
    "sentence": Text("稿件文字", "Sentence"),
    "draft_side": Text("稿件：", "draft: "),
    "source_side": Text("原文：", "source: "),
    "nothing_there": Text("（没有）", "(nothing)"),
    "no_sentences": Text("没有可以校核的句子。", "There is no sentence to check."),
    # find
    "counts": Text(
        "“{term}”：{documents} 份文件、{units} 个条目、{mentions} 处", "“{term}”: {mentions} in {units} units of {documents} documents"
    ),
    "exact": Text("提到这个词的条目（{count}）", "Units that mention it ({count})"),
    "related": Text("没有这个词、意思相近的条目（{count}）", "Units that mean it without the word ({count})"),
    "no_exact": Text("没有条目提到这个词。", "No unit mentions it."),
    "no_related": Text("没有意思相近的条目。", "No unit comes near it."),
    # targets
    "targets_count": Text("共 {count} 项目标", "{count} targets"),
    "no_targets": Text("这份文件里没有量化目标，也没有有期限的任务。", "There is no quantified target and no dated commitment."),
    "subject": Text("目标", "Target"),
    "comparator": Text("限定", "Limit"),
    "value": Text("数值", "Value"),
    "unit": Text("单位", "Unit"),
    "baseline": Text("基期", "Baseline"),
    "deadline": Text("期限", "Deadline"),
    "table": Text("列表", "Table"),
    "chart": Text("图示", "Chart"),
    "chart_group": Text("以“{unit}”计的目标（{count} 项）", "Targets in {unit} ({count})"),
    "chart_unitless": Text("不带单位的目标（{count} 项）", "Targets without a unit ({count})"),
    "chart_more": Text(
        "另有 {count} 项没有同单位的目标可比，只列在表里。",
        "{count} more have no other target in their unit and stand in the table only.",
    ),
    # diff
    "legend_old": Text("只在旧版里的字", "only in the old"),
    "legend_new": Text("只在新版里的字", "only in the new"),
    "edition_of": Text("{side}：《{title}》", "{side}: 《{title}》"),
    "changes_only": Text("有变化的", "Changes"),
    "change_added": Text("新增", "Added"),
    "change_dropped": Text("删去", "Dropped"),
    "change_split": Text("拆分", "Split"),
    "change_merged": Text("合并", "Merged"),
    "change_targets": Text("目标变化", "Targets changed"),
    "change_reworded": Text("措辞修改", "Reworded"),
    "change_renumbered": Text("仅编号变化", "Renumbered"),
    "change_unchanged": Text("未变", "Unchanged"),
    "renumbered_too": Text("编号有变", "renumbered"),
    "no_units": Text("两份文件都没有可对比的条目。", "Neither document has units to compare."),
    # evidence
    "by_task": Text("按任务", "By task"),
    "by_report": Text("按报道", "By report"),
    "policy_says": Text("方案要求", "The policy asks"),
    "report_says": Text("据报道", "A report tells"),
    "strength": Text("印证程度：{level}（{score}）", "Strength: {level} ({score})"),
    "level_strong": Text("强", "strong"),
    "level_medium": Text("中", "medium"),
    "level_weak": Text("弱", "weak"),
    "shared": Text("共同提到：", "Both mention: "),
    "listed": Text("、", ", "),
    "links_count": Text("{tasks} 项任务有报道，共 {links} 处对应", "{tasks} tasks are reported on, {links} links"),
    "unreported": Text("没有报道的任务（{count}）", "Tasks without a report ({count})"),
    "no_links": Text("没有报道与这些任务对应。", "No report bears on these tasks."),
    # match
    "understood_as": Text("这样理解企业", "Understood as"),
    "sectors": Text("行业", "Sectors"),
    "size": Text("规模", "Size"),
    "origin": Text("来自", "From"),
    "needs": Text("需要", "Needs"),
    "not_said": Text("没有说明", "not said"),
    "part_directions": Text("适合的方向", "Directions that fit"),
    "part_platforms": Text("平台与区域", "Platforms and districts"),
    "part_support": Text("可争取的支持", "Support"),
    "part_targets": Text("发展目标", "Where it is going"),
    "part_responsible": Text("责任单位", "Who is responsible"),
    "missing": Text("来源中没有：", "Not in the sources: "),
    "nothing_in_part": Text("来源中没有相关内容。", "Nothing in the sources."),
}  # fmt: skip


def tell(key: str, lang: Lang = "zh", **values: object) -> str:
    """Return the text ``key`` in ``lang`` with its variables filled in. Raises KeyError where one is missing."""
    text = DESK[key].in_(lang)
    return text.format(**values) if values else text
