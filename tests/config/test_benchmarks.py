"""What a benchmark says when the servers it starts for itself cannot start."""

from pathlib import Path

import pytest

from benchmarks import frame
from config import servers
from config.processes import StartRefused


def test_a_benchmark_beside_another_says_which_folder_to_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def taken(data: Path) -> None:
        raise StartRefused(f"Postgres in {data} is in use. Set PRM_DATA to another folder.")

    monkeypatch.setattr(servers, "start_postgres", taken)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("PRM_BENCH_DATA", str(tmp_path / "bench"))
    assert frame.main(["screening"]) == 1
    assert "Set PRM_BENCH_DATA to another folder." in capsys.readouterr().err
