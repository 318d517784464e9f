"""The embedded ranker: the embedding model, what training made of it, and its heads, as an OpenVINO model."""

import shutil
import tempfile
import warnings
from collections.abc import Callable, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np

from vectorstore import adapter
from vectorstore.errors import EmbeddingError
from vectorstore.model_folder import seal
from vectorstore.openvino_embedding import MODEL, openvino
from vectorstore.openvino_export import quantized, save

NAME = "zhengce-ranker"
_KEPT = ("tokenizer.json", "tokenizer_config.json", "config.json")
_SMOOTH = 0.7  # least error of the logits on real pairs: 0.107 on average; 0.95, which is usual, 0.124, and 0.5 0.306
_ENCODER = "encoder."  # in front of the names of the base model's weights


def build(out: Path, base: Path, progress: Callable[[int, int], None] = lambda _done, _total: None) -> Path:
    """Build the ranker in ``out`` unless it is there, from the embedding model in ``base``, and return it.

    A stopped build leaves nothing behind in ``out``. ``progress`` is told how many of the steps are done.

    Raises EmbeddingError where it cannot be converted.
    """
    from safetensors.numpy import load_file

    if (out / MODEL).is_file():
        return out
    progress(0, 2)
    openvino()  # before torch and transformers can have it imported with its telemetry
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as scratch:
        made = Path(scratch) / out.name
        made.mkdir()
        for name in _KEPT:
            shutil.copy(base / name, made / name)
        weights = {f"{_ENCODER}{name}": tensor for name, tensor in load_file(base / "model.safetensors").items()}
        with as_file(files("assistant") / "adapters" / "ranker.safetensors") as path:
            merged = adapter.merge(weights, adapter.load(path))
        progress(1, 2)
        try:
            save(_convert(base, merged), made / MODEL, half=True)
        except (RuntimeError, ValueError, OSError) as error:
            raise EmbeddingError(f"无法生成排序模型:{str(error).splitlines()[0]}") from error
        seal(made)
        shutil.rmtree(out, ignore_errors=True)
        made.replace(out)
    progress(2, 2)
    return out


def quantize(folder: Path, pairs: Sequence[tuple[str, str]]) -> Path:
    """Add an int8 form to the ranker in ``folder``, calibrated on ``pairs`` of question and passage; return its path.

    Raises EmbeddingError where nncf is not installed.
    """
    from assistant.ranker import open_pair_tokenizer

    tokenizer = open_pair_tokenizer(folder)
    feeds = []
    for question, passage in pairs:
        ids = np.array([tokenizer.encode(question, passage).ids])
        feeds.append({"input_ids": ids, "attention_mask": np.ones_like(ids)})
    return quantized(folder, feeds, smooth=_SMOOTH)


def _convert(base: Path, weights: dict[str, Any]) -> Any:
    import torch
    from transformers import AutoConfig, AutoModel
    from transformers.utils import logging

    from assistant.ranker_model import RankerModel

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore", torch.jit.TracerWarning)  # branches on shapes that are the same for every text
        warnings.simplefilter("ignore", FutureWarning)  # of transformers about itself, as its attributes are read
        warnings.simplefilter("ignore", DeprecationWarning)  # openvino traces as torch would no longer have it
        config = AutoConfig.from_pretrained(base, local_files_only=True)
        encoder = AutoModel.from_config(config, attn_implementation="sdpa", add_pooling_layer=False)
        model = RankerModel(encoder).eval()
        wanted = model.state_dict()
        model.load_state_dict(
            {name: torch.from_numpy(np.array(weights[name])).float() for name in wanted if name in weights},
            strict=False,
        )
        missing = [name for name in wanted if name not in weights and not name.endswith("position_ids")]
        if missing:
            raise EmbeddingError(f"训练所得的权重不完整,缺 {missing[0]};请重新安装本程序")
        ov = openvino()
        example = {name: torch.ones((2, 8), dtype=torch.long) for name in ("input_ids", "attention_mask")}
        shapes = [(name, [-1, -1], ov.Type.i64) for name in example]
        converted = ov.convert_model(model, example_input=example, input=shapes)
    for port, name in zip(converted.outputs, ("judged", "points"), strict=True):
        port.get_tensor().set_names({name})
    return converted
