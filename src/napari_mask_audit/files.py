"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from .errors import DatasetError


def write_whole(path: str | Path, content: bytes) -> Path:
    """Write a file so that readers see the old content or the new one, never half of it.

    Parameters
    ----------
    path : str or pathlib.Path
        Where to; folders on the way are made.
    content : bytes
        The whole content.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    DatasetError
        ``cannot-write``: no permission, no space, a folder of that name.
    """
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_and_rename(target, content)
    except OSError as error:
        raise DatasetError(
            "cannot-write",
            f"the file cannot be written ({error.strerror or error}). Choose another place, or "
            "make room.",
            file=target,
        ) from error
    return target


def _write_and_rename(target: Path, content: bytes) -> None:
    # In the same folder: a rename is only atomic within one file system.
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:80]}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(_permissions(target))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _permissions(target: Path) -> int:
    """Those of the file that is replaced; of a new file what the user's umask leaves."""
    if target.exists():
        return target.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
