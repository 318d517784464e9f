"""What ``zhengce doctor`` says."""

from collections.abc import Mapping

from ui.texts.text import Text

SAID: Mapping[str, Text] = {
    "check_line": Text("{mark} {name}：{detail}", "{mark} {name}: {detail}"),
    "check_port": Text("监听端口", "Port"),
    "check_access": Text("访问控制", "Access"),
    "check_fonts": Text("PDF 字体", "Fonts for PDF"),
    "check_settings": Text("设置", "Settings"),
    "check_python": Text("Python", "Python"),
    "check_packages": Text("软件包", "Packages"),
    "check_torch": Text("PyTorch", "PyTorch"),
    "check_model": Text("向量模型", "Embedding model"),
    "check_ranker": Text("排序模型", "Ranker"),
    "check_data": Text("数据目录", "Data folder"),
    "check_store": Text("索引", "Store"),
    "check_state": Text("状态数据库", "State database"),
    "check_disk": Text("磁盘空间", "Disk"),
    "check_llm": Text("语言模型接口", "LLM endpoint"),
    "doctor_words": Text("{words}", "{words}"),
    "doctor_settings": Text("引擎 {engine}，存储 {store}", "engine {engine}, store {store}"),
    "doctor_python": Text("{version}", "{version}"),
    "doctor_python_old": Text("{version}，需要 3.11 至 3.13", "{version}, needs 3.11 to 3.13"),
    "doctor_python_mend": Text(
        "安装 Python 3.11、3.12 或 3.13，用它重新安装", "install Python 3.11, 3.12 or 3.13, and this program with it"
    ),
    "doctor_packages": Text("{count} 个必需的包都在", "all {count} required packages are there"),
    "doctor_packages_missing": Text("缺少 {names}", "missing: {names}"),
    "doctor_packages_mend": Text(
        "重新安装：源码目录里运行 make setup，别处用 pip install 重装 zhengce",
        "install again: make setup in the source folder, elsewhere zhengce with pip install",
    ),
    "doctor_torch": Text("{version}（CPU 版）", "{version} (CPU build)"),
    "doctor_torch_gpu": Text(
        "{version} 是 GPU 版，能用，但占用数 GB 磁盘", "{version} is a GPU build: works, but takes gigabytes"
    ),
    "doctor_torch_mend": Text(
        "不需要显卡；要省空间：pip uninstall torch 和各个 nvidia- 包，再按 PyTorch 官网给出的 CPU 安装命令装 torch=={release}",
        "no GPU is needed; to save the space pip uninstall torch and the nvidia- packages, then install torch=={release} by "
        "the command that PyTorch's site gives for CPU",
    ),
    "doctor_ranker": Text("{name}，加载并判断用时 {seconds:.1f} 秒", "{name}, loaded and tried in {seconds:.1f} s"),
    "doctor_ranker_off": Text(
        "没有使用排序模型，回答与拒答都不可靠", "no ranker is used: answers and refusals are unreliable"
    ),
    "doctor_ranker_mend": Text(
        "去掉 ZHENGCE_RERANKER_MODEL=off 以使用内置的排序模型",
        "remove ZHENGCE_RERANKER_MODEL=off to use the one that comes with it",
    ),
    "doctor_ranker_unfitted": Text(
        "{name} 可用，但没有为它拟合过判断参数", "{name} works, but nothing was fitted to it"
    ),
    "doctor_fit_mend": Text(
        "在源码目录运行 python -m training.fit --ranker 模型名",
        "run python -m training.fit --ranker NAME in the source tree",
    ),
    "doctor_model": Text(
        "{name}，{dimensions} 维，由 {backend} 运行，加载并编码用时 {seconds:.1f} 秒",
        "{name}, {dimensions} dimensions, run by {backend}, loaded and embedded in {seconds:.1f} s",
    ),
    "doctor_data": Text("{path} 可写", "{path} is writable"),
    "doctor_data_new": Text("{path} 还不存在，导入时建立", "{path} does not exist yet; ingest makes it"),
    "doctor_data_bad": Text("{path} 不可写", "{path} is not writable"),
    "doctor_data_mend": Text(
        "改正目录权限，或用 --data 换一个目录", "mend its permissions, or choose another with --data"
    ),
    "doctor_store": Text(
        "{documents} 份文档，{units} 个单元，与向量模型相符",
        "{documents} documents, {units} units, built by this model",
    ),
    "doctor_store_empty": Text("还没有文档", "no documents yet"),
    "doctor_store_skipped": Text("向量模型不可用，未检查", "not checked, for want of the model"),
    "doctor_store_mend": Text("运行 zhengce ingest 文件或文件夹", "run zhengce ingest FILE_OR_FOLDER"),
    "doctor_state": Text("{name} 可用，表结构 {revision}", "{name} is usable, its tables are at {revision}"),
    "doctor_state_old": Text(
        "表结构是 {found}，本程序需要 {needed}", "the tables are at {found}, this program needs {needed}"
    ),
    "doctor_state_mend": Text(
        "先备份，再启动服务，启动时自动升级", "make a backup and start the service: it brings them up to date"
    ),
    "doctor_port_any": Text("任选", "any"),
    "doctor_port_free": Text("{host}:{port} 空闲", "{host}:{port} is free"),
    "doctor_port_ours": Text("{host}:{port} 正由本服务使用（{status}）", "{host}:{port} is served by us ({status})"),
    "doctor_port_taken": Text("{host}:{port} 被别的程序占用", "{host}:{port} is taken by another program"),
    "doctor_port_bad": Text("不能监听 {host}:{port}", "cannot listen on {host}:{port}"),
    "doctor_port_mend": Text("用 --host 或 --port 换一个", "choose another with --host or --port"),
    "doctor_access_here": Text("{host} 只有本机能访问，不用登录", "only this machine reaches {host}; no login"),
    "doctor_access_open": Text(
        "{host} 可被其他机器访问，而没有登录也不要密钥", "others reach {host}, and there is neither login nor key"
    ),
    "doctor_access_mend": Text(
        "设置 ZHENGCE_SIGN_IN=true 或 ZHENGCE_REQUIRE_KEY=true", "set ZHENGCE_SIGN_IN=true or ZHENGCE_REQUIRE_KEY=true"
    ),
    "doctor_access_no_users": Text("需要登录，但还没有用户", "people must sign in, but there is no user"),
    "doctor_access_users_mend": Text("运行 zhengce users add 用户名", "run zhengce users add NAME"),
    "doctor_access_no_keys": Text("需要密钥，但还没有密钥", "programs need a key, but there is none"),
    "doctor_access_keys_mend": Text("运行 zhengce keys create 名称", "run zhengce keys create NAME"),
    "doctor_access_guarded": Text("用户 {users} 个，密钥 {keys} 个", "users: {users}, keys: {keys}"),
    "doctor_fonts": Text("{name}", "{name}"),
    "doctor_fonts_missing": Text("没有中文字体，不能导出 PDF", "no Chinese font: no export as PDF"),
    "doctor_fonts_mend": Text("安装 fonts-noto-cjk", "install fonts-noto-cjk"),
    "doctor_state_new": Text("{name} 还不存在，启动服务时建立", "{name} does not exist yet; the service makes it"),
    "doctor_disk": Text("剩余 {free:.1f} GB", "{free:.1f} GB free"),
    "doctor_disk_mend": Text("腾出至少 {least:.0f} GB 空间", "free at least {least:.0f} GB"),
    "doctor_llm_off": Text("未配置；extractive 引擎不需要", "not configured; the extractive engine needs none"),
    "doctor_llm_idle": Text(
        "{url} 已配置；当前引擎是 extractive，没有使用它",
        "{url} is configured; the engine is extractive and does not use it",
    ),
    "doctor_llm_on": Text("引擎 {engine}，模型 {name} 可用", "engine {engine}, the model {name} is ready"),
    "doctor_llm_package": Text(
        "缺少 xllamacpp，引擎 local 不能运行", "xllamacpp is missing; the engine local cannot run"
    ),
    "doctor_llm_package_mend": Text("运行 make llm", "run make llm"),
}
