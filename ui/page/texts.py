"""Every text that the page shows: Chinese first, English beside it."""

from collections.abc import Mapping

from ui.texts import Lang, Text

PAGE: Mapping[str, Text] = {
    # the frame
    "title": Text("政策问答", "Policy questions"),
    "description": Text(
        "用中文询问政策文件和新闻报道，每句回答都附原文出处。",
        "Ask about policy documents and news reports; every sentence of an answer cites its source.",
    ),
    "new_conversation": Text("新对话", "New conversation"),
    "no_script": Text("这个页面需要 JavaScript。", "This page needs JavaScript."),
    # asking
    "question": Text("问题", "Question"),
    "question_hint": Text("输入问题，按回车发送", "Ask a question, Enter sends"),
    "send": Text("提问", "Ask"),
    "conversation": Text("对话", "Conversation"),
    "examples": Text("可以这样问", "For example"),
    "welcome": Text("想了解哪项政策？", "Which policy would you like to know about?"),
    # an empty store
    "empty": Text("还没有收录任何文件", "Nothing has been ingested yet"),
    "empty_how": Text(
        "先导入一个文件或文件夹（.txt、.md），再刷新这个页面：",
        "Ingest a file or a folder (.txt, .md), then reload this page:",
    ),
    "empty_command": Text("zhengce ingest 文件或文件夹", "zhengce ingest FILE_OR_FOLDER"),
    # an answer
    "you_asked": Text("问题", "Question"),
    "edit_understood": Text("改一改再问", "Edit and ask again"),
    "understood": Text("按此理解：", "Understood as: "),
    "status_answered": Text("依据来源回答", "Answered from the sources"),
    "status_corrected": Text("问题与来源不符，以来源为准", "The sources say otherwise"),
    "status_refused": Text("来源中没有", "Not in the sources"),
    "unsupported": Text("未见于来源", "not found in the sources"),
    "busy": Text("正在查阅来源…", "Reading the sources…"),
    "sources": Text("来源", "Sources"),
    "more_sources": Text("其余 {count} 条来源", "{count} more sources"),
    "open_source": Text("来源 {number}：{label}，查看原文", "Source {number}: {label}, show the text"),
    "show_source": Text("{label}，查看原文", "{label}, show the text"),
    "nearest": Text("内容相近的原文", "Near it in the sources"),
    "ask_about": Text("问这一条", "Ask about this"),
    "ask_about_label": Text("问这一条：{label}", "Ask about this: {label}"),
    "about_unit": Text("《{title}》{label}的原文是什么？", "《{title}》{label}的原文是什么？"),
    "earlier": Text("较早的 {count} 轮对话不再显示", "{count} earlier turns are no longer shown"),
    # something failed
    "failed": Text("没能回答", "No answer"),
    "retry": Text("再试一次", "Try again"),
    "broken": Text(
        "服务遇到了问题，这次没能完成；请稍后再试。", "The service ran into a problem; please try again later."
    ),
    "connection_trouble": Text(
        "与服务的连接出了问题，正在重试；若没有恢复，请刷新页面。",
        "There is trouble with the connection; trying again. Reload the page if it does not come back.",
    ),
    # the source panel
    "source_panel": Text("原文", "Source text"),
    "library": Text("已收录的文件", "Documents"),
    "library_count": Text("共 {count} 份", "{count} in all"),
    "library_more": Text("只列出前 {shown} 份", "only the first {shown} are listed"),
    "library_hint": Text("点击回答里的出处，这里会显示原文并标出引文。", "Click a citation to see its place here."),
    "library_empty": Text("导入之后，文件会列在这里。", "Documents are listed here once ingested."),
    "close": Text("关闭原文", "Close"),
    "heading_path": Text("所在位置", "Place"),
    "permalink": Text("本处链接", "Link to this place"),
    "no_document": Text(
        "没有找到这份文件；它可能已被移除或更新。", "There is no such document; it may have been removed or replaced."
    ),
    "kind_policy": Text("政策文件", "Policy"),
    "kind_news": Text("新闻报道", "News"),
    "kind_law": Text("法律法规", "Law"),
    "kind_other": Text("其他", "Other"),
}


def say(key: str, lang: Lang = "zh", **values: object) -> str:
    """Return the page's text ``key`` in ``lang`` with its variables filled in. Raises KeyError where one is missing."""
    text = PAGE[key].in_(lang)
    return text.format(**values) if values else text
