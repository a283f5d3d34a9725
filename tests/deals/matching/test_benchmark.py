"""``python -m benchmarks matching``: measured on files in the documented shape, plain words without them."""

import json
from pathlib import Path

import pytest

from benchmarks.frame import available, main

FILES = {
    "accounts.csv": (
        "id,name,domain,country\n"
        "A1,Fjordvik Seafood AS,fjordvik.no,NO\n"
        "A2,Brindle Zeolite Ltd,,GB\n"
        "A3,Quartz Inc,quartz.example.com,US\n"
    ),
    "queries.csv": (
        "query_id,name,domain_or_empty,country,true_account_id_or_empty\n"
        "Q1,Fjordvik,www.fjordvik.no,NO,A1\n"
        "Q2,BRINDLE ZEOLITE LIMITED,,GB,A2\n"
        "Q3,Nobody Knows Them,,DE,\n"
    ),
    "queries_meta.csv": (
        "query_id,segment,alias_kind\nQ1,company,alias\nQ2,company,alias\nQ3,company,nonmatch_random\n"
    ),
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_measures_precision_and_recall(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["matching", "--data", str(data)]) == 0
    output = capsys.readouterr().out
    figures = json.loads(output.splitlines()[-1])
    assert figures["accounts"] == 3
    assert figures["segments"]["company"] == {
        "queries": 3,
        "matches": 2,
        "same_precision": 1.0,
        "same_recall": 1.0,
        "false_same": 0.0,
        "any_precision": 1.0,
        "first_five": 1.0,
        "shown": 0.6667,
    }
    assert figures["simple_rules"]["exact domain"]["company"]["same_recall"] == 0.5
    assert "Simple rule: exact domain" in output


def test_prints_only_json_when_asked(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["matching", "--data", str(data), "--rows", "1", "--json"]) == 0
    output = capsys.readouterr().out
    assert len(output.splitlines()) == 1
    assert json.loads(output)["segments"]["all"]["queries"] == 1


def test_says_what_data_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["matching"]) == 2
    assert "give their folder with --data DIR" in capsys.readouterr().err
    assert main(["matching", "--data", str(tmp_path)]) == 2
    assert f"There is no accounts.csv in {tmp_path}." in capsys.readouterr().err


def test_lists_the_benchmarks_and_refuses_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "matching" in capsys.readouterr().out
    assert available()["matching"].startswith("Same customer or not")
    assert main(["nothing"]) == 2
    assert "There is no benchmark 'nothing'" in capsys.readouterr().err
    assert main(["matching", "--rows", "0"]) == 2
