# zhengce: 政策文件问答。make help 列出命令。
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?=
CORPUS ?=
DATA ?= data
HOST ?= 127.0.0.1
PORT ?= 7860

JOBS ?= 2

BIN := .venv/bin
MODEL := models/zhengce-embedding
RANKER := models/zhengce-ranker
INT8 := $(MODEL)/openvino/openvino_model_int8.xml
VNNI := $(shell grep -qE 'avx512_vnni|avx_vnni|amx_int8|asimddp' /proc/cpuinfo 2>/dev/null && echo yes)
READY := .venv/.ready
LOCAL := .venv/.local
PUBLISHED := $(BIN)/python -c 'from pathlib import Path; from vectorstore import embedded_model as m; m.build(Path("models") / m.BASE, adapted=False)'
GGUF := models/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup train fit model int8 llm run test schema shots lint audit bench bench-guard bench-growth bench-steps bench-peers bench-desk bench-load bench-hostile bench-ingest bench-page bench-embedding clean

help: ## 列出命令
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20
	@echo '  变量:CORPUS=文件或文件夹  DATA=数据目录  HOST=地址  PORT=端口'

# torch comes first and from pip's own configuration: installed as somebody's dependency it would bring CUDA packages.
$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || { \
	  python=$$(scripts/choose_python "$(PYTHON)"); \
	  echo "正在建立 .venv($$("$$python" -V))……" >&2; "$$python" -m venv .venv; }
	@echo '正在安装依赖(首次需要几分钟)……' >&2
	@$(BIN)/python -m pip install -q 'pip>=24' # older ones know an extra only by the very spelling of its package
	@$(BIN)/python -m pip install -q -c constraints.txt torch
	@$(BIN)/python -m pip install -q -c constraints.txt -e '.[dev]'
	@touch $@

$(MODEL)/openvino/openvino_model.xml: $(READY) vectorstore/adapters/embedding.safetensors assistant/adapters/ranker.safetensors
	@rm -rf $(MODEL) $(RANKER)
	@$(BIN)/zhengce model --to models
	@touch $@

# Calibrated on the samples and on our own questions; nncf is needed for nothing else.
$(INT8): $(MODEL)/openvino/openvino_model.xml
	@{ $(BIN)/python -m pip install -q -c constraints.txt -e '.[int8]' && \
	  $(BIN)/python -m vectorstore.openvino_export $(MODEL) --int8 samples/corpus/* && \
	  $(BIN)/python -m training.calibration $(RANKER) && touch $@; } || \
	  echo '没有做成 int8 模型,仍用 float32。' >&2

$(LOCAL): $(READY)
	@echo '正在安装本地语言模型的运行环境……' >&2
	@$(BIN)/python -m pip install -q -c constraints.txt -e '.[local]'
	@touch $@

setup: $(READY) ## 建立 .venv 并安装锁定版本的依赖
model: $(MODEL)/openvino/openvino_model.xml $(if $(VNNI),$(INT8)) ## 生成内置的向量模型与排序模型
	@$(BIN)/zhengce model --to models >&2
int8: $(INT8) ## 另做 int8 向量模型(有 VNNI 一类指令的处理器上 make model 自动做,也只在那里自动使用)

llm: $(LOCAL) ## 安装、下载(约 1.1 GB)并试用本地语言模型
	@$(BIN)/zhengce llm setup

run: model ## 收录示例(或 CORPUS)并打开网页与接口
	@$(BIN)/zhengce --data "$(DATA)" reindex --if-needed
	@if [ -n "$(CORPUS)" ]; then $(BIN)/zhengce --data "$(DATA)" ingest "$(CORPUS)"; \
	elif [ ! -f "$(DATA)/catalog.sqlite3" ] || $(BIN)/zhengce --data "$(DATA)" documents --json | grep -q '"documents": \[\]'; then \
	  $(BIN)/zhengce --data "$(DATA)" ingest samples/corpus; fi
	@exec $(BIN)/zhengce --data "$(DATA)" serve --host "$(HOST)" --port "$(PORT)"

# Without the local language model its tests are skipped, with the reason said.
$(GGUF): $(LOCAL)
	@$(BIN)/zhengce llm setup && touch $@ || echo '没有得到本地语言模型,相关测试将跳过。' >&2

test: model $(GGUF) ## 准备好一切并运行全部测试
	@scripts/install_browser
	@scripts/install_postgresql
	@scripts/install_libreoffice
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

shots: model ## 走一遍网页的主要流程并更新 docs/journeys 的截图
	@scripts/install_browser
	@JOURNEY_SHOTS=1 $(BIN)/python -m pytest -q tests/test_journeys.py

lint: $(READY) ## 格式、静态检查、类型、分层
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# In an environment of its own: what looks for holes in the dependencies is none of them.
audit: ## 查锁定的依赖有没有公布的漏洞(需要网络)
	@test -x build/audit/bin/pip-audit || { "$$(scripts/choose_python "$(PYTHON)")" -m venv build/audit && \
	  build/audit/bin/python -m pip install -q 'pip-audit>=2.10,<3'; }
	@build/audit/bin/pip-audit --disable-pip --no-deps -r constraints.txt

schema: model ## 让 schemathesis 按接口说明发出大量请求并核对每个回答
	@SCHEMA_EXAMPLES=$(or $(EXAMPLES),100) $(BIN)/python -m pytest -q -s tests/test_schema.py

train: $(READY) ## 用 training/ 里的题目重新训练两个模型并拟合参数(两核约三小时,可中断后继续)
	@test -d models/multilingual-e5-small || $(PUBLISHED)
	@$(BIN)/python -m training
	@$(MAKE) model
	@$(BIN)/python -m training.fit

fit: model ## 只重新拟合判断参数,例如换了向量模型或排序模型之后
	@$(BIN)/python -m training.fit

bench: model ## 测量回答速度,写入 build/bench.json
	@mkdir -p build
	@$(BIN)/python -m benchmarks.ask --json build/bench.json

bench-guard: bench ## 与基线相比,有没有哪一步变慢
	@$(BIN)/python -m benchmarks.guard build/bench.json

bench-growth: model ## 规模增长的曲线,写入 docs/GROWTH.md(约一刻钟)
	@$(BIN)/python -m benchmarks.growth --write docs/GROWTH.md

bench-steps: model ## 检索的每一步带来多少,写入 docs/STEPS.md(约一小时,须有真实文件)
	@$(BIN)/python -m benchmarks.steps --write docs/STEPS.md

bench-peers: model ## 与 LangChain、LlamaIndex、Haystack、txtai 比较,写入 docs/PEERS.md(CORPUS=real:真实文件,docs/PEERS_REAL.md)
	@test -d models/multilingual-e5-small || $(PUBLISHED)
	@$(BIN)/python -m benchmarks.peers $(if $(CORPUS),--corpus $(CORPUS))

bench-desk: model ## 测量桌面工具的快慢
	@$(BIN)/python -m benchmarks.desk

bench-load: model ## 许多人同时提问时的快慢与内存(五分钟)
	@$(BIN)/python -m benchmarks.load

bench-hostile: $(READY) ## 读 30 个 1 到 50 MB 的恶意文本,看时间、内存和服务的回答(约三分钟)
	@$(BIN)/python -m benchmarks.hostile_texts

bench-ingest: model ## 测量各格式的读取、收录的快慢与内存(约二十分钟)
	@$(BIN)/python -m benchmarks.formats --write
	@$(BIN)/python -m benchmarks.ingest --scale 10000

bench-page: model ## 测量网页从提问到看见依据的时间
	@scripts/install_browser
	@$(BIN)/python -m benchmarks.page

bench-embedding: model ## 测量向量模型的快慢、内存与一致性,写入 docs/SPEED.md
	@$(BIN)/python -m benchmarks.embedding --write docs/SPEED.md

clean: ## 删除 .venv、模型与缓存(不动数据)
	rm -rf .venv models .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
