"""What is said of uploaded files."""

from collections.abc import Mapping

from ui.texts.text import Text

SAID: Mapping[str, Text] = {
    "upload_too_large": Text(
        "文件超过上限 {limit}；请拆成几个文件（或调高 ZHENGCE_MAX_UPLOAD_BYTES）",
        "The file is above the limit of {limit}; split it (or raise ZHENGCE_MAX_UPLOAD_BYTES)",
    ),
    "upload_one_too_large": Text(
        "{name} 超过上限 {limit}，这次的文件都没有接收；请去掉它或拆成几个文件（或调高 ZHENGCE_MAX_UPLOAD_BYTES）",
        "{name} is above the limit of {limit}, and none of the files was taken; leave it out or split it "
        "(or raise ZHENGCE_MAX_UPLOAD_BYTES)",
    ),
    "upload_unwritable": Text(
        "存不下上传的文件：{reason}；请检查数据目录的权限和磁盘空间",
        "The file cannot be kept: {reason}; check the permissions and the space of the data folder",
    ),
    "upload_suffix": Text(
        "不支持的文件类型 {suffix}；可用：{known}", "Files of type {suffix} are not supported; there are: {known}"
    ),
    "upload_no_suffix": Text("（无扩展名）", "(no suffix)"),
    "upload_empty": Text("文件是空的；请检查后重新上传", "The file is empty; check it and upload it again"),
    "upload_locked": Text(
        "等了很久仍不能写入索引（{reason}）；请等它结束后重新导入这个文件",
        "The index could not be written for long ({reason}); wait and read this file again",
    ),
    "upload_busy": Text(
        "正在导入别的文件；请等它完成后重试", "Another file is being read; wait until it is done and try again"
    ),
    "upload_broken": Text(
        "程序内部错误，详情见服务日志；可以重新导入这个文件",
        "Internal error, see the log of the service; the file may be read again",
    ),
    "upload_bytes_gone": Text(
        "这个版本的文件内容没有保存；请重新上传", "The content of this version is not kept; upload it again"
    ),
    "upload_source_gone": Text(
        "原文件 {name} 已不在原处；请把它放回，或上传它",
        "The file {name} is no longer where it was; put it back, or upload it",
    ),
    "upload_in_use": Text(
        "{name} 的这个版本正在使用；请先恢复别的版本，或删除这份文档",
        "This version of {name} is in use; restore another first, or delete the document",
    ),
    "upload_none": Text(
        "没有收到文件；请用 multipart/form-data 的 files 字段上传",
        "No file came; send it as the field files of multipart/form-data",
    ),
    "upload_form": Text(
        "上传的表单无法读取；请用 multipart/form-data 的 files 字段，一次最多 {limit} 个文件",
        "The form cannot be read; use the field files of multipart/form-data, at most {limit} files at once",
    ),
}
