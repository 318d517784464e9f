"""``zhengce`` with the hash embedder, also in the processes that it starts: those run this file again, as ``__mp_main__``.

A question with 慢 in it takes TEST_SLOW seconds, the warming TEST_WARM. TEST_FINGERPRINT makes it another model.
"""

import os
import sys
import time

import numpy as np
from doors import HashEmbedder, WordRanker
from numpy.typing import NDArray

import ui.wiring


class SlowEmbedder(HashEmbedder):
    fingerprint = os.environ.get("TEST_FINGERPRINT", HashEmbedder.fingerprint)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        if "慢" in text or text == "预热":
            time.sleep(float(os.environ.get("TEST_SLOW" if "慢" in text else "TEST_WARM", "0")))
        return super().embed_query(text)


ui.wiring.open_model = lambda settings: SlowEmbedder()  # type: ignore[assignment,return-value]
ui.wiring.open_settings_ranker = lambda settings: WordRanker()  # type: ignore[assignment,return-value]

if __name__ == "__main__":
    from ui.cli import main

    sys.exit(main())
