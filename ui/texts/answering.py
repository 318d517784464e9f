"""What is said of the local language model, of serving and of questions."""

from collections.abc import Mapping

from ui.texts.text import Text

SAID: Mapping[str, Text] = {
    "llm_not_named": Text(
        "引擎 llm 需要 ZHENGCE_LLM_BASE_URL 和 ZHENGCE_LLM_MODEL（密钥用 ZHENGCE_LLM_API_KEY 或 ZHENGCE_LLM_API_KEY_FILE）",
        "the engine llm needs ZHENGCE_LLM_BASE_URL and ZHENGCE_LLM_MODEL (the key: ZHENGCE_LLM_API_KEY or ZHENGCE_LLM_API_KEY_FILE)",
    ),
    "question_empty": Text("问题是空的；请写出要问的内容", "The question is empty; write what you want to know"),
    "question_garbled": Text(
        "问题或对话里有无法显示的字符（孤立的代理码位）；请去掉",
        "There are characters that are no text (lone surrogates); remove them",
    ),
    "question_long": Text(
        "问题有 {count} 个字，上限是 {limit} 个；请缩短（或调高 ZHENGCE_MAX_QUESTION_CHARS）",
        "The question has {count} characters, the limit is {limit}; shorten it (or raise ZHENGCE_MAX_QUESTION_CHARS)",
    ),
    "history_turns": Text(
        "对话有 {count} 轮，上限是 {limit} 轮；请只带上最近的几轮",
        "The history has {count} turns, at most {limit} are allowed; send only the last ones",
    ),
    "history_long": Text(
        "对话共有 {count} 个字，上限是 {limit} 个；请只带上最近的几轮",
        "The history has {count} characters, at most {limit} are allowed; send only the last turns",
    ),
    "history_bad": Text(
        '对话文件 {path} 无效：{reason}；应为 JSON 数组，如 [{{"role": "user", "content": "…"}}]',
        '{path} is not a valid history: {reason}; write a JSON array such as [{{"role": "user", "content": "…"}}]',
    ),
    "citations": Text("引用", "Citations"),
    "nearest": Text("相近的原文", "Nearest in the sources"),
    "batch_progress": Text("回答", "Answering"),
    "batch_done": Text("共 {total} 行，失败 {failed} 行", "{total} lines, {failed} failed"),
    "eval_progress": Text("评测", "Scoring"),
    "eval_overall": Text("总通过率 {rate:.3f}", "Overall pass rate {rate:.3f}"),
    "eval_below": Text("低于要求的 {minimum:.3f}", "Below the required {minimum:.3f}"),
    "metric_category": Text("类别", "category"),
    "metric_questions": Text("题数", "n"),
    "metric_pass": Text("通过", "pass"),
    "metric_hit@1": Text("首位", "hit@1"),
    "metric_hit@5": Text("前五", "hit@5"),
    "metric_mrr": Text("MRR", "MRR"),
    "metric_citation_precision": Text("引用准", "cite P"),
    "metric_citation_recall": Text("引用全", "cite R"),
    "metric_fact_recall": Text("事实", "facts"),
    "metric_quote_validity": Text("引文", "quotes"),
    "metric_refusal_precision": Text("拒答准", "refuse P"),
    "metric_refusal_recall": Text("拒答全", "refuse R"),
    "metric_unsupported_before": Text("核前无据", "unsup. before"),
    "metric_unsupported_after": Text("核后无据", "unsup. after"),
    "metric_p50_ms": Text("p50 ms", "p50 ms"),
    "metric_p95_ms": Text("p95 ms", "p95 ms"),
    "serving": Text(
        "网页 {url}/ · 接口 {url}/api/v1 · 接口说明 {url}/docs（Ctrl-C 停止）",
        "Page {url}/ · API {url}/api/v1 · description {url}/docs (Ctrl-C stops)",
    ),
    "serving_open": Text(
        "注意：{host} 可被其他机器访问，而服务没有登录保护",
        "Note: {host} can be reached by others, and there is no login",
    ),
    "serving_unguarded": Text(
        "{host} 可被其他机器访问，而服务没有保护；请设置 ZHENGCE_SIGN_IN=true（登录），"
        "或 ZHENGCE_REQUIRE_KEY=true 并用 zhengce keys create 建立密钥，"
        "或加 --open（ZHENGCE_OPEN=true）表示任何人都可以使用",
        "{host} can be reached by others, and nothing guards the service; set ZHENGCE_SIGN_IN=true (people sign in), "
        "or ZHENGCE_REQUIRE_KEY=true with keys from zhengce keys create, "
        "or add --open (ZHENGCE_OPEN=true) to let anybody use it",
    ),
    "workers_store": Text(
        "{workers} 个进程不能共用数据目录里的向量库；请启动 Chroma 或 Milvus 服务并设置 "
        "ZHENGCE_STORE=chroma+http://主机:端口（或 milvus:http://主机:端口），或只用 1 个进程",
        "{workers} processes cannot share the vectors in the data folder: start a Chroma or Milvus server and set "
        "ZHENGCE_STORE=chroma+http://HOST:PORT (or milvus:http://HOST:PORT), or use one process",
    ),
    "serving_api": Text(
        "接口 {url}/api/v1 · 接口说明 {url}/docs · {workers} 个进程，不提供网页（Ctrl-C 停止）",
        "API {url}/api/v1 · description {url}/docs · {workers} processes, without the page (Ctrl-C stops)",
    ),
    "port_taken": Text(
        "无法监听 {host}:{port}（{reason}）；请用 --host 或 --port 换一个",
        "Cannot listen on {host}:{port} ({reason}); choose another with --host or --port",
    ),
    "model_progress": Text(
        "生成模型 {name}（下载约 {megabytes} MB）", "Building {name} (fetches about {megabytes} MB)"
    ),
    "model_progress_made": Text("生成模型 {name}", "Building {name}"),
    "model_built": Text("模型已生成：{path}", "Built {path}"),
    "model_there": Text("模型已就绪：{path}", "The model is there: {path}"),
    "model_damaged": Text("{path} 里的 {file} 校验不符，重新生成", "{file} in {path} is damaged; building it again"),
    "model_unwritable": Text(
        "无法写入 {path}：{reason}；请改正后重新运行 zhengce model，或用 --to 换一个文件夹",
        "Cannot write {path}: {reason}; mend that and run zhengce model again, or choose another folder with --to",
    ),
    "model_backend": Text("向量模型的运行方式：{backend}", "The embedding model is run by {backend}"),
    "backend_openvino": Text("OpenVINO float32", "OpenVINO float32"),
    "backend_int8": Text("OpenVINO int8", "OpenVINO int8"),
    "backend_torch": Text("PyTorch", "PyTorch"),
    "llm_progress": Text("下载本地语言模型（约 1.1 GB）", "Fetching the local language model (about 1.1 GB)"),
    "llm_trying": Text("正在试用本地语言模型……", "Trying the local language model…"),
    "llm_fetched": Text("已下载 {path}（{gigabytes:.2f} GB）", "Fetched {path} ({gigabytes:.2f} GB)"),
    "llm_there": Text("模型已就绪：{path}（{gigabytes:.2f} GB）", "The model is there: {path} ({gigabytes:.2f} GB)"),
    "llm_answered": Text("试问一句，回答：{answer}", "Asked a question, it says: {answer}"),
    "llm_speed": Text(
        "载入 {load:.1f} 秒，每秒读 {read:.0f} 个词元、写 {written:.1f} 个词元",
        "Loaded in {load:.1f} s; reads {read:.0f} and writes {written:.1f} tokens per second",
    ),
    "llm_use": Text(
        "用 --engine local 或 ZHENGCE_ENGINE=local 启用它", "Use it with --engine local or ZHENGCE_ENGINE=local"
    ),
    "llm_use_model": Text(
        "要一直用这个模型，请设置 ZHENGCE_LOCAL_MODEL={model}", "To keep this model, set ZHENGCE_LOCAL_MODEL={model}"
    ),
    "llm_model": Text("模型：{path}（{gigabytes:.2f} GB）", "Model: {path} ({gigabytes:.2f} GB)"),
    "llm_package": Text("xllamacpp {version}", "xllamacpp {version}"),
    "llm_runs_with": Text("线程 {threads}，上下文 {context} 个词元", "{threads} threads, {context} tokens of context"),
    "llm_no_package": Text(
        "缺少 xllamacpp；请运行 pip install 'zhengce[local]'（或 make llm）",
        "xllamacpp is missing; run pip install 'zhengce[local]' (or make llm)",
    ),
}
