"""The binary formats of Word and WPS, which LibreOffice makes a .docx of."""

import shutil
import signal
import subprocess
import tempfile
from os import defpath, environ, killpg
from pathlib import Path

from ingest.lines import Extracted
from ingest.readers.docx import read_docx
from ingest.readers.office import OLE, refuse_password
from vectorstore.errors import ReadError

SECONDS = 60.0
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop>
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop>
</item>
</oor:items>
"""


def read_doc(data: bytes) -> Extracted:
    """Return the lines of a .doc or .wps file, which LibreOffice makes a .docx of. Raises ReadError."""
    if data.startswith(OLE):
        refuse_password(data)
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise ReadError("需要 LibreOffice 才能读 .doc/.wps 文件;请安装 libreoffice-writer,或另存为 .docx 后重试")
    with tempfile.TemporaryDirectory(prefix="zhengce-", ignore_cleanup_errors=True) as folder:
        return read_docx(_converted(program, data, Path(folder)))


def _converted(program: str, data: bytes, folder: Path) -> bytes:
    """Return the .docx that LibreOffice makes of ``data``, with a profile of its own in which no macro runs."""
    source, result, profile = folder / "document.doc", folder / "out" / "document.docx", folder / "profile"
    source.write_bytes(data)
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
    command = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck"]
    command += ["--convert-to", "docx", "--outdir", str(result.parent), str(source)]
    surroundings = {"PATH": environ.get("PATH", defpath), "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    try:
        _run(command, surroundings)
        return result.read_bytes()
    except subprocess.TimeoutExpired as error:
        raise ReadError(f"LibreOffice 转换超过 {SECONDS:g} 秒,已停止;请另存为 .docx 后重试") from error
    except (OSError, subprocess.CalledProcessError) as error:
        raise ReadError("LibreOffice 打不开这个文件;请用原来的软件另存为 .docx 后重试") from error


def _run(command: list[str], surroundings: dict[str, str]) -> None:
    """Run ``command`` in a session of its own: soffice is a script, and the program behind it has to end with it."""
    with subprocess.Popen(  # noqa: S603 - no shell, no argument from outside
        command,
        env=surroundings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            status = process.wait(SECONDS)
        except BaseException:
            killpg(process.pid, signal.SIGKILL)
            raise
    if status:
        raise subprocess.CalledProcessError(status, command[0])
