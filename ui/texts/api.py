"""What the API says, and what its description says of it."""

from collections.abc import Mapping

from ui.texts.text import Text

SAID: Mapping[str, Text] = {
    "api_sign_in": Text("请先登录", "sign in first"),
    "api_forbidden": Text("没有这个权限", "you may not do this"),
    "api_no_key": Text(
        "请先登录，或出示接口密钥（Authorization: Bearer zc_…）",
        "sign in first, or show a key (Authorization: Bearer zc_…)",
    ),
    "api_key_only": Text(
        "这里只接受接口密钥；要用网页，请管理员设置 ZHENGCE_SIGN_IN=true",
        "only keys are let in; for the page set ZHENGCE_SIGN_IN=true",
    ),
    "api_key_wrong": Text("接口密钥无效", "the key is not valid"),
    "api_too_many": Text("请求太频繁，请 {seconds} 秒后再试", "too many requests; try again in {seconds} seconds"),
    "api_quota": Text(
        "这个密钥今天的 {limit} 次请求已用完，UTC 零点后恢复",
        "the {limit} requests of today are used up; it begins anew at 0:00 UTC",
    ),
    "api_busy": Text("正在回答的问题太多，请稍后再试", "too many questions are being answered; try again later"),
    "api_late": Text(
        "{seconds:g} 秒内没有得到回答；请换个问法，或稍后再试",
        "there was no answer within {seconds:g} seconds; ask differently, or try again later",
    ),
    "api_host": Text(
        "不接受用这个主机名访问；若是有意的，请把它加到 ZHENGCE_ALLOWED_HOSTS",
        "this host name is not accepted; if it is meant, add it to ZHENGCE_ALLOWED_HOSTS",
    ),
    "api_other_site": Text(
        "不接受来自其他网站的请求；若经过反向代理，请让它转发 Host",
        "Requests from other sites are refused; a reverse proxy must pass Host on",
    ),
    "api_conversations": Text("对话", "Conversations"),
    "api_conversations_list": Text("列出自己的对话", "List one's conversations"),
    "api_conversation_new": Text("新建对话", "Begin a conversation"),
    "api_conversation": Text("一个对话", "One conversation"),
    "api_conversation_name": Text("给对话改名", "Rename a conversation"),
    "api_conversation_delete": Text("删除对话", "Delete a conversation"),
    "api_export": Text("导出对话", "Export a conversation"),
    "api_message": Text("在对话里提问", "Ask within a conversation"),
    "api_rate": Text("评价回答", "Rate an answer"),
    "api_stopped": Text("回答已被停止", "The answer was stopped"),
    "api_feedback": Text("列出读者的评价和当时的回答", "List what readers think, with the answers they saw"),
    "api_widget_site": Text(
        "这个网站不在 ZHENGCE_WIDGET_ORIGINS 里，不能提问",
        "this site is not in ZHENGCE_WIDGET_ORIGINS and may not ask",
    ),
    "api_forget_me": Text("删除自己的全部数据", "Delete all that is kept of oneself"),
    "api_title": Text("政策问答接口", "Policy questions"),
    "api_questions": Text("问答", "Questions"),
    "api_documents": Text("文档", "Documents"),
    "api_health": Text("状态", "Health"),
    "api_ask": Text("问一个问题，回答附原文引用", "Ask one question; the answer comes with its citations"),
    "api_ask_stream": Text("问一个问题，逐句返回（服务器发送事件）", "Ask one question; the answer comes as events"),
    "api_batch": Text("一次问许多问题，次序不变", "Ask many questions, answered in order"),
    "api_search": Text("只检索，不回答：按相关程度列出原文", "Search without an answer: units of the sources, ranked"),
    "api_list": Text("列出文档", "List the documents"),
    "api_units_all": Text("分页列出各条任务和段落", "The tasks and paragraphs, page by page"),
    "api_document": Text("一份文档和它的全文", "One document with its text"),
    "api_units": Text("一份文档的各条任务和段落", "The tasks and paragraphs of one document"),
    "api_openai": Text("OpenAI 兼容接口", "OpenAI-compatible"),
    "api_models": Text("列出模型：当前的回答引擎", "List the models: the engine that is configured"),
    "api_model": Text("一个模型", "One model"),
    "api_chat": Text("对话补全，与 OpenAI 的接口兼容", "Chat completions, as OpenAI's clients ask for them"),
    "openai_no_model": Text("没有模型 {name}；可用的是 {known}", "There is no model {name}; there is {known}"),
    "openai_n": Text(
        "一次只给一个回答；请去掉 n，或设为 1", "There is one answer at a time; leave n out, or set it to 1"
    ),
    "openai_tools": Text(
        "不支持调用工具；请去掉 {name}，或设为 none", "Tools cannot be called; leave {name} out, or set it to none"
    ),
    "openai_format": Text(
        "只能回答文字；请去掉 response_format，或用 text",
        "Answers are text only; leave response_format out, or use text",
    ),
    "openai_no_question": Text("messages 里没有 user 的消息", "There is no message of the user in messages"),
    "openai_part": Text("只能读文字，不支持 {kind}", "Only text can be read, not {kind}"),
    "openai_sources": Text("**出处**", "**Sources**"),
    "api_mcp": Text("MCP 服务（streamable HTTP）", "The MCP server (streamable HTTP)"),
    "api_desk": Text("文书工具", "Desk tools"),
    "api_desk_check": Text("校核一段文字", "Check a text against the sources"),
    "api_desk_check_file": Text("校核一个草稿文件", "Check the file of a draft"),
    "api_desk_find": Text("反查：提到一个词的全部条目", "Every unit that mentions a term"),
    "api_desk_targets": Text("目标台账", "The ledger of targets"),
    "api_desk_diff": Text("两个版本的对照", "Compare two editions"),
    "api_desk_evidence": Text("报道与任务的印证", "Which reports bear on which tasks"),
    "api_desk_match": Text("企业匹配", "What policies hold for an enterprise"),
    "api_upload": Text("上传文件，在后台导入", "Upload files; they are read in the background"),
    "api_uploads": Text("上传过的文件和它们的进度", "What was uploaded, and how far it is"),
    "api_upload_one": Text("一个上传的进度和结果", "How far one upload is, and how it went"),
    "api_restore": Text("恢复这个版本", "Make this version the one in the index"),
    "api_discard": Text("删去一个不在用的版本", "Forget a version that is not in use"),
    "api_reindex": Text("重新导入这份文档所在的文件", "Read the file of this document again"),
    "api_remove": Text("删除这份文档所在的文件", "Forget the file of this document"),
    "api_storage": Text("数据占用的空间", "What the data take"),
    "api_healthz": Text("服务是否正常", "Whether the service is well"),
    "api_readyz": Text("服务是否可以接收请求", "Whether requests should be sent here"),
    "api_metrics": Text("运行指标（Prometheus 格式）", "Metrics, in the format of Prometheus"),
    "api_not_found": Text("没有这个地址；接口说明见 /docs", "There is nothing at this address; see /docs"),
    "api_bad": Text("请求体无法解析；接口说明见 /docs", "The request body cannot be read; see /docs"),
    "api_method": Text(
        "这个地址不支持该请求方法；接口说明见 /docs", "This address does not take that method; see /docs"
    ),
    "api_too_large": Text("请求体太大，上限是 {limit} 字节", "The request body is too large; at most {limit} bytes"),
    "api_invalid": Text("请求无效：{reason}", "The request is not valid: {reason}"),
    "api_refused": Text("请求未能完成（{status}）", "The request failed ({status})"),
    "api_internal": Text("服务内部错误，详情见服务日志", "Internal error; see the log of the service"),
}
