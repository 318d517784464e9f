"""The regression guard: what became slower is told from ratios within one run."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks import guard
from benchmarks.ask import quiet
from benchmarks.guard import BASELINE, slower

BEFORE = {
    "loop": 2.0,
    "floor": 8.0,
    "understand": 1.0,
    "embed": 8.2,
    "retrieve": 9.0,
    "rank": 30.0,
    "answer": 1.5,
    "verify": 0.2,
}
BEFORE |= {"loop_cpu": 2.0, "floor_cpu": 15.0}
_STEPS = ("understand", "embed", "retrieve", "rank", "answer", "verify")
BEFORE["total"] = sum(BEFORE[step] for step in _STEPS)


def run(**changed: float) -> dict[str, float]:
    """Return the figures of a run in which steps take so many times as long."""
    times = {step: BEFORE[step] * changed.get(step, 1.0) for step in BEFORE}
    times["total"] = sum(times[step] for step in _STEPS)
    return times


@pytest.mark.parametrize("step", ["understand", "embed", "retrieve", "rank", "answer"])
def test_a_step_twice_as_slow_is_named(step: str) -> None:
    lines = slower(run(**{step: 2.0}), BEFORE)
    assert any(f"({step})变慢了" in line for line in lines)
    assert all(f"({step})" in line or "(total)" in line for line in lines)


def test_a_machine_slower_as_a_whole_is_not_blamed() -> None:
    assert slower({step: 3.7 * ms for step, ms in BEFORE.items()}, BEFORE) == []


def test_a_faster_model_makes_no_other_step_slower() -> None:
    assert slower(run(floor=0.4, embed=0.4), BEFORE) == []


def test_a_processor_slow_at_the_model_only_is_tolerated_but_not_without_limit() -> None:
    assert slower(run(floor=1.7, embed=1.7, floor_cpu=1.7), BEFORE) == []
    assert ["(floor)" in line for line in slower(run(floor=2.0, embed=2.0, floor_cpu=2.0), BEFORE)] == [True]


def test_a_model_that_only_waits_for_cores_is_not_slower() -> None:
    assert slower(run(floor=9.0, embed=9.0, floor_cpu=1.2), BEFORE) == []


def test_what_takes_next_to_nothing_is_noise() -> None:
    assert slower(run(verify=2.0), BEFORE) == []


def test_noise_within_the_tolerance_passes() -> None:
    assert slower(run(retrieve=1.3, loop=0.9), BEFORE) == []


def test_a_step_that_one_run_does_not_have_is_not_compared() -> None:
    assert slower(run() | {"write": 50.0}, {step: ms for step, ms in BEFORE.items() if step != "verify"}) == []


def test_the_quiet_quarter_is_below_the_disturbances() -> None:
    assert quiet([5.0, 1.0, 9.0, 1.2, 30.0, 1.1, 7.0, 40.0]) == 1.2


def test_the_command_fails_with_what_became_slower(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline, figures = tmp_path / "baseline.json", tmp_path / "bench.json"
    figures.write_text(json.dumps({"quiet_ms": BEFORE}), encoding="utf-8")
    command = ["guard", str(figures), "--baseline", str(baseline)]
    monkeypatch.setattr(sys, "argv", [*command, "--accept"])
    guard.main()
    monkeypatch.setattr(sys, "argv", command)
    guard.main()
    figures.write_text(json.dumps({"quiet_ms": run(retrieve=2.0)}), encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        guard.main()
    assert left.value.code == 1
    assert "检索(retrieve)变慢了" in capsys.readouterr().err


def test_the_committed_baseline_has_all_that_is_compared() -> None:
    held = json.loads(BASELINE.read_text(encoding="utf-8"))["quiet_ms"]
    assert {
        "loop",
        "floor",
        "loop_cpu",
        "floor_cpu",
        "understand",
        "embed",
        "retrieve",
        "answer",
        "total",
    } <= held.keys()
    assert slower(held, held) == []
