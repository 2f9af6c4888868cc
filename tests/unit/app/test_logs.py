from __future__ import annotations

from pathlib import Path

from app.run import logs


def test_logs_are_put_aside(tmp_path: Path) -> None:
    """A start moves the last logs aside and keeps two generations."""
    for number in range(4):
        logs.put_aside(tmp_path)
        (tmp_path / "web.log").write_text(str(number))
    contents = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert contents == {"web.log": "3", "web.log.1": "2", "web.log.2": "1"}


def test_last_words_without_colours(tmp_path: Path) -> None:
    """The last line that says anything is found, without terminal colours; no log has no words."""
    log = tmp_path / "x.log"
    assert logs.last_words(log) == ""
    log.write_text("first\n\x1b[31mValueError: no\x1b[0m\n\n")
    assert logs.last_words(log) == "ValueError: no"


def test_errors_are_shown_once_and_few(tmp_path: Path) -> None:
    """Error lines are shown as they come, none twice in a while, four at most; other lines are not."""
    log = tmp_path / "web.log"
    log.write_text("")
    watch = logs._Watch(log)
    with log.open("a") as file:
        file.write("level='warning' event='FATAL'\n")
        file.write("INFO x\nERROR a\nERROR a\nlevel='error' event='b'\n2026 CRITICAL c\nERROR d\nERROR e\n")
    assert watch.errors() == ["ERROR a", "level='error' event='b'", "2026 CRITICAL c", "ERROR d"]
    assert watch.errors() == []


def test_a_log_does_not_grow_for_ever(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """A log over its limit is copied aside and emptied, while its writer goes on."""
    monkeypatch.setattr(logs, "LARGEST", 10)
    log = tmp_path / "web.log"
    with log.open("a") as writer:
        writer.write("ERROR a long line\n")
        writer.flush()
        watch = logs._Watch(log)
        assert watch.errors() == ["ERROR a long line"]
        writer.write("ERROR next\n")
        writer.flush()
        assert watch.errors() == ["ERROR next"]
    assert (tmp_path / "web.log.1").exists()
