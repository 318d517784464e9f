"""A link in a folder of documents leads to nothing outside it."""

from pathlib import Path

from ingest.opening import find_files


def test_links_stay_in_the_folder(tmp_path: Path) -> None:
    outside, folder = tmp_path / "私密", tmp_path / "文件"
    outside.mkdir()
    folder.mkdir()
    (outside / "口令.txt").write_text("甲", encoding="utf-8")
    (folder / "方案.txt").write_text("乙", encoding="utf-8")
    (folder / "口令.txt").symlink_to(outside / "口令.txt")
    (folder / "深.txt").symlink_to(Path("..") / "私密" / "口令.txt")
    (folder / "里面.txt").symlink_to("方案.txt")
    (folder / "断.txt").symlink_to(outside / "没有.txt")
    (folder / "夹").symlink_to(outside)
    assert {path.name for path in find_files([folder])} == {"方案.txt", "里面.txt"}
    assert list(find_files([folder / "口令.txt"])) == [folder / "口令.txt"], "what somebody names is meant"
    (tmp_path / "别名").symlink_to(folder)
    assert len(list(find_files([tmp_path / "别名"]))) == 2, "the folder itself may be a link"
