"""The help of commands, arguments and options."""

from collections.abc import Mapping

from ui.texts.text import Text

HELP: Mapping[str, Text] = {
    "": Text(
        "政策问答：导入政策文件和新闻报道，用中文提问，每句回答都引用原文。",
        "Ask questions in Chinese about policy documents and news reports; every sentence quotes its source.",
    ),
    ".data": Text("数据目录（默认 ./data）", "data folder (default ./data)"),
    ".config": Text("配置文件（默认当前目录的 zhengce.toml）", "settings file (default zhengce.toml in this folder)"),
    ".lang": Text("界面语言：zh 或 en", "language of the interface: zh or en"),
    ".engine": Text(
        "回答引擎：extractive（不用语言模型）、llm（远程模型）或 local（本机模型）",
        "engine: extractive (no language model), llm (an endpoint) or local (a model on this machine)",
    ),
    ".debug": Text("出错时显示完整的调用栈", "show the full traceback of an error"),
    ".help": Text("显示帮助并退出", "show this help and exit"),
    ".as_json": Text("输出 JSON", "print JSON"),
    "ingest": Text(
        "读取文件或文件夹并建立索引；没有变化的文件会跳过。",
        "Read files or folders and index them; unchanged files are skipped.",
    ),
    "ingest.paths": Text(
        "文件或文件夹（文本、Markdown、网页、Word、PDF、OFD、图片、表格、ZIP 等）",
        "files or folders (text, Markdown, HTML, Word, PDF, OFD, images, tables, ZIP and more)",
    ),
    "ingest.kind": Text("文档种类；不写则自动判断", "kind of the documents; told from the text when left out"),
    "ingest.again": Text(
        "没有变化的、已隔离的文件也重新读", "read files again that did not change or are in quarantine"
    ),
    "ingest.watch": Text(
        "一直看着这些文件夹：新增、修改、删除都随即收录，Ctrl-C 结束",
        "keep watching these folders: what is added, changed or deleted is taken in; Ctrl-C ends",
    ),
    "ingest.prune": Text("从索引中删去这些路径下已不存在的文件", "forget files under these paths that are gone"),
    "ingest.ray": Text(
        "在 Ray 集群上读文件、算向量：local 为本机临时集群，或填已有集群的地址（host:6379、auto）",
        "read and embed on a Ray cluster: local for one of this machine, or the address of one (host:6379, auto)",
    ),
    "ingest.ray_embedders": Text(
        "集群上最多同时运行的向量模型数（默认每个节点一个）",
        "embedding models that run on the cluster at most (default: one for each node)",
    ),
    "reindex": Text(
        "用现在的向量模型从已收录的文档重建索引；升级、更换模型或向量丢失后用，可中断续做。",
        "Make the index anew from what is stored: after an upgrade, with another model, or where vectors are lost.",
    ),
    "reindex.if_needed": Text("不需要时什么也不做", "do nothing where it is not needed"),
    "ask": Text("问一个问题，回答附原文引用。", "Ask one question; the answer comes with its citations."),
    "ask.question": Text("问题", "the question"),
    "ask.history": Text(
        '此前的对话，JSON 数组：[{"role": "user", "content": "…"}, …]',
        'earlier turns, a JSON array: [{"role": "user", "content": "…"}, …]',
    ),
    ".document": Text(
        "只在这份文档里找，可多次使用（编号见 documents）",
        "only in this document; may be given several times (ids: see documents)",
    ),
    ".kind": Text("只在这种文档里找，可多次使用", "only in documents of this kind; may be given several times"),
    ".since": Text(
        "只在这一天起的文档里找，如 2024、2024-05、2024-05-06",
        "only in documents from this date on: 2024, 2024-05 or 2024-05-06",
    ),
    ".until": Text("只在到这一天为止的文档里找，写法同上", "only in documents up to this date, written the same way"),
    ".section": Text("只在标题含有这段文字的章节里找", "only in sections whose heading holds this text"),
    ".region": Text(
        "只在这个地区的文档里找，可多次使用（地区见 documents）",
        "only in documents of this region; may be given several times (regions: see documents)",
    ),
    ".as_of": Text(
        "按这一天有效的版本回答，写法同上；不写则按最新版本",
        "answer from the editions in force on this date, written the same way; else from the latest",
    ),
    ".title": Text("只在标题含有这段文字的文档里找", "only in documents whose title holds this text"),
    ".number": Text(
        "只在文号含有这段文字的文档里找，如 〔2024〕3号", "only in documents whose number (文号) holds this text"
    ),
    ".issuer": Text(
        "只在发布机关含有这段文字的文档里找，可多次使用",
        "only in documents whose issuer holds this text; may be given several times",
    ),
    ".topic": Text(
        "只在主题分类含有这段文字的文档里找，如 教育，可多次使用",
        "only in documents whose subject class (主题分类) holds this text; may be given several times",
    ),
    "ask.stream": Text(
        "逐句输出；与 --json 同用时每行一个事件", "print sentence by sentence; with --json one event a line"
    ),
    "check": Text(
        "校核：逐句核对草稿与来源，指出数字、名称、出处不符和查不到的句子。",
        "Check a draft against the sources: sentence by sentence, with the figures, names and references that differ.",
    ),
    "check.source": Text(
        "草稿文件（Word、PDF、文本等），- 表示标准输入", "file of the draft (Word, PDF, text …), - for standard input"
    ),
    "check.strict": Text(
        "有句子既非逐字也非同义改写时退出码为 1", "exit 1 where a sentence is neither verbatim nor merely reworded"
    ),
    ".output": Text(
        "写入文件，后缀决定格式（见命令说明）", "write a file; its suffix says the format (see the command)"
    ),
    "check.output": Text(
        "写入文件：.docx（原稿加批注）、.xlsx、.csv 或 .json",
        "write a file: .docx (the draft with comments), .xlsx, .csv or .json",
    ),
    "find": Text(
        "反查：列出提到一个词、地名、单位或项目的全部条目，另列意思相近的。",
        "Every unit that mentions a term, place, body or project, and apart from them those that mean it.",
    ),
    "find.term": Text("要查的词", "the term"),
    "find.related": Text("意思相近的最多列几条", "how many that only mean it, at most"),
    "find.output": Text("写入文件：.xlsx、.csv 或 .json", "write a file: .xlsx, .csv or .json"),
    "targets": Text(
        "目标台账：列出全部量化目标和有期限的任务；不指定文件时不含新闻报道。",
        "The ledger of quantified targets and dated commitments; without news reports where no document is named.",
    ),
    "targets.output": Text("写入文件：.xlsx、.csv 或 .json", "write a file: .xlsx, .csv or .json"),
    "diff": Text(
        "版本对比：逐条列出两个版本的增、删、改、拆、并、改号和目标变动。",
        "Compare two editions task by task: added, dropped, reworded, split, merged, renumbered, targets changed.",
    ),
    "diff.old": Text(
        "旧版：文档编号，或文件（只读取，不收录）",
        "the old edition: id of a document, or a file (which is not indexed)",
    ),
    "diff.new": Text("新版，写法同上", "the new edition, given the same way"),
    "diff.every": Text("没有变动的也列出", "list also what did not change"),
    "diff.output": Text("写入文件：.html、.docx 或 .json", "write a file: .html, .docx or .json"),
    "evidence": Text(
        "报道印证：哪些新闻段落报道了哪些任务，两边引文对照，分清方案要求与据报道。",
        "Which paragraphs of reports bear on which tasks, with quotes of both sides, each by its authority.",
    ),
    "evidence.policy": Text("只看这份政策（编号见 documents）", "only this policy (ids: see documents)"),
    "evidence.report": Text("只看这篇报道（编号见 documents）", "only this report (ids: see documents)"),
    "evidence.output": Text("写入文件：.xlsx、.csv 或 .json", "write a file: .xlsx, .csv or .json"),
    "match": Text(
        "企业匹配：按企业自述列出适合的方向、平台、支持、目标和负责单位，每行有出处。",
        "What the policies hold for an enterprise that describes itself, every line with its source.",
    ),
    "match.description": Text(
        "企业自述（行业、规模、来自哪里、需要什么），- 表示标准输入",
        "what the enterprise says of itself (sector, size, origin, needs), - for standard input",
    ),
    "match.output": Text("写入文件：.docx、.pdf 或 .json", "write a file: .docx, .pdf or .json"),
    "batch": Text(
        "一次回答许多问题：逐行读 JSON，逐行写 JSON，次序不变。",
        "Answer many questions: JSON lines in, JSON lines out, in order.",
    ),
    "batch.source": Text("输入文件，- 表示标准输入", "input file, - for standard input"),
    "batch.target": Text("输出文件，- 表示标准输出", "output file, - for standard output"),
    "documents": Text("列出已导入的文档。", "List what is indexed."),
    "units": Text("列出文档的各条任务和段落。", "List the tasks and paragraphs of the documents."),
    "units.document": Text("只列这一份文档（编号见 documents）", "only this document (ids: see documents)"),
    "eval": Text("用标准问题集评测，列出各类成绩。", "Score the answers on a file of gold questions."),
    "eval.gold": Text("标准问题集（JSON Lines）", "gold questions (JSON Lines)"),
    "eval.minimum": Text("总通过率低于此值时退出码为 1", "exit 1 when the pass rate is below this"),
    "eval.failures": Text("列出没有通过的问题", "list the questions that failed"),
    "serve": Text(
        "启动网页和接口：网页在 /，接口在 /api/v1，接口说明在 /docs。",
        "Serve the web page at /, the API at /api/v1 and its description at /docs.",
    ),
    "serve.host": Text("监听地址（默认 127.0.0.1）", "address to listen on (default 127.0.0.1)"),
    "serve.workers": Text(
        "进程数（默认 1）；大于 1 时只提供接口，不提供网页",
        "number of processes (default 1); with more than one only the API is served, without the page",
    ),
    "serve.port": Text("监听端口（默认 7860，0 表示任选）", "port to listen on (default 7860, 0 for any)"),
    "mcp": Text(
        "作为 MCP 服务在标准输入输出上运行，供其他助手调用；HTTP 方式见 serve 的 /mcp。",
        "Run as an MCP server on standard input and output, for other assistants; over HTTP it is at /mcp of serve.",
    ),
    "doctor": Text(
        "检查配置和运行环境，说明缺什么、怎么补。", "Check the set-up; say what is missing and how to mend it."
    ),
    "model": Text(
        "生成内置模型并按 SHA-256 核对；已有的只核对。默认放在用户的缓存文件夹。",
        "Build the models that come along, checked by SHA-256, in the user's cache folder; those there are checked again.",
    ),
    "model.to": Text("放在这个文件夹里", "build them in this folder"),
    "llm": Text(
        "本地语言模型：setup 下载、校验并试用，status 查看状态。",
        "The local language model: setup fetches, checks and tries it, status says how things are.",
    ),
    "llm.action": Text("setup 或 status", "setup or status"),
    "llm.model": Text(
        "用别的 GGUF：文件，或模型网站上的 所有者/仓库/文件.gguf",
        "another GGUF: a file, or OWNER/REPOSITORY/FILE.gguf on a model hub",
    ),
    "users": Text(
        "登录用户：add 添加，list 列出，remove 删除，role 改角色，password 改密码，forget 删除某人的数据。",
        "Who may sign in: add, list and remove users, change a role or a password; forget deletes what is kept of somebody.",
    ),
    "users.action": Text("add、list、remove、role、password 或 forget", "add, list, remove, role, password or forget"),
    "users.name": Text(
        "用户名（list 不需要）；forget 也可以是 visitor:… 或 key:…",
        "name of the user (not for list); for forget also visitor:… or key:…",
    ),
    "users.role": Text(
        "add 和 role 用：user 提问，admin 还能增删文件",
        "for add and role: user asks, admin may also change what is indexed",
    ),
    "users.password_stdin": Text(
        "密码取自标准输入的第一行，不在终端询问", "take the password from the first line of standard input"
    ),
    "serve.open_": Text("允许其他机器不登录、不带密钥就使用", "let others use it with neither sign-in nor keys"),
    "keys": Text(
        "接口密钥：create 新建（只显示这一次），list 列出，revoke 作废。",
        "Keys for programs: create (shown this once), list and revoke them.",
    ),
    "keys.action": Text("create、list 或 revoke", "create, list or revoke"),
    "keys.name": Text(
        "create：名称；revoke：编号或开头（list 不需要）",
        "create: a name; revoke: the id or the beginning (not for list)",
    ),
    "keys.scope": Text(
        "权限，可多次使用：ask 提问，read 读文档，ingest 增删文件，admin 全部",
        "what it may do, may be given several times: ask, read documents, ingest (change them), admin (all)",
    ),
    "keys.days": Text("有效天数（不写则一直有效）", "for how many days (for ever when left out)"),
    "keys.per_minute": Text(
        "每分钟的请求上限（不写则按 ZHENGCE_REQUESTS_PER_MINUTE）",
        "requests per minute (as ZHENGCE_REQUESTS_PER_MINUTE says when left out)",
    ),
    "keys.per_day": Text("每天（UTC）的请求上限（不写则不限）", "requests per day, UTC (no limit when left out)"),
    "audit": Text(
        "审计日志：list 列出，verify 检查有没有被改过，head 打印最后一行的摘要（请另存别处）。",
        "The audit log: list it, verify that nobody changed it, print the head digest (keep that elsewhere).",
    ),
    "audit.action": Text("list、verify 或 head", "list, verify or head"),
    "audit.since": Text(
        "list 时从这一天起，如 2026-05-06 或 2026-05-06T08:00",
        "for list: from this day on, such as 2026-05-06 or 2026-05-06T08:00",
    ),
    "audit.head": Text(
        "verify 时以前保存的摘要，用来查出末尾被删去的行",
        "for verify: a digest noted earlier, which shows what was cut off at the end",
    ),
    "backup": Text(
        "备份索引、上传的文件和状态数据库；服务可以照常运行。",
        "Back up the index, the uploads and the state database; the service may be running.",
    ),
    "backup.target": Text("备份文件，.tar.zst 或 .tar.gz", "the file to write, .tar.zst or .tar.gz"),
    "restore": Text(
        "从备份恢复到 --data 目录（先停止服务）；先核对每个文件，全部无误才替换。",
        "Restore a backup into the --data folder (stop the service first); nothing is replaced before all is checked.",
    ),
    "restore.source": Text("备份文件", "the backup"),
    "restore.force": Text(
        "目录或数据库里已有数据时也恢复；原来的文件移到旁边",
        "also where there are data already; the files that were there are moved aside",
    ),
    "feedback": Text("列出读者对回答的评价，新的在前。", "List what readers think of the answers, newest first."),
}
